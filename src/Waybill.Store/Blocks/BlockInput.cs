using System.Runtime.CompilerServices;

namespace Waybill.Blocks;

/// <summary>Walks the bytes of one whole Native block in memory.</summary>
internal ref struct BlockInput(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public readonly bool IsAtEnd => _at == _bytes.Length;

    /// <exception cref="InvalidDataException">The block ends before.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)(_bytes.Length - _at) < (uint)count) ThrowShort();
        ReadOnlySpan<byte> taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadCount()
    {
        if (_at < _bytes.Length && _bytes[_at] < 0x80) return _bytes[_at++];
        return ReadLongCount();
    }

    /// <summary>A column's name and type as they stand.</summary>
    public ReadOnlySpan<byte> ReadHeader(out ReadOnlySpan<byte> type)
    {
        int start = _at;
        Take(ReadCount());
        type = Take(ReadCount());
        return _bytes[start.._at];
    }

    /// <summary>The bytes of <paramref name="count"/> Strings, lengths included.</summary>
    public ReadOnlySpan<byte> TakeStrings(int count)
    {
        int start = _at;
        for (int i = 0; i < count; i++) Take(ReadCount());
        return _bytes[start.._at];
    }

    private int ReadLongCount()
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80 && value <= int.MaxValue) return (int)value;
        }
        throw new InvalidDataException("A count in a block is malformed.");
    }

    private static void ThrowShort() => throw new InvalidDataException("A block ends too soon.");
}
