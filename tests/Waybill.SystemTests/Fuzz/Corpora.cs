using System.Text;
using Waybill.Otlp;

namespace Waybill.Fuzz;

/// <summary>Valid requests of every kind, to be spoiled.</summary>
internal static class Corpora
{
    private const int Each = 60;
    private const int BytesMax = 4 * 1024;

    private static readonly byte[] Id16 = Convert.FromHexString("463ac35c9f6413ad48485a3953bb6124"), Id8 = Convert.FromHexString("a2fb4a1d1a96d312");

    public static byte[][] Protobuf(Func<Samples, Message> make, int seed) => Small(Enumerable.Range(seed, Each).Select(s => make(new Samples(s)).ToProtobuf()));

    public static byte[][] Json(Func<Samples, Message> make, int seed) => Small(Enumerable.Range(seed, Each).Select(s => make(new Samples(s)).ToJson(new Random(s))));

    public static byte[][] ZipkinJson { get; } = [.. new[]
    {
        """[{"traceId":"463ac35c9f6413ad48485a3953bb6124","id":"a2fb4a1d1a96d312","parentId":"0020000000000001","name":"get /","kind":"CLIENT","timestamp":1732274542000000,"duration":1531,"debug":true,"shared":true,"localEndpoint":{"serviceName":"web","ipv4":"192.0.2.1","ipv6":"2001:db8::1","port":80},"remoteEndpoint":{"serviceName":"db","port":5432},"annotations":[{"timestamp":1732274542000100,"value":"retry"}],"tags":{"http.path":"/","error":"","otel.status_code":"ERROR"}}]""",
        """[{"traceId":"48485a3953bb6124","id":"1","name":null,"kind":"SERVER"},{"traceId":"48485a3953bb6124","id":"2","tags":{"a":"größe 😀","\u0001":"\ud83d\ude00"}}]""",
        """[]""",
    }.Select(Encoding.UTF8.GetBytes)];

    public static byte[][] ZipkinProtobuf { get; } =
    [
        new Message().AddAll(1, "spans", [new Message().Add(1, "traceId", Wire.Bytes, Id16).Add(2, "parentId", Wire.Bytes, Id8).Add(3, "id", Wire.Bytes, Id8).Add(4, "kind", Wire.Varint, 2UL)
            .Add(5, "name", Wire.Text, "get /").Add(6, "timestamp", Wire.Fixed64, 1_732_274_542_000_000UL).Add(7, "duration", Wire.Varint, 1531UL)
            .Add(8, "localEndpoint", Wire.Message, new Message().Add(1, "serviceName", Wire.Text, "web").Add(2, "ipv4", Wire.Bytes, new byte[] { 192, 0, 2, 1 }).Add(3, "ipv6", Wire.Bytes, new byte[16]).Add(4, "port", Wire.Varint, 80UL))
            .Add(10, "annotations", Wire.Message, new Message().Add(1, "timestamp", Wire.Fixed64, 1UL).Add(2, "value", Wire.Text, "retry"))
            .Add(11, "tags", Wire.Message, new Message().Add(1, "key", Wire.Text, "error").Add(2, "value", Wire.Text, "größe")).Add(12, "debug", Wire.Bool, true).Add(13, "shared", Wire.Bool, true)]).ToProtobuf(),
        [],
    ];

    private static byte[][] Small(IEnumerable<byte[]> bodies) => [.. bodies.Where(body => body.Length is > 0 and <= BytesMax)];
}
