using System.Text;
using Waybill.Blocks;

namespace Waybill.Ingest;

/// <summary>Writes the few small messages that answers are made of. Default values are left out, as proto3 does.</summary>
internal sealed class ProtobufWriter
{
    private readonly ByteBuffer _buffer = new(256);

    public ReadOnlySpan<byte> Written => _buffer.Span;

    public ProtobufWriter Int(int field, long value)
    {
        if (value == 0) return this;
        Varint((uint)field << 3);
        Varint((ulong)value);
        return this;
    }

    public ProtobufWriter String(int field, string value) => value.Length == 0 ? this : Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Message(int field, ProtobufWriter message) => Bytes(field, message.Written);

    private ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint((uint)field << 3 | 2);
        Varint((uint)value.Length);
        _buffer.Write(value);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _buffer.WriteByte((byte)(value | 0x80));
        _buffer.WriteByte((byte)value);
    }
}
