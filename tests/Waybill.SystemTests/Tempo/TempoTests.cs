using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Waybill.Processes;
using Waybill.Query;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;
using Waybill.Search;

namespace Waybill.Tempo;

using TraceSpan = Waybill.Query.Evaluation.TraceSpan;

/// <summary>Requests as Grafana's Tempo data source sends them, on generated traces; what they must find, the language's interpreter says.</summary>
public sealed class TempoTests(GeneratedTraces generated) : IClassFixture<GeneratedTraces>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Whole seconds around all spans, as Grafana sends them.
    private string Times => $"start={generated.SinceUnixNano / 1_000_000_000}&end={generated.UntilUnixNano / 1_000_000_000}";

    [Fact]
    public async Task Save_and_test_and_the_version_are_answered()
    {
        Assert.Equal("echo", Encoding.UTF8.GetString(await Get("/tempo/api/echo")));
        Assert.Equal("ready\n", Encoding.UTF8.GetString(await Get("/tempo/ready")));
        using var info = JsonDocument.Parse(await Get("/tempo/api/status/buildinfo"));
        Assert.Matches(@"^2\.\d+\.\d+$", info.RootElement.GetProperty("version").GetString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{ status = error && resource.service.name = \"shop\" }")]
    [InlineData("{ span.http.response.status_code >= 404 } >> { kind = server || span.flag = true }")]
    [InlineData("{ name =~ \"GET.*\" } | count() > 1")]
    public async Task A_search_finds_what_the_language_says(string query)
    {
        SearchResponse answer = await Ask<SearchResponse>($"/tempo/api/search?q={Uri.EscapeDataString(query)}&limit=1000&spss=1000&{Times}");
        Pipeline pipeline = ((SearchQuery)TraceQl.Parse(query).Query!).Pipeline;
        var expected = generated.Traces.Select(trace => (trace.TraceId, Sets: new Interpreter(trace).Search(pipeline))).Where(found => found.Sets.Count > 0)
            .ToDictionary(found => found.TraceId.TrimStart('0'), found => found.Sets.Select(set => set.Spans.Count).Order().ToArray());
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Keys.Order(), answer.Traces.Select(trace => trace.TraceId).Order());
        foreach (TraceSearchMetadata trace in answer.Traces)
        {
            Assert.Equal(expected[trace.TraceId], trace.SpanSets.Select(set => (int)set.Matched).Order());
            Assert.Equivalent(trace.SpanSets[0], trace.SpanSet);
            Trace whole = Whole(trace.TraceId);
            TraceSpan? root = whole.Spans.Where(span => span.ParentId.Length == 0).OrderBy(span => span.StartUnixNano).ThenBy(span => span.SpanId, StringComparer.Ordinal).FirstOrDefault();
            Assert.Equal(root is null ? "<root span not yet received>" : root.Resource["service.name"].First.Text, trace.RootServiceName);
            Assert.Equal(root?.Name ?? "", trace.RootTraceName);
            long begin = whole.Spans.Min(span => span.StartUnixNano);
            Assert.Equal(begin, long.Parse(trace.StartTimeUnixNano, CultureInfo.InvariantCulture));
            Assert.Equal((whole.Spans.Max(span => span.StartUnixNano + span.DurationNano) - begin) / 1_000_000, trace.DurationMs);
            foreach (var (service, stats) in trace.ServiceStats)
            {
                TraceSpan[] of = [.. whole.Spans.Where(span => span.Resource["service.name"].First.Text == service)];
                Assert.Equal((of.Length, of.Count(span => span.Status == SpanStatus.Error)), ((int)stats.SpanCount, (int)stats.ErrorCount));
            }
            foreach (FoundSpan found in trace.SpanSets.SelectMany(set => set.Spans))
            {
                TraceSpan span = Assert.Single(whole.Spans, span => span.SpanId == found.SpanId);
                Assert.Equal((span.Name, span.StartUnixNano.ToString(CultureInfo.InvariantCulture), span.DurationNano.ToString(CultureInfo.InvariantCulture)), (found.Name, found.StartTimeUnixNano, found.DurationNanos));
            }
        }
    }

    [Fact]
    public async Task Attributes_of_the_query_are_shown_without_their_scope_and_with_their_type()
    {
        const string query = "{ status = error && kind = server && span.num >= 0 } | select(resource.service.name, span.flag) | by(resource.service.name) | avg(duration) >= 0s";
        SearchResponse answer = await Ask<SearchResponse>($"/tempo/api/search?q={Uri.EscapeDataString(query)}&limit=1000&spss=1000&{Times}");
        Assert.NotEmpty(answer.Traces);
        foreach (SpanSet set in answer.Traces.SelectMany(trace => trace.SpanSets))
        {
            foreach (FoundSpan span in set.Spans)
            {
                Dictionary<string, AnyValue> shown = span.Attributes!.ToDictionary(pair => pair.Key, pair => pair.Value);
                Assert.Equal(("error", "server"), (shown["status"].StringValue, shown["kind"].StringValue));
                Assert.NotNull(shown["service.name"].StringValue);
                Assert.NotNull(shown["num"].IntValue);
                if (shown.TryGetValue("flag", out AnyValue? flag)) Assert.NotNull(flag.BoolValue);
            }
            Dictionary<string, AnyValue> computed = set.Attributes!.ToDictionary(pair => pair.Key, pair => pair.Value);
            Assert.Contains(computed["by(resource.service.name)"].StringValue, TraceGenerator.Services);
            Assert.EndsWith("s", computed["avg(duration)"].StringValue, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("service.name=shop", "", "{ resource.service.name = \"shop\" }")]
    [InlineData("error=true http.response.status_code=500", "", "{ status = error && .http.response.status_code = 500 }")]
    [InlineData("name=\"GET /a\"", "&minDuration=20ms&maxDuration=2s", "{ name = \"GET /a\" && duration >= 20ms && duration <= 2s }")]
    [InlineData("\"", "&x", null)]
    [InlineData("service.name=a service.name=b", "", null)]
    [InlineData("service.name=a", "&minDuration=long", null)]
    [InlineData("service.name=a", "&q=%7B%7D", null)]
    public async Task A_search_by_tags_is_the_same_as_in_the_language(string tags, string more, string? same)
    {
        string path = $"/tempo/api/search?tags={Uri.EscapeDataString(tags)}{more}&limit=1000&{Times}";
        if (same is null)
        {
            await Refused(path);
            return;
        }
        SearchResponse byTags = await Ask<SearchResponse>(path), byQuery = await Ask<SearchResponse>($"/tempo/api/search?q={Uri.EscapeDataString(same)}&limit=1000&{Times}");
        Assert.NotEmpty(byQuery.Traces);
        Assert.Equal(byQuery.Traces.Select(trace => trace.TraceId), byTags.Traces.Select(trace => trace.TraceId));
    }

    [Fact]
    public async Task Tags_come_by_scope()
    {
        TagScope[] scopes = (await Ask<SearchTagsV2Response>($"/tempo/api/v2/search/tags?limit=5000&{Times}")).Scopes;
        var byName = scopes.ToDictionary(scope => scope.Name, scope => scope.Tags);
        Assert.Superset((HashSet<string>)["resource", "span", "event", "instrumentation", "intrinsic"], byName.Keys.ToHashSet());
        Assert.Superset((HashSet<string>)["text", "num", "http.request.method", "with space"], byName["span"].ToHashSet());
        Assert.Contains("service.name", byName["resource"]);
        Assert.Contains("rootServiceName", byName["intrinsic"]);
        Assert.Equal(["resource"], (await Ask<SearchTagsV2Response>($"/tempo/api/v2/search/tags?scope=resource&{Times}")).Scopes.Select(scope => scope.Name));
        Assert.Equal(scopes.SelectMany(scope => scope.Tags).Distinct().Order(), (await Ask<SearchTagsResponse>($"/tempo/api/search/tags?{Times}")).TagNames.Order());
    }

    [Theory]
    [InlineData("resource.service.name", "", "string:cart,string:mail,string:shop")]
    [InlineData("resource%252Eservice%252Ename", "", "string:cart,string:mail,string:shop")]    // encoded twice, as the frontend does
    [InlineData(".service.name", "", "string:cart,string:mail,string:shop")]
    [InlineData("status", "", "keyword:error,keyword:ok,keyword:unset")]
    [InlineData("span:kind", "", "keyword:client,keyword:consumer,keyword:internal,keyword:producer,keyword:server,keyword:unspecified")]
    [InlineData("span.flag", "", "bool:false,bool:true")]
    [InlineData("span.http.request.method", "{ span.http.request.method = \"GET\" && resource.x = }", "string:GET")]   // half typed
    [InlineData("span.http.request.method", "{ span.http.request.method =", "string:GET,string:POST")]
    [InlineData("name", "{ name = \"query\" }", "string:query")]
    public async Task Values_come_with_their_types(string tag, string query, string values)
    {
        string filter = query.Length == 0 ? "" : $"&q={Uri.EscapeDataString(query)}";
        TagValue[] found = (await Ask<SearchTagValuesV2Response>($"/tempo/api/v2/search/tag/{tag}/values?limit=5000{filter}&{Times}")).TagValues;
        Assert.Equal(values, string.Join(',', found.Select(value => $"{value.Type}:{value.Value}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Values_of_the_first_version_are_texts()
    {
        SearchTagValuesResponse found = await Ask<SearchTagValuesResponse>($"/tempo/api/search/tag/service.name/values?{Times}");
        Assert.Equal(TraceGenerator.Services.Order(), found.TagValues.Order());
    }

    [Fact]
    public async Task Rates_have_samples_on_the_grid_and_exemplars_that_are_traces()
    {
        const int step = 10;
        QueryRangeResponse answer = await Ask<QueryRangeResponse>($"/tempo/api/metrics/query_range?q={Uri.EscapeDataString("{ } | rate() by (resource.service.name)")}&step={step}s&exemplars=50&{Times}");
        Assert.Equal("COMPLETE", answer.Status);
        Assert.Equal(TraceGenerator.Services.Order(), answer.Series.Select(series => series.Labels.Single().Value.StringValue).Order());
        foreach (TimeSeries series in answer.Series)
        {
            Assert.Equal("resource.service.name", series.Labels[0].Key);
            Assert.All(series.Samples, sample => Assert.Equal(0, long.Parse(sample.TimestampMs, CultureInfo.InvariantCulture) % (step * 1000)));
            int spans = generated.Traces.SelectMany(trace => trace.Spans).Count(span => span.Resource["service.name"].First.Text == series.Labels[0].Value.StringValue);
            Assert.Equal(spans, series.Samples.Sum(sample => sample.Value) * step, 6);
            Assert.All(series.Exemplars!, exemplar => Whole(exemplar.Labels.Single(label => label.Key == "trace:id").Value.StringValue!));
        }
    }

    [Theory]
    [InlineData("{ } | count_over_time()", "__name__")]
    [InlineData("{ } | quantile_over_time(duration, .5, .99) by (name)", "name,p")]
    [InlineData("{ } | histogram_over_time(duration)", "__bucket")]
    public async Task A_query_at_one_time_has_one_value_a_series(string query, string labels)
    {
        QueryInstantResponse answer = await Ask<QueryInstantResponse>($"/tempo/api/metrics/query?q={Uri.EscapeDataString(query)}&{Times}");
        Assert.NotEmpty(answer.Series);
        Assert.All(answer.Series, series => Assert.Equal(labels, string.Join(',', series.Labels.Select(label => label.Key))));
        Assert.All(answer.Series.SelectMany(series => series.Labels).Where(label => label.Key is "p" or "__bucket"), label => Assert.NotNull(label.Value.DoubleValue));
        if (labels == "__name__") Assert.Equal(generated.Traces.Sum(trace => trace.Spans.Count), answer.Series.Single().Value);
    }

    [Theory]
    [InlineData("start=1700000000.25&end=1700000001.75", true)]
    [InlineData("start=1700000000000000000&end=1700000001000000000", true)]
    [InlineData("start=2023-11-14T22:13:20Z&end=2023-11-14T22:13:21.5%2B00:00", true)]
    [InlineData("since=15m", true)]
    [InlineData("start=yesterday&end=1700000001", false)]
    [InlineData("start=1700000001&end=1700000000", false)]
    [InlineData("start=1700000000&end=NaN", false)]
    [InlineData("start=-5&end=1e300", false)]
    [InlineData("since=-1h", false)]
    [InlineData("step=0", false)]
    [InlineData("step=0.001&since=300h", false)]
    [InlineData("exemplars=many", false)]
    public async Task Times_are_taken_in_every_form_and_refused_in_no_form(string parameters, bool taken)
    {
        string path = $"/tempo/api/metrics/query_range?q=%7B%7D%7Crate()&{parameters}";
        if (taken) await Ask<QueryRangeResponse>(path);
        else await Refused(path);
    }

    [Fact]
    public async Task A_trace_is_found_by_an_id_without_its_leading_zeros_and_an_unknown_one_is_not()
    {
        Trace trace = generated.Traces[0];
        JsonElement Spans(byte[] json)
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }

        Assert.True(Spans(await Get($"/tempo/api/v2/traces/{trace.TraceId}?{Times}")).GetProperty("trace").GetProperty("resourceSpans").GetArrayLength() > 0);
        // Not found: an error in the first version, an empty trace in the second, which must be there, or Grafana fails on it.
        using var missing = await generated.Server.At.Api.GetAsync("/tempo/api/traces/abc123", Cancel);
        Assert.Equal((HttpStatusCode.NotFound, "trace not found"), (missing.StatusCode, await missing.Content.ReadAsStringAsync(Cancel)));
        Assert.Equal(0, Spans(await Get("/tempo/api/v2/traces/abc123")).GetProperty("trace").GetProperty("resourceSpans").GetArrayLength());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/tempo/api/v2/traces/abc123") { Headers = { { "Accept", "application/protobuf" } } };
        using var empty = await generated.Server.At.Api.SendAsync(request, Cancel);
        Assert.NotNull(OtlpReader.ReadById(await empty.Content.ReadAsByteArrayAsync(Cancel))["trace"]);
        await Refused("/tempo/api/traces/notanid");
        await Refused("/tempo/api/v2/traces/0123456789012345678901234567890123");
    }

    [Theory]
    [InlineData("/tempo/api/search?q=", "{ name = \"x\" ", "line 1, column 1")]
    [InlineData("/tempo/api/search?q=", "{ .a = }", "line 1, column 6")]
    [InlineData("/tempo/api/search?q=", "{ .a = 1 } | rate()", "query_range")]
    [InlineData("/tempo/api/metrics/query_range?q=", "{ } | rate() by (", "line 1, column ")]
    [InlineData("/tempo/api/metrics/query?q=", "{ }", "search")]
    [InlineData("/tempo/api/v2/search/tags?scope=", "planet", "resource, span")]
    [InlineData("/tempo/api/v2/search/tag/", "{ }/values", "")]
    [InlineData("/tempo/api/search?limit=", "0", "1 to")]
    [InlineData("/tempo/api/search?spss=", "-1", "0 to")]
    [InlineData("/tempo/api/search?minDuration=", "x", "100ms")]
    public async Task Bad_input_is_refused_in_plain_text_with_its_place(string path, string value, string says)
    {
        // A path's part keeps its slash.
        string text = await Refused(path + (value.EndsWith("/values", StringComparison.Ordinal) ? $"{Uri.EscapeDataString(value[..^7])}/values" : Uri.EscapeDataString(value)));
        Assert.Contains(says, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_parentheses_are_refused_with_their_place_and_a_mebibyte_before_it_is_read()
    {
        string text = await Refused($"/tempo/api/search?q={new string('(', 10_000)}");
        Assert.Contains("column", text, StringComparison.Ordinal);
        Assert.True(text.Length < 2_000, $"The answer has {text.Length} characters.");
        using var answer = await generated.Server.At.Api.GetAsync($"/tempo/api/search?q=%7B%7D{new string(' ', 1024 * 1024).Replace(' ', '+')}", Cancel);
        Assert.Equal(HttpStatusCode.RequestUriTooLong, answer.StatusCode);
        await Get("/tempo/ready");
    }

    private Trace Whole(string id) => Assert.Single(generated.Traces, trace => trace.TraceId.TrimStart('0') == id.TrimStart('0'));

    private async Task<T> Ask<T>(string path) => GrafanaJson.Read<T>(await Get(path));

    private async Task<byte[]> Get(string path)
    {
        using var answer = await generated.Server.At.Api.GetAsync(path, Cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {Encoding.UTF8.GetString(body)}");
        return body;
    }

    private async Task<string> Refused(string path)
    {
        using var answer = await generated.Server.At.Api.GetAsync(path, Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        return text;
    }
}
