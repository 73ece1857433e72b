using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waybill.Durability;
using Waybill.Processes;
using Waybill.Tempo;

namespace Waybill.Traces;

/// <summary>Traces that are large, or not trees, through the whole program.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class LargeTraceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_trace_of_100000_spans_is_taken_in_and_read_back_whole()
    {
        const int Spans = 100_000, PerRequest = 10_000;
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        ulong now = Requests.Now;
        long began = Stopwatch.GetTimestamp();
        for (int first = 1; first <= Spans; first += PerRequest)
            await server.Post("/v1/traces", Requests.Traces(Enumerable.Range(first, PerRequest).Select(i => Requests.Span(trace, (ulong)i, (ulong)i / 10, now + (ulong)i))).ToProtobuf());
        TimeSpan posted = Stopwatch.GetElapsedTime(began);
        await server.Stored();
        TimeSpan stored = Stopwatch.GetElapsedTime(began);

        began = Stopwatch.GetTimestamp();
        using var answer = await server.Trace(Convert.ToHexStringLower(trace));
        output.WriteLine($"acknowledged after {posted.TotalSeconds:F1} s, searchable after {stored.TotalSeconds:F1} s, read in {Stopwatch.GetElapsedTime(began).TotalSeconds:F2} s; server at most {ProcFile.Memory(server.ProcessId, "VmHWM") / 1048576} MiB");
        JsonElement root = answer!.RootElement;
        Assert.Equal((Spans, 0, 0), (root.GetProperty("spanCount").GetInt32(), root.GetProperty("orphanCount").GetInt32(), root.GetProperty("duplicateCount").GetInt32()));
        Assert.Equal(Spans, root.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("spanId").GetString()).Distinct().Count());
        Assert.Equal("0000000000000001", root.GetProperty("root").GetProperty("spanId").GetString());

        using var page = await server.Trace(Convert.ToHexStringLower(trace), "?limit=1000&fields=skeleton");
        Assert.Equal(1_000, page!.RootElement.GetProperty("spans").GetArrayLength());
        Assert.Contains(page.RootElement.GetProperty("reasons").EnumerateArray(), reason => reason.GetProperty("reason").GetString() == "over_limit");

        // The same as Tempo and Jaeger answer it, and with one span more than they take.
        string id = Convert.ToHexStringLower(trace);
        Assert.Equal(Spans, SpansOf(OtlpReader.ReadTrace(await Get(server, $"/tempo/api/traces/{id}"))).Distinct().Count());
        await server.Post("/v1/traces", Requests.Traces(Requests.Span(trace, Spans + 1, 1, now)).ToProtobuf());
        await server.Stored();
        using var refused = await server.At.Api.GetAsync($"/tempo/api/traces/{id}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        began = Stopwatch.GetTimestamp();
        JsonObject cut = OtlpReader.ReadById(await Get(server, $"/tempo/api/v2/traces/{id}"));
        TimeSpan tempo = Stopwatch.GetElapsedTime(began);
        Assert.Equal((Spans, 1, true), (SpansOf((JsonObject)cut["trace"]!).Distinct().Count(), (int)(ulong)cut["status"]!, ((string)cut["message"]!).Contains("100000", StringComparison.Ordinal)));
        began = Stopwatch.GetTimestamp();
        using var jaeger = JsonDocument.Parse(await Get(server, $"/jaeger/api/traces/{id}"));
        TimeSpan read = Stopwatch.GetElapsedTime(began);
        Assert.Equal(Spans, jaeger.RootElement.GetProperty("data")[0].GetProperty("spans").GetArrayLength());
        Assert.Contains("100000", jaeger.RootElement.GetProperty("data")[0].GetProperty("warnings").ToString(), StringComparison.Ordinal);
        output.WriteLine($"protobuf of Tempo in {tempo.TotalSeconds:F2} s, JSON of Jaeger in {read.TotalSeconds:F2} s; server at most {ProcFile.Memory(server.ProcessId, "VmHWM") / 1048576} MiB");
    }

    private static IEnumerable<string> SpansOf(JsonObject trace) =>
        from resource in (JsonArray)trace["resourceSpans"]! from scope in (JsonArray)resource!["scopeSpans"]! from span in (JsonArray)scope!["spans"]! select (string)span!["spanId"]!;

    private static async Task<byte[]> Get(WaybillServer server, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "application/protobuf" } } };
        using var answer = await server.At.Api.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(body));
        return body;
    }

    [Fact]
    public async Task Cycles_self_parents_orphans_and_fifty_thousand_children_are_shown_once_each_and_named()
    {
        const int Children = 50_000;
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        ulong now = Requests.Now;
        const ulong Root = 1, Self = 2, CycleA = 3, CycleB = 4, Orphan = 5, FirstChild = 100;
        (ulong Id, ulong Parent)[] odd = [(Root, 0), (Self, Self), (CycleA, CycleB), (CycleB, CycleA), (Orphan, 0xdead)];
        var spans = odd.Concat(Enumerable.Range(0, Children).Select(i => (Id: FirstChild + (ulong)i, Parent: Root)));
        await server.Post("/v1/traces", Requests.Traces(spans.Select(span => Requests.Span(trace, span.Id, span.Parent, now + span.Id))).ToProtobuf());
        await server.Stored();

        using var answer = await server.Trace(Convert.ToHexStringLower(trace));
        JsonElement root = answer!.RootElement;
        Assert.Equal(Children + odd.Length, root.GetProperty("spanCount").GetInt32());
        var shown = root.GetProperty("spans").EnumerateArray().ToDictionary(span => Convert.ToUInt64(span.GetProperty("spanId").GetString(), 16));
        Assert.Equal(Children + odd.Length, shown.Count);
        Assert.True(shown[Orphan].GetProperty("orphan").GetBoolean());
        Assert.True(shown[Self].GetProperty("cycle").GetBoolean());
        Assert.True(shown[CycleA].TryGetProperty("cycle", out _) || shown[CycleB].TryGetProperty("cycle", out _));
        Assert.Equal(1, shown[FirstChild + Children - 1].GetProperty("depth").GetInt32());
        Assert.Equal("0000000000000001", root.GetProperty("root").GetProperty("spanId").GetString());
    }
}
