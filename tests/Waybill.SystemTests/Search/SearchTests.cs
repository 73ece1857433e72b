using System.Net;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Processes;

namespace Waybill.Search;

/// <summary>The search API as its clients use it, on the same generated traces.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class SearchTests(GeneratedTraces generated) : IClassFixture<GeneratedTraces>
{
    [Theory]
    [InlineData("{ .a = }", 5)]
    [InlineData("{ name = \"x\" ", 0)]
    [InlineData("{ service.name = \"x\" }", 2)]
    [InlineData("{ duration > \"x\" }", -1)]
    public async Task A_wrong_query_is_refused_with_its_place(string query, int position)
    {
        using var answer = await Get($"/api/search?q={Uri.EscapeDataString(query)}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonElement error = (await Json(answer)).GetProperty("query");
        if (position >= 0) Assert.Equal(position, error.GetProperty("position").GetInt32());
        Assert.Contains("^", error.GetProperty("caret").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/search?q=%7B%7D+%7C+rate()", "q")]
    [InlineData("/api/search?limit=0", "limit")]
    [InlineData("/api/search?cursor=abc", "cursor")]
    [InlineData("/api/search?since=yesterday", "since")]
    [InlineData("/api/query_range?q=%7B%7D", "q")]
    [InlineData("/api/query_range?step=0s", "step")]
    [InlineData("/api/query_range?since=13d&step=1s", "step")]
    [InlineData("/api/attributes?scope=planet", "scope")]
    [InlineData("/api/attributes/intrinsic/nosuch/values", "scope")]
    public async Task A_wrong_parameter_is_refused_by_its_name(string path, string parameter)
    {
        using var answer = await Get(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(parameter, (await Json(answer)).GetProperty("parameter").GetString());
    }

    [Fact]
    public async Task The_catalog_has_every_attribute_with_its_types()
    {
        JsonElement listing = await Ask("/api/attributes?limit=10000");
        var seen = listing.GetProperty("attributes").EnumerateArray().Select(item => $"{item.GetProperty("scope").GetString()}.{item.GetProperty("key").GetString()}:{item.GetProperty("type").GetString()}").ToHashSet();
        var sent = generated.Traces.SelectMany(trace => trace.Spans).ToList();
        Assert.Superset(sent.SelectMany(span => span.Attributes.Keys).Distinct().ToHashSet(), seen.Where(item => item.StartsWith("span.", StringComparison.Ordinal)).Select(item => item[5..item.LastIndexOf(':')]).ToHashSet());
        foreach (string expected in (string[])["span.http.request.method:string", "span.http.response.status_code:int", "span.num:int", "span.real:float", "span.flag:bool", "span.list:array", "resource.service.name:string", "event.text:string", "intrinsic.duration:duration"])
            Assert.Contains(expected, seen);
    }

    [Theory]
    [InlineData("span/http.request.method", "", "GET,POST")]
    [InlineData("span/http.request.method", "P", "POST")]
    [InlineData("resource/service.name", "", "cart,mail,shop")]
    [InlineData("intrinsic/status", "", "error,ok,unset")]
    [InlineData("intrinsic/name", "GET", "GET /a,GET /b")]
    [InlineData("event/text", "x", "x,xy")]
    [InlineData("intrinsic/event:name", "", "exception,retry")]
    public async Task Values_are_completed(string field, string prefix, string values)
    {
        JsonElement listing = await Ask($"/api/attributes/{field}/values?prefix={prefix}");
        Assert.Equal(values, string.Join(',', listing.GetProperty("values").EnumerateArray().Select(value => value.GetProperty("value").GetString()).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Values_are_counted_among_the_spans_that_a_filter_finds()
    {
        JsonElement listing = await Ask($"/api/attributes/resource/service.name/values?q={Uri.EscapeDataString("{ status = error }")}");
        foreach (JsonElement value in listing.GetProperty("values").EnumerateArray())
        {
            int expected = generated.Traces.SelectMany(trace => trace.Spans).Count(span => span.Status == Query.Syntax.SpanStatus.Error && span.Resource["service.name"].First.Text == value.GetProperty("value").GetString());
            Assert.Equal(expected, value.GetProperty("spans").GetDouble());
        }
    }

    [Fact]
    public async Task Every_bucket_names_a_trace()
    {
        JsonElement answer = await Ask("/api/query_range?q=%7B%7D+%7C+rate()+by+(resource.service.name)&step=10s");
        foreach (JsonElement series in answer.GetProperty("series").EnumerateArray())
        {
            int filled = series.GetProperty("values").EnumerateArray().Count(value => value.GetDouble() > 0);
            Assert.Equal(filled, series.GetProperty("exemplars").EnumerateArray().Select(exemplar => exemplar.GetProperty("bucketUnixNano").GetString()).Distinct().Count());
        }
    }

    [Fact]
    public async Task An_infinite_number_of_a_resource_is_a_number()
    {
        // Outside the range of the other tests.
        long start = (generated.SinceUnixNano - 600_000_000_000) / 1_000_000_000;
        string trace = Guid.NewGuid().ToString("n");
        await generated.Server.Post("/v1/traces", System.Text.Encoding.UTF8.GetBytes($$$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"endless","value":{"doubleValue":"Infinity"}}]},
             "scopeSpans":[{"spans":[{"traceId":"{{{trace}}}","spanId":"00000000000000d1","name":"query","startTimeUnixNano":"{{{start}}}000000000","endTimeUnixNano":"{{{start}}}000000001"}]}]}]}
            """), "application/json");
        await generated.Server.Stored();
        using var answer = await Get($"/api/search?q={Uri.EscapeDataString("{ resource.endless > 1e300 }")}&since=1h");
        JsonElement found = Assert.Single((await Json(answer)).GetProperty("traces").EnumerateArray());
        Assert.Equal("Infinity", found.GetProperty("spanSets")[0].GetProperty("spans")[0].GetProperty("attributes").GetProperty("resource.endless").GetProperty("$double").GetString());
    }

    [Fact]
    public async Task A_client_that_goes_ends_its_search_in_the_engine()
    {
        using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        string slow = Uri.EscapeDataString("{ name =~ \"" + string.Concat(Enumerable.Repeat("(a|b|c|d)*", 40)) + "\" } >> { }");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generated.Server.At.Api.GetAsync($"/api/search?q={slow}&since=13d&limit=1000", gone.Token));
        await WaybillServer.Until("no statement of the search runs", async () =>
            await generated.Server.Number("SELECT count() FROM system.processes WHERE query LIKE '%groupArray%' AND query NOT LIKE '%system.processes%'") == 0);
    }

    private Task<HttpResponseMessage> Get(string path) => generated.Server.At.Api.GetAsync(path, TestContext.Current.CancellationToken);

    private async Task<JsonElement> Ask(string path)
    {
        using var answer = await Get($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}since={generated.SinceUnixNano}&until={generated.UntilUnixNano}");
        JsonElement json = await Json(answer);
        Assert.True(answer.IsSuccessStatusCode, json.ToString());
        return json;
    }

    private static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return json.RootElement.Clone();
    }
}
