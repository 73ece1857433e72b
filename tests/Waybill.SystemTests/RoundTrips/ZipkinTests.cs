using System.Text;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.RoundTrips;

/// <summary>Zipkin v2 in both encodings, read back as the spans that OpenTelemetry makes of them.</summary>
public sealed class ZipkinTests
{
    private const string Trace = "463ac35c9f6413ad48485a3953bb6124", Shared = "a2fb4a1d1a96d312", Parent = "0020000000000001";

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-protobuf")]
    public async Task A_call_whose_two_sides_share_an_id_comes_back_as_two_spans_one_below_the_other(string type)
    {
        await using var server = await WaybillServer.Start();
        ulong micros = Requests.Now / 1_000;
        await server.Post("/api/v2/spans", type == "application/json" ? Json(micros) : Protobuf(micros), type);
        await server.Stored();

        using var answer = await server.Trace(Trace);
        JsonElement[] spans = [.. answer!.RootElement.GetProperty("spans").EnumerateArray()];
        Assert.Equal(2, spans.Length);
        var client = spans.Single(span => span.GetProperty("kind").GetString() == "client");
        var receiver = spans.Single(span => span.GetProperty("kind").GetString() == "server");
        Assert.Equal((Shared, Parent), (client.GetProperty("spanId").GetString(), client.GetProperty("parentSpanId").GetString()));
        Assert.Equal(Shared, receiver.GetProperty("parentSpanId").GetString());
        Assert.NotEqual(Shared, receiver.GetProperty("spanId").GetString());

        Assert.Equal(("web", "get /cart"), (client.GetProperty("service").GetString(), client.GetProperty("name").GetString()));
        Assert.Equal(((micros * 1_000).ToString(), 1_531_000L), (client.GetProperty("startUnixNano").GetString(), client.GetProperty("durationNano").GetInt64()));
        Assert.Equal(("error", "größe 😀"), (client.GetProperty("status").GetString(), client.GetProperty("statusMessage").GetString()));
        Assert.Equal("b:zipkin.debug=true; i:network.local.port=80; i:network.peer.port=5432; s:http.path=/cart; s:network.local.address=192.0.2.1; s:network.peer.address=2001:db8::1; s:service.peer.name=shop", Attributes(client));
        var retry = Assert.Single(client.GetProperty("events").EnumerateArray());
        Assert.Equal(("retry", ((micros + 100) * 1_000).ToString()), (retry.GetProperty("name").GetString(), retry.GetProperty("timeUnixNano").GetString()));
        Assert.Equal("shop", receiver.GetProperty("service").GetString());
    }

    private static string Attributes(JsonElement span) => Values.Sorted(span.GetProperty("attributes").EnumerateObject().Select(attribute =>
    {
        var (letter, text) = Values.OfApi(attribute.Value);
        return $"{letter}:{attribute.Name}={text}";
    }));

    private static byte[] Json(ulong micros) => Encoding.UTF8.GetBytes($$$"""
        [{"traceId":"{{{Trace}}}","id":"{{{Shared}}}","parentId":"{{{Parent}}}","name":"get /cart","kind":"CLIENT","timestamp":{{{micros}}},"duration":1531,"debug":true,
          "localEndpoint":{"serviceName":"web","ipv4":"192.0.2.1","port":80},"remoteEndpoint":{"serviceName":"shop","ipv6":"2001:db8::1","port":5432},
          "annotations":[{"timestamp":{{{micros + 100}}},"value":"retry"}],"tags":{"http.path":"/cart","error":"größe 😀"}},
         {"traceId":"{{{Trace}}}","id":"{{{Shared}}}","parentId":"{{{Parent}}}","name":"get /cart","kind":"SERVER","timestamp":{{{micros + 10}}},"duration":1500,"shared":true,"localEndpoint":{"serviceName":"shop"}}]
        """);

    private static byte[] Protobuf(ulong micros)
    {
        Message Span(ulong kind, ulong start, ulong duration, Message local) => new Message().Add(1, "traceId", Wire.Bytes, Convert.FromHexString(Trace)).Add(2, "parentId", Wire.Bytes, Convert.FromHexString(Parent))
            .Add(3, "id", Wire.Bytes, Convert.FromHexString(Shared)).Add(4, "kind", Wire.Varint, kind).Add(5, "name", Wire.Text, "get /cart").Add(6, "timestamp", Wire.Fixed64, start)
            .Add(7, "duration", Wire.Varint, duration).Add(8, "localEndpoint", Wire.Message, local);
        Message Tag(string key, string value) => new Message().Add(1, "key", Wire.Text, key).Add(2, "value", Wire.Text, value);

        var client = Span(1, micros, 1531, new Message().Add(1, "serviceName", Wire.Text, "web").Add(2, "ipv4", Wire.Bytes, new byte[] { 192, 0, 2, 1 }).Add(4, "port", Wire.Varint, 80UL))
            .Add(9, "remoteEndpoint", Wire.Message, new Message().Add(1, "serviceName", Wire.Text, "shop").Add(3, "ipv6", Wire.Bytes, Convert.FromHexString("20010db8000000000000000000000001")).Add(4, "port", Wire.Varint, 5432UL))
            .Add(10, "annotations", Wire.Message, new Message().Add(1, "timestamp", Wire.Fixed64, micros + 100).Add(2, "value", Wire.Text, "retry"))
            .AddAll(11, "tags", [Tag("http.path", "/cart"), Tag("error", "größe 😀")]).Add(12, "debug", Wire.Bool, true);
        var receiver = Span(2, micros + 10, 1500, new Message().Add(1, "serviceName", Wire.Text, "shop")).Add(13, "shared", Wire.Bool, true);
        return new Message().AddAll(1, "spans", [client, receiver]).ToProtobuf();
    }
}
