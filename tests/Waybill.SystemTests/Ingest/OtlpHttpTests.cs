using System.Net;
using System.Text;

namespace Waybill.Ingest;

public sealed class OtlpHttpTests : IAsyncLifetime
{
    private IngestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await IngestServer.Start();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<string> Text(HttpResponseMessage response) => await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("/v1/traces")]
    [InlineData("/v1/logs")]
    [InlineData("/v1/metrics")]
    public async Task Success_is_an_empty_message_in_the_requests_own_format(string path)
    {
        using var protobuf = await _server.Post(path, []);
        Assert.Equal(HttpStatusCode.OK, protobuf.StatusCode);
        Assert.Equal("application/x-protobuf", protobuf.Content.Headers.ContentType?.ToString());
        Assert.Equal("", await Text(protobuf));

        using var json = await _server.Post(path, "{}"u8.ToArray(), "application/json; charset=utf-8");
        Assert.Equal(HttpStatusCode.OK, json.StatusCode);
        Assert.Equal("application/json", json.Content.Headers.ContentType?.ToString());
        Assert.Equal("{}", await Text(json));
    }

    [Fact]
    public async Task A_span_arrives_in_both_formats()
    {
        using var protobuf = await _server.Post("/v1/traces", IngestServer.OneSpan);
        using var json = await _server.Post("/v1/traces", Encoding.UTF8.GetBytes(IngestServer.OneSpanJson), "application/json");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (protobuf.StatusCode, json.StatusCode));
        Assert.Equal(1, _server.Counters.Requests(Signal.Traces, Protocol.OtlpHttpProtobuf));
        Assert.Equal(1, _server.Counters.Requests(Signal.Traces, Protocol.OtlpHttpJson));
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("deflate", "raw deflate")]
    [InlineData("br", "br")]
    public async Task Bodies_may_be_compressed(string encoding, string method)
    {
        using var response = await _server.Post("/v1/traces", IngestServer.Compress(IngestServer.OneSpan, method), encoding: encoding);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(117, _server.Counters.Bytes(Signal.Traces, Protocol.OtlpHttpProtobuf));
    }

    [Fact]
    public async Task A_compressed_body_beyond_the_first_window_arrives_whole()
    {
        // 300,000 times the empty ResourceSpans, with noise in schema_url so that it does not shrink to nothing: 5.4 MB.
        var random = new Random(7);
        var body = new MemoryStream();
        for (int i = 0; i < 300_000; i++) body.Write([0x0a, 16, 0x1a, 14, .. Enumerable.Range(0, 14).Select(_ => (byte)random.Next('a', 'z'))]);
        using var response = await _server.Post("/v1/traces", IngestServer.Compress(body.ToArray(), "gzip"), encoding: "gzip");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body.Length, _server.Counters.Bytes(Signal.Traces, Protocol.OtlpHttpProtobuf));
    }

    [Fact]
    public async Task A_chunked_body_without_a_length_arrives()
    {
        using var response = await IngestServer.Send(_server.Http, "/v1/traces", new Dripping(IngestServer.OneSpan), "application/x-protobuf");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(117, _server.Counters.Bytes(Signal.Traces, Protocol.OtlpHttpProtobuf));
    }

    [Fact]
    public async Task An_undecodable_body_is_400_with_the_field_in_the_requests_format()
    {
        using var protobuf = await _server.Post("/v1/traces", [0x0a, 0x7f, 0x00]);
        Assert.Equal(HttpStatusCode.BadRequest, protobuf.StatusCode);
        Assert.Equal("application/x-protobuf", protobuf.Content.Headers.ContentType?.ToString());
        byte[] status = await protobuf.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0x08, 3, 0x12], status[..3]); // code = INVALID_ARGUMENT, then message
        Assert.Contains("type.googleapis.com/google.rpc.BadRequest", Encoding.Latin1.GetString(status));

        using var json = await _server.Post("/v1/traces", "{"u8.ToArray(), "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, json.StatusCode);
        string text = await Text(json);
        Assert.StartsWith("""{"code":3,"message":""", text);
        Assert.Contains("""{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":""", text);
        Assert.Contains("""reason":"MALFORMED"}]}]}""", text);
    }

    [Fact]
    public async Task A_damaged_compressed_body_is_400()
    {
        byte[] cut = IngestServer.Compress(IngestServer.OneSpan, "gzip")[..^12];
        using var truncated = await _server.Post("/v1/traces", cut, encoding: "gzip");
        using var other = await _server.Post("/v1/traces", IngestServer.OneSpan, encoding: "gzip");
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (truncated.StatusCode, other.StatusCode));
        Assert.Equal(2, _server.Counters.Refused(Protocol.OtlpHttpProtobuf, RefusalReason.Compression));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    public async Task Unknown_encodings_are_415_with_the_known_ones(string encoding)
    {
        using var response = await _server.Post("/v1/traces", IngestServer.OneSpan, encoding: encoding);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("gzip, deflate, br, identity", GrpcClient.One(response.Headers, "Accept-Encoding"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/grpc")]
    [InlineData("application/x-protobuf-list")]
    public async Task Other_content_types_are_415_and_told_the_right_ones(string type)
    {
        using var response = await _server.Post("/v1/logs", IngestServer.OneSpan, type);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("Content-Type must be application/x-protobuf or application/json.", await Text(response));
    }

    [Fact]
    public async Task Other_methods_are_405_and_other_paths_404_with_directions()
    {
        using var get = await _server.Http.GetAsync("/v1/traces", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        Assert.Equal(["POST", "OPTIONS"], get.Content.Headers.Allow);
        using var path = await _server.Post("/traces", []);
        Assert.Equal(HttpStatusCode.NotFound, path.StatusCode);
        Assert.Contains("/v1/traces", await Text(path));
    }

    [Fact]
    public async Task A_body_over_the_bound_is_413_before_it_is_read()
    {
        await using var small = await IngestServer.Start(new() { ["Ingest:RequestBytesMax"] = "65536" });
        using var declared = await RawHttp.Post(small.Ports.OtlpHttp, "/v1/traces", "Content-Type: application/x-protobuf\r\nContent-Length: 65542", []);
        Assert.StartsWith("HTTP/1.1 413 ", await declared.Answer());

        string chunk = "Content-Type: application/x-protobuf\r\nTransfer-Encoding: chunked";
        using var chunked = await RawHttp.Post(small.Ports.OtlpHttp, "/v1/traces", chunk, [.. "10001\r\n"u8, .. new byte[0x10001]]);
        Assert.StartsWith("HTTP/1.1 413 ", await chunked.Answer());
        await IngestServer.Until(() => small.Admission is { Requests: 0, Bytes: 0 });
    }

    [Fact]
    public async Task Chunks_that_break_the_rules_are_400()
    {
        using var raw = await RawHttp.Post(_server.Ports.OtlpHttp, "/v1/traces", "Content-Type: application/x-protobuf\r\nTransfer-Encoding: chunked", "zz\r\nx"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 400 ", await raw.Answer());
    }

    [Fact]
    public async Task A_body_that_is_too_slow_is_408()
    {
        await using var strict = await IngestServer.Start(new() { ["Connections:RateGraceSeconds"] = "2", ["Connections:BodyBytesPerSecondMin"] = "1000" });
        using var raw = await RawHttp.Post(strict.Ports.OtlpHttp, "/v1/traces", "Content-Type: application/x-protobuf\r\nContent-Length: 100", [0x0a]);
        Assert.StartsWith("HTTP/1.1 408 ", await raw.Answer());
        Assert.Equal(1, strict.Counters.Refused(Protocol.OtlpHttpProtobuf, RefusalReason.SlowBody));
        await IngestServer.Until(() => strict.Admission is { Requests: 0, Bytes: 0 });
    }

    [Theory]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://127.0.0.1", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("https://shop.example", true)]
    [InlineData("https://evil.example", false)]
    [InlineData("https://localhost.evil.example", false)]
    [InlineData("null", false)]
    public async Task Browsers_may_send_from_this_machine_and_from_what_is_allowed(string origin, bool allowed)
    {
        await using var server = await IngestServer.Start(new() { ["Ingest:BrowserOrigins:0"] = "https://shop.example" });
        using var question = new HttpRequestMessage(HttpMethod.Options, "/v1/traces");
        question.Headers.Add("Origin", origin);
        question.Headers.Add("Access-Control-Request-Method", "POST");
        question.Headers.Add("Access-Control-Request-Headers", "content-type,x-custom");
        using var answer = await server.Http.SendAsync(question, TestContext.Current.CancellationToken);
        Assert.Equal(allowed ? HttpStatusCode.NoContent : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(allowed ? origin : null, GrpcClient.One(answer.Headers, "Access-Control-Allow-Origin"));
        Assert.Equal(allowed ? "content-type,x-custom" : null, GrpcClient.One(answer.Headers, "Access-Control-Allow-Headers"));
    }

    [Fact]
    public async Task Zipkin_spans_are_answered_202_and_empty()
    {
        byte[] spans = """[{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"b7ad6b7169203331","name":"op","timestamp":1,"duration":2,"localEndpoint":{"serviceName":"a"}}]"""u8.ToArray();
        using var response = await _server.Post("/api/v2/spans", spans, "application/json");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("", await Text(response));
        Assert.Equal(1, _server.Counters.Items(Signal.Traces, Protocol.ZipkinJson));

        using var bad = await _server.Post("/api/v2/spans", "["u8.ToArray(), "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.NotEqual("", await Text(bad));
    }
}
