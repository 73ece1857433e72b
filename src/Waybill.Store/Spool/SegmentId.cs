using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Waybill.Spool;

/// <summary>
/// The name of a segment: 48 bits of milliseconds and 80 random bits, written as a ULID (26 letters of Crockford's base 32), so that names sort
/// by age and never repeat, whatever the restarts and data directories. The engine keeps it as a deduplication token.
/// </summary>
internal readonly record struct SegmentId(UInt128 Value) : IComparable<SegmentId>
{
    private const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int LetterCount = 26;

    public const string Extension = ".segment";

    /// <summary>A new name that sorts after <paramref name="last"/> even when the clock was set back.</summary>
    public static SegmentId Next(DateTimeOffset now, SegmentId last)
    {
        ulong milliseconds = Math.Max((ulong)Math.Max(0, now.ToUnixTimeMilliseconds()), (ulong)(last.Value >> 80) + 1);
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[6..]);
        return new((BinaryPrimitives.ReadUInt128BigEndian(bytes) & ((UInt128.One << 80) - 1)) | ((UInt128)milliseconds << 80));
    }

    /// <summary>Seeds the checksums of the segment's record headers: bytes of another segment, or of a client's payload, never pass for a record of this one.</summary>
    public uint Seed
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128LittleEndian(bytes, Value);
            return Crc32C.Of(bytes);
        }
    }

    public static bool TryParse(ReadOnlySpan<char> text, out SegmentId id)
    {
        id = default;
        if (text.Length != LetterCount || text[0] > '7') return false;

        UInt128 value = 0;
        foreach (char letter in text)
        {
            int digit = Letters.IndexOf(letter, StringComparison.Ordinal);
            if (digit < 0) return false;
            value = (value << 5) | (uint)digit;
        }
        id = new(value);
        return true;
    }

    public int CompareTo(SegmentId other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(LetterCount, Value, static (text, value) =>
    {
        for (int i = text.Length - 1; i >= 0; i--, value >>= 5) text[i] = Letters[(int)(value & 31)];
    });
}
