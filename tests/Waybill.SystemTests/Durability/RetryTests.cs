using Waybill.Ingest;
using Waybill.Processes;

namespace Waybill.Durability;

/// <summary>Exporters send again what they have no answer for; it must not be stored twice.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class RetryTests
{
    [Fact]
    public async Task A_request_sent_again_byte_for_byte_is_stored_once_also_across_a_kill_and_a_restart()
    {
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        (string Path, byte[] Body)[] requests =
        [
            ("/v1/traces", Requests.Traces(Requests.Span(trace, 1, 0, Requests.Now)).ToProtobuf()),
            ("/v1/logs", Requests.Logs(Requests.Log(trace, "once")).ToProtobuf()),
            ("/v1/metrics", Requests.Metrics(Requests.Gauge("once", 1)).ToProtobuf()),
        ];
        async Task PostAll()
        {
            foreach (var (path, body) in requests) await server.Post(path, body);
        }

        await PostAll();
        await PostAll();
        Assert.Equal(3, (await server.Status()).GetProperty("duplicateRequests").GetInt64());
        await server.Kill();   // while the requests may still lie in the spool
        await server.StartAgain();
        await PostAll();
        await server.Stored();
        await server.Stop();   // and now remembered beside it only
        await server.StartAgain();
        await PostAll();
        await server.Stored();

        Assert.Equal(3, (await server.Status()).GetProperty("duplicateRequests").GetInt64());
        foreach (string table in (string[])["spans", "logs", "metric_points"]) Assert.Equal(1, await server.Number($"SELECT count() FROM {table}"));
    }

    [Fact]
    public async Task A_gRPC_request_sent_again_is_stored_once()
    {
        await using var server = await WaybillServer.Start();
        byte[] frame = GrpcClient.Frame(Requests.Traces(Requests.Span(Requests.NewTraceId(), 1, 0, Requests.Now)).ToProtobuf());
        for (int i = 0; i < 3; i++) Assert.Equal("0", (await server.At.Grpc.Call(IngestServer.TracePath, frame)).Status);
        await server.Stored();
        Assert.Equal(1, await server.Number("SELECT count() FROM spans"));
    }

    [Fact]
    public async Task A_span_sent_again_among_others_is_shown_once_and_counted()
    {
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        ulong now = Requests.Now;
        var root = Requests.Span(trace, 1, 0, now);
        await server.Post("/v1/traces", Requests.Traces(root).ToProtobuf());
        await server.Post("/v1/traces", Requests.Traces(root, Requests.Span(trace, 2, 1, now)).ToProtobuf());
        await server.Stored();

        using var answer = await server.Trace(Convert.ToHexStringLower(trace));
        Assert.Equal(2, answer!.RootElement.GetProperty("spanCount").GetInt32());
        Assert.Equal(1, answer.RootElement.GetProperty("duplicateCount").GetInt32());
        Assert.Equal(["0000000000000001", "0000000000000002"], answer.RootElement.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("spanId").GetString()));
    }
}
