using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Waybill.Redaction.Detection;

/// <summary>
/// Tells in a few nanoseconds that a short value can hold nothing sensitive, which is true of most. What a detector needs at least:
/// one of <c>@ = : % &lt;</c>, six digits, sixteen letters or digits in a row, or a space in twelve characters.
/// </summary>
internal static class Prefilter
{
    private const int LengthMin = 6, LengthMax = 64, DigitsMin = 6, RunMin = 16, SpacedMin = 12;

    public static bool MayHold(ReadOnlySpan<byte> text)
    {
        if (text.Length < LengthMin) return false;
        if (text.Length > LengthMax) return true;
        Marks marks = default;
        if (text.Length < Vector128<byte>.Count)
        {
            Span<byte> padded = stackalloc byte[Vector128<byte>.Count];
            padded.Clear();
            text.CopyTo(padded);
            marks.Add(Vector128.Create<byte>(padded), 0);
        }
        else
        {
            int at = 0;
            for (; at <= text.Length - Vector128<byte>.Count; at += Vector128<byte>.Count) marks.Add(Vector128.Create(text.Slice(at, Vector128<byte>.Count)), at);
            if (at < text.Length) marks.Add(Vector128.Create(text[^Vector128<byte>.Count..]), text.Length - Vector128<byte>.Count);
        }
        return marks.Trigger
            || (marks.Space && text.Length >= SpacedMin)
            || BitOperations.PopCount(marks.Digits) >= DigitsMin
            || (text.Length >= RunMin && HasRun(marks.Letters | marks.Digits));
    }

    /// <summary>Sixteen set bits in a row.</summary>
    private static bool HasRun(ulong bits)
    {
        bits &= bits >> 1;
        bits &= bits >> 2;
        bits &= bits >> 4;
        bits &= bits >> 8;
        return bits != 0;
    }

    /// <summary>Bit i of a mask is byte i of the text.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Marks
    {
        public ulong Digits, Letters;
        public bool Trigger, Space;

        public void Add(Vector128<byte> bytes, int at)
        {
            var digits = Vector128.LessThan(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)10));
            var letters = Vector128.LessThan((bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)26))
                | Vector128.Equals(bytes, Vector128.Create((byte)'_')) | Vector128.Equals(bytes, Vector128.Create((byte)'-'));
            var triggers = Vector128.Equals(bytes, Vector128.Create((byte)'@')) | Vector128.Equals(bytes, Vector128.Create((byte)'='))
                | Vector128.Equals(bytes, Vector128.Create((byte)':')) | Vector128.Equals(bytes, Vector128.Create((byte)'%'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'<'));
            Digits |= (ulong)digits.ExtractMostSignificantBits() << at;
            Letters |= (ulong)letters.ExtractMostSignificantBits() << at;
            Trigger |= triggers != Vector128<byte>.Zero;
            Space |= Vector128.EqualsAny(bytes, Vector128.Create((byte)' '));
        }
    }
}
