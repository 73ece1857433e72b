using System.Buffers;
using System.Runtime.CompilerServices;

namespace Waybill.Blocks;

/// <summary>A growing run of bytes, reused from request to request: what blocks and spool records are written into.</summary>
public sealed class ByteBuffer(int capacity = 4096) : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[capacity];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written, to read or to patch (lengths, checksums); valid until the next write.</summary>
    public Span<byte> Span => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>Bytes kept for reuse.</summary>
    public int BytesHeld => _bytes.Length;

    /// <summary>Appends room for <paramref name="count"/> bytes and returns it; it counts as written at once, and holds old bytes until filled.</summary>
    /// <exception cref="InvalidOperationException">The buffer would pass 2 GiB; requests are bounded far below that.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int count)
    {
        int length = Length;
        if ((uint)(_bytes.Length - length) < (uint)count) Grow(count);
        Length = length + count;
        return _bytes.AsSpan(length, count);
    }

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void WriteByte(byte value) => Take(1)[0] = value;

    /// <summary>Forgets what was written from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length);
        Length = length;
    }

    public void Clear() => Length = 0;

    public void Advance(int count) => Take(count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Ensure(int sizeHint)
    {
        if (_bytes.Length - Length < Math.Max(1, sizeHint)) Grow(Math.Max(1, sizeHint));
    }

    private void Grow(int count)
    {
        long needed = (long)Length + count;
        if (needed > Array.MaxLength) throw new InvalidOperationException("A buffer would pass 2 GiB.");
        Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, (long)_bytes.Length * 2)));
    }
}
