using System.Globalization;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Attributes;

/// <summary>The text under which a value is stored; with the type letter before its key it reads back exactly.</summary>
public static class ValueText
{
    /// <summary>Long enough for any bool, int or double.</summary>
    private const int NumberBytesMax = 32;

    /// <summary>Appends the value as a Native String: length, then bytes.</summary>
    public static void Write(ByteBuffer to, TextArena text, AnyValue value)
    {
        if (value.HasText)
        {
            to.WriteText(text[value.Text]);
            return;
        }
        Span<byte> number = stackalloc byte[NumberBytesMax];
        to.WriteText(number[..Format(value, number)]);
    }

    /// <summary>Appends the bytes alone.</summary>
    public static void WriteBytes(ByteBuffer to, TextArena text, AnyValue value)
    {
        if (value.HasText)
        {
            to.Write(text[value.Text]);
            return;
        }
        Span<byte> number = stackalloc byte[NumberBytesMax];
        to.Write(number[..Format(value, number)]);
    }

    private static int Format(AnyValue value, Span<byte> to)
    {
        int written = 0;
        switch (value.Type)
        {
            case Batches.ValueType.Bool:
                ReadOnlySpan<byte> word = value.Bool ? "true"u8 : "false"u8;
                word.CopyTo(to);
                return word.Length;
            case Batches.ValueType.Int:
                value.Int.TryFormat(to, out written, default, CultureInfo.InvariantCulture);
                return written;
            case Batches.ValueType.Double:
                value.Double.TryFormat(to, out written, "R", CultureInfo.InvariantCulture);
                return written;
            default:
                return written;
        }
    }
}
