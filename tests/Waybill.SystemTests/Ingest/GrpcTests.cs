using System.Net;
using System.Net.Sockets;
using System.Text;
using Waybill.Ingest.Grpc;
using static Waybill.Ingest.GrpcClient;

namespace Waybill.Ingest;

public sealed class GrpcTests : IAsyncLifetime
{
    private IngestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await IngestServer.Start();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task<GrpcAnswer> Export(byte[] body, params (string, string)[] headers) => _server.Grpc.Call(IngestServer.TracePath, body, headers);

    [Fact]
    public async Task A_span_is_answered_with_an_empty_message_and_status_0_in_the_trailers()
    {
        var answer = await Export(Convert.FromHexString("0000000075" + IngestServer.OneSpanHex));
        Assert.Equal(HttpStatusCode.OK, answer.HttpStatus);
        Assert.Equal("0", answer.Status);
        Assert.False(answer.TrailersOnly);
        Assert.Equal("0000000000", Convert.ToHexStringLower(answer.Body));
        Assert.Equal(1, _server.Counters.Items(Signal.Traces, Protocol.OtlpGrpc));
        Assert.Equal(117, _server.Counters.Bytes(Signal.Traces, Protocol.OtlpGrpc));
    }

    [Theory]
    [InlineData("/opentelemetry.proto.collector.logs.v1.LogsService/Export")]
    [InlineData("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    [InlineData(IngestServer.TracePath)]
    public async Task An_empty_request_is_success(string path)
    {
        var answer = await _server.Grpc.Call(path, Frame([]));
        Assert.Equal("0", answer.Status);
        Assert.Equal("0000000000", Convert.ToHexStringLower(answer.Body));
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "deflate")]
    public async Task Messages_may_be_compressed(string encoding, string method)
    {
        var answer = await Export(Frame(IngestServer.Compress(IngestServer.OneSpan, method), flag: 1), ("grpc-encoding", encoding));
        Assert.Equal("0", answer.Status);
        Assert.Equal(117, _server.Counters.Bytes(Signal.Traces, Protocol.OtlpGrpc));
    }

    [Fact]
    public async Task A_message_that_is_not_flagged_is_not_decompressed()
    {
        var answer = await Export(Frame(IngestServer.OneSpan), ("grpc-encoding", "gzip"));
        Assert.Equal("0", answer.Status);
    }

    [Theory]
    [InlineData("", "The call carries no message.")]
    [InlineData("000000", "The message's prefix is cut off.")]
    [InlineData("00000000050a03", "The message is cut off: 3 bytes are missing.")]
    [InlineData("00000000000000000000", "More follows the message; a unary call carries exactly one.")]
    [InlineData("0000000000ff", "More follows the message; a unary call carries exactly one.")]
    [InlineData("0200000000", "The message's compressed flag is 2; it is 0 or 1.")]
    [InlineData("0100000000", "The message is flagged as compressed, but the call names no grpc-encoding.")]
    public async Task Wrong_framing_is_internal_and_says_what_is_wrong(string hex, string message)
    {
        var answer = await Export(Convert.FromHexString(hex));
        Assert.Equal(HttpStatusCode.OK, answer.HttpStatus);
        Assert.Equal("13", answer.Status);
        Assert.True(answer.TrailersOnly);
        Assert.Empty(answer.Body);
        Assert.StartsWith(message, answer.Message);
    }

    [Fact]
    public async Task A_message_in_single_bytes_is_put_together()
    {
        var answer = await _server.Grpc.Call(IngestServer.TracePath, new Dripping(Frame(IngestServer.OneSpan)));
        Assert.Equal("0", answer.Status);
    }

    [Fact]
    public async Task An_undecodable_body_is_invalid_and_names_the_field()
    {
        var answer = await Export(Frame([0x0a, 0x7f, 0x00]));
        Assert.Equal("3", answer.Status);
        Assert.Contains(Convert.ToHexStringLower("type.googleapis.com/google.rpc.BadRequest"u8), Hex(answer.Details));
        Assert.DoesNotContain(Convert.ToHexStringLower("RetryInfo"u8), Hex(answer.Details));
    }

    [Fact]
    public async Task A_damaged_compressed_message_is_refused()
    {
        byte[] gzip = IngestServer.Compress(new byte[10_000], "gzip");
        gzip[12] ^= 0xff;
        Assert.Equal("13", (await Export(Frame(gzip, 1), ("grpc-encoding", "gzip"))).Status);
        Assert.Equal("13", (await Export(Frame(IngestServer.Compress(IngestServer.OneSpan, "gzip")[..^12], 1), ("grpc-encoding", "gzip"))).Status);
    }

    [Fact]
    public async Task Unknown_encodings_and_methods_are_unimplemented_and_the_known_ones_named()
    {
        var encoding = await Export(Frame(IngestServer.OneSpan), ("grpc-encoding", "snappy"));
        Assert.Equal("12", encoding.Status);
        Assert.Equal("identity,gzip,deflate", One(encoding.Headers, "grpc-accept-encoding"));

        foreach (string path in (string[])["/", "/x.Y/Z", IngestServer.TracePath.ToLowerInvariant(), "/v1/traces", "/healthz"])
        {
            var answer = await _server.Grpc.Call(path, Frame([]));
            Assert.Equal(HttpStatusCode.OK, answer.HttpStatus);
            Assert.Equal("12", answer.Status);
        }
    }

    [Theory]
    [InlineData("application/json", 415)]
    [InlineData("application/grpc-web", 415)]
    [InlineData("application/grpc+json", 415)]
    [InlineData("application/grpc+proto", 200)]
    [InlineData("application/grpc;charset=utf-8", 200)]
    public async Task Other_content_types_are_415(string type, int status)
    {
        var answer = await Export(Frame(IngestServer.OneSpan), ("content-type", type));
        Assert.Equal(status, (int)answer.HttpStatus);
    }

    [Fact]
    public async Task The_callers_deadline_ends_the_call()
    {
        using var never = new Stalled(Frame(IngestServer.OneSpan)[..20]);
        var answer = await _server.Grpc.Call(IngestServer.TracePath, never, ("grpc-timeout", "100m"));
        Assert.Equal("4", answer.Status);
        await IngestServer.Until(() => _server.Admission is { Requests: 0, Bytes: 0 });
    }

    [Theory]
    [InlineData("1H", 36_000_000_000L)]
    [InlineData("2M", 1_200_000_000L)]
    [InlineData("3S", 30_000_000L)]
    [InlineData("100m", 1_000_000L)]
    [InlineData("7u", 70L)]
    [InlineData("1000n", 10L)]
    [InlineData("99999999H", null)]
    public void Timeouts_are_read_in_all_units(string header, long? ticks)
    {
        Assert.True(GrpcTimeout.TryParse(header, out var timeout));
        Assert.Equal(ticks, timeout?.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("123456789S")]
    [InlineData("-1S")]
    [InlineData("1s")]
    [InlineData(" 1S")]
    public void Other_timeouts_are_refused(string header) => Assert.False(GrpcTimeout.TryParse(header, out _));

    [Fact]
    public void Messages_are_percent_encoded() =>
        Assert.Equal("50%25 \"a\"~%0Ab%C3%A4%7F", GrpcResponse.PercentEncode("50% \"a\"~\nbä\u007f"));

    [Fact]
    public void The_status_of_a_throttled_call_is_what_protoc_makes_of_it()
    {
        var refusal = new Refusal(RefusalReason.Overloaded, "slow down", TimeSpan.FromSeconds(2));
        Assert.Equal("080e1209736c6f7720646f776e1a300a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e5265747279496e666f12040a020802",
            Convert.ToHexStringLower(Answers.StatusProtobuf(refusal).Span));
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        GrpcResponse.Refuse(http.Response, refusal);
        Assert.Equal("14", http.Response.Headers["grpc-status"]);
        Assert.Equal("CA4SCXNsb3cgZG93bhowCih0eXBlLmdvb2dsZWFwaXMuY29tL2dvb2dsZS5ycGMuUmV0cnlJbmZvEgQKAggC", http.Response.Headers["grpc-status-details-bin"]);
    }

    [Fact]
    public void A_partial_success_is_what_protoc_makes_of_it() =>
        Assert.Equal("0a0708031203626164", Convert.ToHexStringLower(Answers.ResponseProtobuf(new Reply(null, 3, "bad")).Span));

    [Fact]
    public async Task HTTP_1_is_turned_away_from_the_gRPC_port()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _server.Ports.OtlpGrpc, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.Contains("400", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }
}
