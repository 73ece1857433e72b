using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;
using Waybill.Graph;
using Waybill.Processes;
using Waybill.RoundTrips;
using Waybill.Query;
using Waybill.Search;

namespace Waybill.Jaeger;

using TraceSpan = Waybill.Query.Evaluation.TraceSpan;

/// <summary>Requests as Jaeger's UI and Grafana's Jaeger data source send them, on generated traces.</summary>
public sealed class JaegerTests(GeneratedTraces generated) : IClassFixture<GeneratedTraces>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Times => $"start={generated.SinceUnixNano / 1_000}&end={generated.UntilUnixNano / 1_000}";
    private string Times3 => $"query.startTimeMin={Rfc3339(generated.SinceUnixNano)}&query.startTimeMax={Rfc3339(generated.UntilUnixNano)}";
    private IEnumerable<TraceSpan> Spans => generated.Traces.SelectMany(trace => trace.Spans);

    [Fact]
    public async Task Services_and_operations_are_listed_in_both_versions()
    {
        Assert.Equal(TraceGenerator.Services.Order(), (await Ask<Envelope<string[]>>("/jaeger/api/services")).Data!);
        Assert.Equal(TraceGenerator.Services.Order(), (await Ask<Services3>("/jaeger/api/v3/services")).Services);
        var operations = Spans.Where(span => ServiceOf(span) == "shop").Select(span => new Operation(span.Name, span.Kind == SpanKind.Unspecified ? "" : Static.Of(span.Kind).ToString())).ToHashSet();
        Assert.Equal(operations.Select(operation => operation.Name).Distinct().Order(), (await Ask<Envelope<string[]>>("/jaeger/api/services/shop/operations")).Data!.Order());
        Assert.Equal(operations, (await Ask<Envelope<Operation[]>>("/jaeger/api/operations?service=shop")).Data!.ToHashSet());
        Assert.Equal(operations.Where(operation => operation.SpanKind == "server").ToHashSet(), (await Ask<Envelope<Operation[]>>("/jaeger/api/operations?service=shop&spanKind=server")).Data!.ToHashSet());
        Assert.Equal(operations.Select(operation => operation.SpanKind.Length > 0 ? operation : operation with { SpanKind = "internal" }).ToHashSet(), (await Ask<Operations3>("/jaeger/api/v3/operations?service=shop")).Operations.ToHashSet());
        Assert.Empty((await Ask<Envelope<string[]>>("/jaeger/api/services/nobody/operations")).Data!);
    }

    [Fact]
    public async Task A_trace_is_what_was_sent()
    {
        foreach (Trace sent in generated.Traces.OrderByDescending(trace => trace.Spans.Count).Take(20))
        {
            UiTrace trace = Assert.Single((await Ask<Envelope<UiTrace[]>>($"/jaeger/api/traces/{sent.TraceId}?prettyPrint=true")).Data!);
            Assert.Equal(sent.TraceId, trace.TraceId);
            var spans = trace.Spans.ToDictionary(span => span.SpanId);
            Assert.Equal(sent.Spans.Count, spans.Count);
            foreach (TraceSpan expected in sent.Spans) Same(expected, spans[expected.SpanId], trace, sent);
        }
    }

    private static void Same(TraceSpan expected, UiSpan span, UiTrace trace, Trace sent)
    {
        Assert.Equal((expected.Name, (ulong)expected.StartUnixNano / 1_000, (ulong)expected.DurationNano / 1_000), (span.OperationName, span.StartTime, span.Duration));
        string[] references = [.. (expected.ParentId.Length > 0 ? new[] { $"CHILD_OF {sent.TraceId} {expected.ParentId}" } : []), .. expected.Links.Select(link => $"FOLLOWS_FROM {link.TraceId} {link.SpanId}")];
        Assert.Equal(references, span.References.Select(reference => $"{reference.RefType} {reference.TraceId} {reference.SpanId}"));
        Assert.Equal(expected.ParentId.Length > 0 && sent.Spans.All(other => other.SpanId != expected.ParentId), span.Warnings is not null);

        List<string> tags = [.. expected.Attributes.Select(Tag)];
        if (expected.Kind != SpanKind.Unspecified) tags.Add($"span.kind string {Static.Of(expected.Kind)}");
        if (expected.Status == SpanStatus.Error) tags.Add("error bool true");
        if (expected.Status == SpanStatus.Ok) tags.Add("otel.status_code string OK");
        if (expected.StatusMessage.Length > 0) tags.Add($"otel.status_description string {expected.StatusMessage}");
        if (expected.InstrumentationName.Length > 0) tags.Add($"otel.scope.name string {expected.InstrumentationName}");
        if (expected.InstrumentationVersion.Length > 0) tags.Add($"otel.scope.version string {expected.InstrumentationVersion}");
        Assert.Equal(tags.Order(StringComparer.Ordinal), Texts(span.Tags));

        UiProcess process = trace.Processes[span.ProcessId];
        Assert.Equal(ServiceOf(expected), process.ServiceName);
        Assert.Equal(expected.Resource.Where(attribute => attribute.Key != "service.name").Select(Tag).Order(StringComparer.Ordinal), Texts(process.Tags));
        Assert.Equal(expected.Events.Select(item => $"{item.UnixNano / 1_000}: {string.Join(", ", item.Attributes.Select(Tag).Append($"event string {item.Name}").Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal),
            span.Logs.Select(log => $"{log.Timestamp}: {string.Join(", ", Texts(log.Fields))}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("service=shop", "{ resource.service.name = \"shop\" }")]
    [InlineData("service=shop&operation=query", "{ resource.service.name = \"shop\" && name = \"query\" }")]
    [InlineData("service=cart&tags=%7B%22error%22%3A%22true%22%2C%22http.response.status_code%22%3A%22500%22%7D", "{ resource.service.name = \"cart\" && status = error && .http.response.status_code = 500 }")]
    [InlineData("service=cart&tag=span.kind%3Aserver&tag=http.request.method%3AGET", "{ resource.service.name = \"cart\" && kind = server && .http.request.method = \"GET\" }")]
    [InlineData("service=mail&minDuration=20ms&maxDuration=1.2s&lookback=1h", "{ resource.service.name = \"mail\" && duration >= 20ms && duration <= 1200ms }")]
    public async Task A_search_finds_what_one_span_has(string asked, string same)
    {
        string[] expected = [.. generated.Traces.Where(trace => new Interpreter(trace).Search(((SearchQuery)TraceQl.Parse(same).Query!).Pipeline).Count > 0).Select(trace => trace.TraceId).Order()];
        Assert.NotEmpty(expected);
        Envelope<UiTrace[]> found = await Ask<Envelope<UiTrace[]>>($"/jaeger/api/traces?{asked}&limit=1500&{Times}");
        Assert.Equal(expected, found.Data!.Select(trace => trace.TraceId).Order());
        Assert.All(found.Data!, trace => Assert.Equal(generated.Traces.Single(sent => sent.TraceId == trace.TraceId).Spans.Count, trace.Spans.Length));
        Assert.Equal(Math.Min(2, expected.Length), (await Ask<Envelope<UiTrace[]>>($"/jaeger/api/traces?{asked}&limit=2&{Times}")).Data!.Length);
    }

    [Fact]
    public async Task Traces_are_had_by_several_ids()
    {
        string[] ids = [.. generated.Traces.Take(3).Select(trace => trace.TraceId)];
        Assert.Equal(ids, (await Ask<Envelope<UiTrace[]>>($"/jaeger/api/traces?{string.Join('&', ids.Select(id => $"traceID={id}"))}&traceID=abc")).Data!.Select(trace => trace.TraceId));
    }

    [Theory]
    [InlineData("query.serviceName=shop&query.operationName=query&query.searchDepth=1000")]
    [InlineData("query.service_name=shop&query.operation_name=query&query.num_traces=1000")]
    public async Task Version_3_finds_traces_and_their_summaries(string asked)
    {
        Trace[] expected = [.. generated.Traces.Where(trace => trace.Spans.Any(span => ServiceOf(span) == "shop" && span.Name == "query"))];
        Result3 found = await Ask<Result3>($"/jaeger/api/v3/traces?{asked}&{Times3}");
        int spans = SentItems.Spans(JsonSerializer.SerializeToElement(new { resourceSpans = found.Result.ResourceSpans })).Length;
        Assert.Equal(expected.Sum(trace => trace.Spans.Count), spans);

        Summary[] summaries = (await Ask<Summaries3>($"/jaeger/api/v3/trace-summaries?{asked}&{Times3}")).Summaries;
        Assert.Equal(expected.Select(trace => trace.TraceId).Order(), summaries.Select(summary => summary.TraceId).Order());
        foreach (Summary summary in summaries)
        {
            Trace trace = expected.Single(trace => trace.TraceId == summary.TraceId);
            Assert.Equal((trace.Spans.Count, trace.Spans.Count(span => span.Status == SpanStatus.Error)), (summary.SpanCount, summary.ErrorSpanCount));
            Assert.Equal(trace.Spans.Count(span => span.ParentId.Length > 0 && trace.Spans.All(other => other.SpanId != span.ParentId)), summary.OrphanSpanCount);
            Assert.Equal(trace.Spans.Count, summary.Services.Sum(service => service.SpanCount));
            Assert.Equal(trace.Spans.Max(span => span.StartUnixNano + span.DurationNano).ToString(CultureInfo.InvariantCulture), summary.MaxEndTimeUnixNano);
        }
    }

    [Fact]
    public async Task Dependencies_are_in_the_envelope()
    {
        // The generated traces are older than what the map is made of at once; this one is outside their range of time, and so in no other test's way.
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await new SentTrace().Span("cart", "query", 3, "00000000000000c1", "", now, TimeSpan.FromMilliseconds(9)).Span("mail", "query", 2, "00000000000000c2", "00000000000000c1", now, TimeSpan.FromMilliseconds(5)).Send(generated.Server);
        Dependency[] dependencies = [];
        await WaybillServer.Until("the call is on the map", async () =>
        {
            await Task.Delay(200, Cancel);
            dependencies = (await Ask<Envelope<Dependency[]>>($"/jaeger/api/dependencies?endTs={now.ToUnixTimeMilliseconds() + 60_000}&lookback=600000")).Data!;
            return dependencies.Length > 0;
        });
        Assert.Equal([new Dependency("cart", "mail", 1)], dependencies);
        Assert.Empty((await Ask<Envelope<Dependency[]>>($"/jaeger/api/dependencies?endTs={now.ToUnixTimeMilliseconds() - 86_400_000}&lookback=600000")).Data!);
    }

    [Theory]
    [InlineData("/api/traces", 400, "service")]
    [InlineData("/api/traces?service=a&start=yesterday", 400, "start: ")]
    [InlineData("/api/traces?service=a&start=2&end=1", 400, "before end")]
    [InlineData("/api/traces?service=a&limit=99999", 400, "1500")]
    [InlineData("/api/traces?service=a&minDuration=1", 400, "minDuration: ")]
    [InlineData("/api/traces?service=a&tag=x", 400, "key:value")]
    [InlineData("/api/traces?service=a&tags=%7B%22a%22%3A", 400, "position 5")]
    [InlineData("/api/traces?service=a&tags=%5B%5D", 400, "object")]
    [InlineData("/api/traces?traceID=xyz", 400, "hexadecimal")]
    [InlineData("/api/traces/xyz", 400, "hexadecimal")]
    [InlineData("/api/traces/0000000000000abc", 404, "not found")]
    [InlineData("/api/traces/0", 404, "not found")]
    [InlineData("/api/operations", 400, "service")]
    [InlineData("/api/operations?service=a&spanKind=7", 400, "spanKind: ")]
    [InlineData("/api/dependencies?endTs=x", 400, "endTs: ")]
    [InlineData("/api/dependencies?lookback=-1", 400, "lookback: ")]
    [InlineData("/api/metrics/latencies?service=a", 501, "not answered")]
    public async Task Bad_input_is_refused_in_the_envelope(string path, int status, string says)
    {
        Envelope<object> refused = JaegerJson.Read<Envelope<object>>(await Refused($"/jaeger{path}", status));
        Assert.Null(refused.Data);
        StructuredError error = Assert.Single(refused.Errors!);
        Assert.Equal(status, error.Code);
        Assert.Contains(says, error.Msg, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/traces", 400, 3, "query.startTimeMin: ")]
    [InlineData("/traces?query.startTimeMin=2026-01-01T00:00:00Z", 400, 3, "query.startTimeMax: ")]
    [InlineData("/traces?query.start_time_min=1&query.start_time_max=2", 400, 3, "query.start_time_min: ")]
    [InlineData("/traces?query.startTimeMin=2026-01-02T00:00:00Z&query.startTimeMax=2026-01-01T00:00:00Z", 400, 3, "before")]
    [InlineData("/traces?query.startTimeMin=2026-01-01T00:00:00Z&query.startTimeMax=2026-01-02T00:00:00.5%2B01:00&query.durationMin=x", 400, 3, "query.durationMin: ")]
    [InlineData("/traces?query.startTimeMin=2026-01-01T00:00:00Z&query.startTimeMax=2026-01-02T00:00:00Z&query.serviceName=nobody", 404, 5, "No traces found")]
    [InlineData("/traces/abc", 404, 5, "No traces found")]
    [InlineData("/traces/xyz", 400, 3, "hexadecimal")]
    [InlineData("/traces/abc?startTime=x", 400, 3, "startTime: ")]
    [InlineData("/operations", 400, 3, "service: ")]
    public async Task Bad_input_is_refused_by_version_3_in_its_form(string path, int status, int grpcCode, string says)
    {
        Failure3Error error = JaegerJson.Read<Failure3>(await Refused($"/jaeger/api/v3{path}", status)).Error;
        Assert.Equal((status, grpcCode), (error.HttpCode, error.GrpcCode));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_tags_are_refused()
    {
        string tags = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"t{i}\":\"v\""));
        await Refused($"/jaeger/api/traces?service=a&tags={Uri.EscapeDataString($"{{{tags}}}")}", 400);
        await Refused($"/tempo/api/search?tags={string.Join('+', Enumerable.Range(0, 1_000).Select(i => $"t{i}=v"))}", 400);
    }

    private static string ServiceOf(TraceSpan span) => span.Resource["service.name"].First.Text!;

    private static string Tag(KeyValuePair<string, Value> attribute) => $"{attribute.Key} " + (attribute.Value.IsArray
        ? $"string [{string.Join(',', attribute.Value.Items.Select(item => item.Type == StaticType.String ? JsonSerializer.Serialize(item.Text) : item.ToString()))}]"
        : attribute.Value.First.Type switch
        {
            StaticType.String => $"string {attribute.Value.First.Text}",
            StaticType.Int => $"int64 {attribute.Value.First.Integer}",
            StaticType.Float => $"float64 {attribute.Value.First}",
            _ => $"bool {attribute.Value.First}",
        });

    private static IEnumerable<string> Texts(IEnumerable<UiTag> tags) => tags.Select(tag => $"{tag.Key} {tag.Type} {(tag.Value.ValueKind == JsonValueKind.String ? tag.Value.GetString() : tag.Value.GetRawText())}").Order(StringComparer.Ordinal);

    private static string Rfc3339(long unixNano) => DateTimeOffset.FromUnixTimeMilliseconds(unixNano / 1_000_000).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private async Task<T> Ask<T>(string path)
    {
        using var answer = await generated.Server.At.Api.GetAsync(path, Cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {Encoding.UTF8.GetString(body)}");
        return JaegerJson.Read<T>(body);
    }

    private async Task<byte[]> Refused(string path, int status)
    {
        using var answer = await generated.Server.At.Api.GetAsync(path, Cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {Encoding.UTF8.GetString(body)}");
        return body;
    }
}
