using Waybill.Otlp;

namespace Waybill.Zipkin;

/// <summary>A client and a server that share a span id, in both of Zipkin's encodings.</summary>
internal static class ZipkinSamples
{
    public const string Json = """
        [{"traceId":"8448eb211c80319c","id":"b7ad6b7169203331","name":"get /","kind":"CLIENT","timestamp":1700000000000001,"duration":5,
          "localEndpoint":{"serviceName":"web","ipv4":"192.0.2.1","port":80},"remoteEndpoint":{"serviceName":"cart","ipv6":"2001:db8::1"},
          "annotations":[{"timestamp":1700000000000002,"value":"retry"}],"tags":{"http.path":"/","error":"boom","otel.scope.name":"lib"}},
         {"traceId":"8448eb211c80319c","id":"b7ad6b7169203331","parentId":"0000000000000007","kind":"SERVER","shared":true,"debug":true,
          "localEndpoint":{"serviceName":"cart"},"tags":{"otel.status_code":"OK"}}]
        """;

    public static byte[] Protobuf()
    {
        byte[] trace = Convert.FromHexString("8448eb211c80319c"), id = Convert.FromHexString("b7ad6b7169203331");
        var client = new Message().Add(1, "traceId", Wire.Id, trace).Add(3, "id", Wire.Id, id).Add(4, "kind", Wire.Varint, 1UL).Add(5, "name", Wire.Text, "get /")
            .Add(6, "timestamp", Wire.Fixed64, 1700000000000001UL).Add(7, "duration", Wire.Varint, 5UL)
            .Add(8, "local", Wire.Message, new Message().Add(1, "serviceName", Wire.Text, "web").Add(2, "ipv4", Wire.Bytes, new byte[] { 192, 0, 2, 1 }).Add(4, "port", Wire.Varint, 80UL))
            .Add(9, "remote", Wire.Message, new Message().Add(1, "serviceName", Wire.Text, "cart").Add(3, "ipv6", Wire.Bytes, Convert.FromHexString("20010db8000000000000000000000001")))
            .Add(10, "annotations", Wire.Message, new Message().Add(1, "timestamp", Wire.Fixed64, 1700000000000002UL).Add(2, "value", Wire.Text, "retry"))
            .Add(11, "tags", Wire.Message, Tag("http.path", "/")).Add(11, "tags", Wire.Message, Tag("error", "boom")).Add(11, "tags", Wire.Message, Tag("otel.scope.name", "lib"));
        var server = new Message().Add(1, "traceId", Wire.Id, trace).Add(2, "parentId", Wire.Id, new byte[] { 0, 0, 0, 0, 0, 0, 0, 7 }).Add(3, "id", Wire.Id, id).Add(4, "kind", Wire.Varint, 2UL)
            .Add(8, "local", Wire.Message, new Message().Add(1, "serviceName", Wire.Text, "cart")).Add(11, "tags", Wire.Message, Tag("otel.status_code", "OK"))
            .Add(12, "debug", Wire.Bool, true).Add(13, "shared", Wire.Bool, true);
        return new Message().AddAll(1, "spans", [client, server]).ToProtobuf();
    }

    private static Message Tag(string key, string value) => new Message().Add(1, "key", Wire.Text, key).Add(2, "value", Wire.Text, value);
}
