using System.Net;

namespace Waybill.Ingest;

/// <summary>Overload stays retryable: 429 with Retry-After, UNAVAILABLE with RetryInfo, at once and without reading the body.</summary>
public sealed class OverloadTests
{
    [Fact]
    public async Task One_request_too_many_is_told_when_to_come_back()
    {
        await using var server = await IngestServer.Start(new() { ["Ingest:InFlightRequestsMax"] = "1" });
        await Refuses_while_held(server, new Stalled(IngestServer.OneSpan[..50], IngestServer.OneSpan[50..], 117));
    }

    [Fact]
    public async Task More_bytes_than_are_admitted_are_told_when_to_come_back()
    {
        await using var server = await IngestServer.Start(new() { ["Ingest:InFlightBytesMax"] = "1048576", ["Ingest:RequestBytesMax"] = "1048576" });
        await Refuses_while_held(server, new Stalled(IngestServer.OneSpan[..50], IngestServer.OneSpan[50..], 117), held: 1_048_576 - 100);
    }

    [Fact]
    public async Task What_inflates_beyond_what_is_admitted_is_told_when_to_come_back()
    {
        await using var server = await IngestServer.Start(new() { ["Ingest:InFlightBytesMax"] = "8388608", ["Ingest:RequestBytesMax"] = "8388608" });
        Assert.True(server.Admission.TryEnter(4 * 1024 * 1024));
        using var refused = await server.Post("/v1/traces", IngestServer.Compress(new byte[6 * 1024 * 1024], "gzip"), encoding: "gzip");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        server.Admission.Leave(4 * 1024 * 1024);
        Assert.Equal((0, 0L), (server.Admission.Requests, server.Admission.Bytes));
    }

    private static async Task Refuses_while_held(IngestServer server, Stalled first, long held = 0)
    {
        var holding = held > 0 ? null : IngestServer.Send(server.Http, "/v1/traces", first, "application/x-protobuf");
        if (held > 0) Assert.True(server.Admission.TryEnter(held));
        await IngestServer.Until(() => server.Admission.Requests == 1);

        // Nothing of its body is ever sent, so an answer shows that it was not read.
        using var http = await RawHttp.Post(server.Ports.OtlpHttp, "/v1/traces", "Content-Type: application/json\r\nContent-Length: 117", []);
        string answer = await http.Answer();
        Assert.StartsWith("HTTP/1.1 429 ", answer);
        Assert.Matches("Retry-After: ([1-9]|[12][0-9]|30)\r\n", answer);

        var grpc = await server.Grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan));
        Assert.Equal("14", grpc.Status);
        Assert.Contains(Convert.ToHexStringLower("type.googleapis.com/google.rpc.RetryInfo"u8), GrpcClient.Hex(grpc.Details));

        using var health = await server.Console.GetAsync("/healthz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);

        first.Release();
        if (held > 0) server.Admission.Leave(held);
        else Assert.Equal(HttpStatusCode.OK, (await holding!).StatusCode);
        await IngestServer.Until(() => server.Admission is { Requests: 0, Bytes: 0 });
        Assert.Equal("0", (await server.Grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan))).Status);
    }
}
