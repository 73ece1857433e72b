using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Waybill.Batches;

namespace Waybill.Decoding;

/// <summary>Turns a piece of the body into a checked <see cref="Text"/>: where it lies when it is good, else repaired or cut behind the body.</summary>
internal static class Texts
{
    /// <summary>Room kept for the words that say a text was cut: <c>…[cut from 2147483647 bytes]</c>.</summary>
    public const int CutRoom = 40;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Text Take(ref this DecodeState state, int offset, int length, int bytesMax)
    {
        if (length <= bytesMax && IsUtf8(state.Body.Slice(offset, length))) return new Text(length == 0 ? 0 : offset, length);
        return TakeSlowly(ref state, offset, length, bytesMax);
    }

    /// <summary>Most texts are short and ASCII: two loads tell. The rest goes to the vectorised check.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUtf8(ReadOnlySpan<byte> text)
    {
        const ulong HighBits = 0x8080808080808080;
        if (text.Length is >= 8 and <= 16)
        {
            ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(text) | BinaryPrimitives.ReadUInt64LittleEndian(text[^8..]);
            if ((bits & HighBits) == 0) return true;
        }
        else if (text.Length < 8)
        {
            byte bits = 0;
            foreach (byte b in text) bits |= b;
            if (bits < 0x80) return true;
        }
        return Utf8.IsValid(text);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Text TakeSlowly(ref DecodeState state, int offset, int length, int bytesMax)
    {
        var source = state.Body.Slice(offset, length);
        int start = state.Arena.Length;
        bool whole = length <= bytesMax;
        if (!whole) source = source[..Boundary(source, bytesMax - CutRoom)];
        if (IsUtf8(source)) state.Arena.Append(source);
        else whole &= AppendRepaired(ref state, source, bytesMax - CutRoom);
        if (!whole) AppendCut(ref state, length);
        return new Text(start, state.Arena.Length - start);
    }

    /// <summary>The end of the last whole character at or before <paramref name="end"/>.</summary>
    public static int Boundary(ReadOnlySpan<byte> utf8, int end)
    {
        if (end >= utf8.Length) return utf8.Length;
        int boundary = end;
        while (boundary > 0 && end - boundary < 4 && (utf8[boundary] & 0xC0) == 0x80) boundary--;
        return (utf8[boundary] & 0xC0) == 0x80 ? end : boundary;
    }

    /// <summary>Appends with U+FFFD for what is not UTF-8.</summary>
    /// <returns>False when it did not fit <paramref name="bytesMax"/>.</returns>
    private static bool AppendRepaired(ref DecodeState state, ReadOnlySpan<byte> source, int bytesMax)
    {
        state.Counts.RepairedTexts++;
        int start = state.Arena.Length, written = 0;
        var room = state.Arena.Reserve(Math.Min(bytesMax, source.Length * 3));
        while (!source.IsEmpty)
        {
            Rune.DecodeFromUtf8(source, out Rune rune, out int consumed);
            if (!rune.TryEncodeToUtf8(room[written..], out int encoded)) break;
            written += encoded;
            source = source[consumed..];
        }
        state.Arena.Truncate(start + written);
        return source.IsEmpty;
    }

    /// <summary>Appends the words that make a cut visible, and counts it.</summary>
    public static void AppendCut(ref DecodeState state, int bytes)
    {
        state.Counts.TruncatedValues++;
        state.Arena.Append("…[cut from "u8);
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(bytes, digits, out int count);
        state.Arena.Append(digits[..count]);
        state.Arena.Append(" bytes]"u8);
    }

    /// <summary>Raw bytes as base64. Too many become a text: base64 has no room for the words that say it was cut.</summary>
    public static AnyValue TakeBytes(ref DecodeState state, ReadOnlySpan<byte> bytes, int bytesMax)
    {
        int start = state.Arena.Length;
        bool whole = Base64.GetMaxEncodedToUtf8Length(bytes.Length) <= bytesMax;
        AppendBase64(state.Arena, whole ? bytes : bytes[..((bytesMax - CutRoom) / 4 * 3)]);
        if (!whole) AppendCut(ref state, bytes.Length);
        var text = new Text(start, state.Arena.Length - start);
        return whole ? AnyValue.Bytes(text) : AnyValue.String(text);
    }

    public static void AppendBase64(TextArena arena, ReadOnlySpan<byte> bytes) =>
        Base64.EncodeToUtf8(bytes, arena.Reserve(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out _);
}
