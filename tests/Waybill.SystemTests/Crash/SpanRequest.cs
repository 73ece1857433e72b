using System.Buffers.Binary;
using Waybill.Otlp;

namespace Waybill.Crash;

/// <summary>
/// A request whose ids say which one it is: trace id = load (4 bytes), sender (4), number (8); span id = sender (2), number (4), place (2).
/// Its bytes are made once: what is sent again is the same.
/// </summary>
internal sealed class SpanRequest(int load, int sender, int number, long nowUnixNano)
{
    public const int Spans = 10;
    private const long Hour = 3_600_000_000_000;

    public string TraceId { get; } = Convert.ToHexStringLower(TraceIdOf(load, sender, number));

    /// <summary>Its spans lie in three hours, so that one insert makes several parts.</summary>
    public byte[] Body { get; } = Build(load, sender, number, nowUnixNano);

    private static byte[] Build(int load, int sender, int number, long nowUnixNano)
    {
        byte[] trace = TraceIdOf(load, sender, number);
        var spans = Enumerable.Range(0, Spans).Select(place =>
        {
            ulong start = (ulong)(nowUnixNano - place % 3 * Hour);
            return new Message().Add(1, "traceId", Wire.Id, trace).Add(2, "spanId", Wire.Id, SpanIdOf(sender, number, place)).Add(5, "name", Wire.Text, $"op {place}")
                .Add(6, "kind", Wire.Varint, 2UL).Add(7, "startTimeUnixNano", Wire.Fixed64, start).Add(8, "endTimeUnixNano", Wire.Fixed64, start + 1_000_000);
        });
        var name = new Message().Add(1, "key", Wire.Text, "service.name").Add(2, "value", Wire.Message, new Message().Add(1, "stringValue", Wire.Text, $"load-{sender}"));
        return new Message().Add(1, "resourceSpans", Wire.Message, new Message()
            .Add(1, "resource", Wire.Message, new Message().Add(1, "attributes", Wire.Message, name))
            .Add(2, "scopeSpans", Wire.Message, new Message().AddAll(2, "spans", spans))).ToProtobuf();
    }

    private static byte[] TraceIdOf(int load, int sender, int number)
    {
        byte[] id = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(id, load | 1);
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(4), sender);
        BinaryPrimitives.WriteInt64BigEndian(id.AsSpan(8), number);
        return id;
    }

    private static byte[] SpanIdOf(int sender, int number, int place)
    {
        byte[] id = new byte[8];
        BinaryPrimitives.WriteInt16BigEndian(id, (short)(sender + 1));
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(2), number);
        BinaryPrimitives.WriteInt16BigEndian(id.AsSpan(6), (short)place);
        return id;
    }
}
