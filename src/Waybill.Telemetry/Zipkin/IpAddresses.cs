using System.Buffers.Binary;
using System.Buffers.Text;
using Waybill.Batches;

namespace Waybill.Zipkin;

/// <summary>IP addresses from bytes to text without an object.</summary>
internal static class IpAddresses
{
    /// <summary>Four bytes as 192.0.2.1, sixteen as in RFC 5952 (2001:db8::1); nothing for other lengths.</summary>
    public static Text Append(TextArena arena, ReadOnlySpan<byte> bytes)
    {
        Span<byte> text = stackalloc byte[48];
        int at = 0;
        if (bytes.Length == 4)
        {
            for (int i = 0; i < 4; i++)
            {
                if (i > 0) text[at++] = (byte)'.';
                Utf8Formatter.TryFormat(bytes[i], text[at..], out int written);
                at += written;
            }
        }
        else if (bytes.Length == 16)
        {
            var (zerosAt, zeros) = LongestZeros(bytes);
            for (int i = 0; i < 8; i++)
            {
                if (i == zerosAt)
                {
                    text[at++] = (byte)':';
                    if (i == 0) text[at++] = (byte)':';
                    i += zeros - 1;
                    continue;
                }
                BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]).TryFormat(text[at..], out int written, "x");
                at += written;
                if (i < 7) text[at++] = (byte)':';
            }
        }
        return arena.Append(text[..at]);
    }

    /// <summary>The longest run of zero groups of two or more, the first of equals; (-1, 0) when there is none.</summary>
    private static (int At, int Count) LongestZeros(ReadOnlySpan<byte> bytes)
    {
        int best = -1, bestCount = 1;
        for (int i = 0; i < 8; i++)
        {
            int count = 0;
            while (i + count < 8 && bytes[2 * (i + count)] == 0 && bytes[2 * (i + count) + 1] == 0) count++;
            if (count <= bestCount) continue;
            best = i;
            bestCount = count;
        }
        return (best, best < 0 ? 0 : bestCount);
    }
}
