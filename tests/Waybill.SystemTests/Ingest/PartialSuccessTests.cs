using System.Net;
using System.Text;
using System.Text.Json;

namespace Waybill.Ingest;

/// <summary>What is taken in part is answered with how many were not, why, and what to do.</summary>
public sealed class PartialSuccessTests : IAsyncLifetime
{
    private const string Good = """{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"op","startTimeUnixNano":"1","endTimeUnixNano":"2"}""";
    private const string ZeroTrace = """{"traceId":"00000000000000000000000000000000","spanId":"b7ad6b7169203331"}""";
    private const string ShortSpan = """{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7"}""";

    private IngestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await IngestServer.Start();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static byte[] Spans(params string[] spans) =>
        Encoding.UTF8.GetBytes($$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{string.Join(',', spans)}}]}]}]}""");

    private async Task<JsonElement> Send(byte[] body)
    {
        using var response = await _server.Post("/v1/traces", body, "application/json");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }

    [Fact]
    public async Task Bad_spans_are_counted_by_reason_and_the_good_ones_kept()
    {
        var partial = (await Send(Spans(Good, ZeroTrace, ShortSpan, ZeroTrace))).GetProperty("partialSuccess");
        Assert.Equal("3", partial.GetProperty("rejectedSpans").GetString());
        Assert.Equal(
            "Rejected 3 of 4 spans; the others are stored; do not send them again. "
            + "2 refused: trace_id must be 16 bytes (32 hexadecimal digits in JSON) and not all zero. "
            + "1 refused: span_id must be 8 bytes (16 hexadecimal digits in JSON) and not all zero. "
            + "The first is resourceSpans[0].scopeSpans[0].spans[1] at byte",
            partial.GetProperty("errorMessage").GetString()![..(partial.GetProperty("errorMessage").GetString()!.LastIndexOf("byte", StringComparison.Ordinal) + 4)]);
        Assert.Equal(1, _server.Counters.Items(Signal.Traces, Protocol.OtlpHttpJson));
        Assert.Equal(2, _server.Counters.Rejected(Signal.Traces, Batches.Rejection.TraceId));
    }

    [Fact]
    public async Task A_retry_is_answered_like_the_first_time()
    {
        byte[] body = Spans(Good, ZeroTrace);
        Assert.Equal((await Send(body)).ToString(), (await Send(body)).ToString());
        Assert.Equal(1, _server.Counters.DuplicateRequests);
        Assert.Equal(1, _server.Counters.Rejected(Signal.Traces, Batches.Rejection.TraceId));
    }

    [Fact]
    public async Task What_was_cut_is_a_remark_with_nothing_rejected()
    {
        string big = new('x', 70_000);
        var partial = (await Send(Spans(Good[..^1] + ""","attributes":[{"key":"k","value":{"stringValue":"BIG"}}]}""".Replace("BIG", big)))).GetProperty("partialSuccess");
        Assert.False(partial.TryGetProperty("rejectedSpans", out _));
        Assert.Equal("Stored with changes: 1 texts or values cut at the limits (shorten them, or raise Ingest:Decode:ValueBytesMax, BodyBytesMax or NestingMax).",
            partial.GetProperty("errorMessage").GetString());
    }

    [Fact]
    public async Task Over_gRPC_it_is_a_message_of_status_0()
    {
        // resource_spans { scope_spans { spans { span_id: 8 bytes } } }: no trace_id.
        byte[] body = [0x0a, 14, 0x12, 12, 0x12, 10, 0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8];
        var answer = await _server.Grpc.Call(IngestServer.TracePath, GrpcClient.Frame(body));
        Assert.Equal("0", answer.Status);
        Assert.Equal([0x0a], answer.Body[5..6]);
        Assert.Contains("Rejected 1 of 1 spans; nothing is stored; do not send them again. 1 refused: trace_id", Encoding.UTF8.GetString(answer.Body));
    }
}
