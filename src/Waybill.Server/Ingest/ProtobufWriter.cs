using System.Buffers.Binary;
using System.Text;
using Waybill.Blocks;

namespace Waybill.Ingest;

/// <summary>Writes the messages that answers are made of. <see cref="Int"/> and <see cref="String"/> leave default values out, as proto3 does; the others write what they are given.</summary>
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

    public ProtobufWriter Clear()
    {
        _buffer.Clear();
        return this;
    }

    public ProtobufWriter Number(int field, ulong value)
    {
        Varint((uint)field << 3);
        Varint(value);
        return this;
    }

    public ProtobufWriter Fixed64(int field, ulong value)
    {
        Varint((uint)field << 3 | 1);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.Take(8), value);
        return this;
    }

    public ProtobufWriter Fixed32(int field, uint value)
    {
        Varint((uint)field << 3 | 5);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.Take(4), value);
        return this;
    }

    public ProtobufWriter Double(int field, double value) => Fixed64(field, BitConverter.DoubleToUInt64Bits(value));

    public ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value)
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
