using System.Text;

namespace Waybill.Batches;

/// <summary>A piece of a batch's <see cref="TextArena"/>: UTF-8 that was checked or repaired. The default is the empty text.</summary>
public readonly record struct Text(int Offset, int Length)
{
    public bool IsEmpty => Length == 0;
}

/// <summary>
/// The bytes that a batch's texts point into. A request body is laid in first and its strings are used where they lie;
/// text that has to be made (unescaped JSON, nested values, repaired UTF-8) is appended behind it.
/// </summary>
public sealed class TextArena
{
    private byte[] _bytes = new byte[4096];

    /// <summary>Bytes in use.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public ReadOnlySpan<byte> this[Text text] => _bytes.AsSpan(text.Offset, text.Length);

    /// <summary>The text as a string, for messages and tests; hot code compares bytes.</summary>
    public string GetString(Text text) => Encoding.UTF8.GetString(this[text]);

    public Text Append(ReadOnlySpan<byte> utf8)
    {
        var text = new Text(Length, utf8.Length);
        utf8.CopyTo(Reserve(utf8.Length));
        return text;
    }

    /// <summary>Appends room for <paramref name="length"/> bytes and returns it for writing; it counts as used at once.</summary>
    /// <exception cref="InvalidOperationException">The arena would pass 2 GiB. Requests are bounded far below that.</exception>
    public Span<byte> Reserve(int length)
    {
        long needed = (long)Length + length;
        if (needed > _bytes.Length)
        {
            if (needed > Array.MaxLength) throw new InvalidOperationException("A batch's text would pass 2 GiB.");
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, (long)_bytes.Length * 2)));
        }
        var room = _bytes.AsSpan(Length, length);
        Length += length;
        return room;
    }

    /// <summary>Gives back what was appended from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length);
        Length = length;
    }

    /// <summary>Takes out <paramref name="length"/> bytes; what was appended after them moves down.</summary>
    public void Remove(int start, int length)
    {
        _bytes.AsSpan(start + length, Length - start - length).CopyTo(_bytes.AsSpan(start));
        Length -= length;
    }

    public void Clear() => Length = 0;

    /// <summary>Bytes kept for reuse.</summary>
    public long BytesHeld => _bytes.Length;
}
