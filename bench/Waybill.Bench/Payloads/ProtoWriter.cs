using System.Buffers.Binary;
using System.Text;

namespace Waybill.Payloads;

/// <summary>Writes protobuf and remembers which fixed-size fields change from request to request.</summary>
/// <remarks>Used ahead of a run only: closing a message moves its content to make room for the shortest length.</remarks>
internal sealed class ProtoWriter
{
    private const int Varint = 0, Fixed64Wire = 1, Delimited = 2, Fixed32Wire = 5;

    private readonly List<Patch> _patches = [];
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;

    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    /// <summary>In the order of their offsets.</summary>
    public Patch[] Patches => [.. _patches];

    /// <summary>Opens a message; <see cref="End"/> takes what this returns.</summary>
    public int Begin(int field)
    {
        Tag(field, Delimited);
        return _length;
    }

    public void End(int start)
    {
        int content = _length - start, size = VarintBytes((ulong)content);
        Take(size);
        _bytes.AsSpan(start, content).CopyTo(_bytes.AsSpan(start + size));
        WriteVarint(_bytes.AsSpan(start), (ulong)content);
        for (int i = _patches.Count - 1; i >= 0 && _patches[i].Offset >= start; i--)
            _patches[i] = _patches[i] with { Offset = _patches[i].Offset + size };
    }

    public void UInt(int field, ulong value)
    {
        Tag(field, Varint);
        Raw(value);
    }

    public void Bool(int field, bool value) => UInt(field, value ? 1UL : 0);

    public void Double(int field, double value)
    {
        Tag(field, Fixed64Wire);
        BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);
    }

    public void Fixed64(int field, ulong value)
    {
        Tag(field, Fixed64Wire);
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Delimited);
        Raw((ulong)value.Length);
        value.CopyTo(Take(value.Length));
    }

    public void Fixed32(int field, uint value)
    {
        Tag(field, Fixed32Wire);
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    }

    public void Text(int field, string value)
    {
        Tag(field, Delimited);
        Raw((ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, Take(Encoding.UTF8.GetByteCount(value)));
    }

    /// <summary>Text in which the markers of <see cref="Marker"/> stand for values of a fixed width, written anew for each request.</summary>
    public void Text(int field, string marked, int trace)
    {
        var (text, places) = Marker.Expand(marked);
        Text(field, text);
        int start = _length - text.Length;   // markers only occur in ASCII text
        foreach (var (at, kind) in places) _patches.Add(new(start + at, kind, trace, _patches.Count));
    }

    public void TraceId(int field, int trace) => Id(field, 16, PatchKind.TraceId, trace);

    public void SpanId(int field, int span) => Id(field, 8, PatchKind.SpanId, span);

    /// <summary>Unix nanoseconds, given as nanoseconds after the trace's start.</summary>
    public void Time(int field, int trace, long afterNano)
    {
        Tag(field, Fixed64Wire);
        _patches.Add(new(_length, PatchKind.Time, trace, afterNano));
        Take(8);
    }

    private void Id(int field, int bytes, PatchKind kind, int index)
    {
        Tag(field, Delimited);
        Raw((ulong)bytes);
        _patches.Add(new(_length, kind, index, 0));
        Take(bytes);
    }

    private void Tag(int field, int wire) => Raw((ulong)((field << 3) | wire));

    private void Raw(ulong value) => WriteVarint(Take(VarintBytes(value)), value);

    private static int VarintBytes(ulong value) => (63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7 + 1;

    private static void WriteVarint(Span<byte> target, ulong value)
    {
        int at = 0;
        for (; value >= 0x80; value >>= 7) target[at++] = (byte)(value | 0x80);
        target[at] = (byte)value;
    }

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - _length < count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
