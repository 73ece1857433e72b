using System.Security.Cryptography;
using System.Text;
using Waybill.Batches;
using Waybill.Redaction.Detection;

namespace Waybill.Redaction;

/// <summary>Writes what stands in place of something sensitive.</summary>
/// <param name="hashKey">The key of the HMAC; with it equal values hash equally, today and after a restart.</param>
internal sealed class Rewriter(byte[] hashKey)
{
    private const int NormalizedMax = 512;

    /// <summary>Appends to <paramref name="to"/> what <paramref name="verdict"/> makes of <paramref name="found"/>.</summary>
    public void Append(TextArena to, ReadOnlySpan<byte> found, Detector detector, Verdict verdict)
    {
        switch (verdict.Action)
        {
            case RedactionAction.Keep: to.Append(found); break;
            case RedactionAction.Drop: break;
            case RedactionAction.Mask: Mask(to, found, detector); break;
            case RedactionAction.Hash: Hash(to, found, detector); break;
            case RedactionAction.Truncate: Truncate(to, found, verdict.LengthMax); break;
            default: Replace(to, detector, verdict); break;
        }
    }

    private static void Replace(TextArena to, Detector detector, Verdict verdict)
    {
        if (verdict.Replacement is { } replacement)
        {
            to.Append(replacement);
            return;
        }
        to.Append("[redacted:"u8);
        AppendName(to, detector);
        to.Append("]"u8);
    }

    /// <summary>Letters and digits become stars, but for what lets a person recognize their own card, account or number.</summary>
    private static void Mask(TextArena to, ReadOnlySpan<byte> found, Detector detector)
    {
        (int head, int tail) = detector switch
        {
            Detector.PaymentCard => (0, 4),
            Detector.Iban => (2, 4),
            Detector.Phone => (0, 2),
            _ => (0, 0),
        };
        int characters = 0;
        foreach (byte c in found)
            if (Characters.IsAlphanumeric(c)) characters++;
        if (characters < (head + tail) * 2) (head, tail) = (0, 0);
        int seen = 0;
        for (int i = 0; i < found.Length; i++)
        {
            byte c = found[i];
            if (c >= 0x80)
            {
                if ((c & 0xC0) != 0x80) to.Append("*"u8);   // one star a character
            }
            else if (!Characters.IsAlphanumeric(c)) to.Append([c]);
            else
            {
                to.Append(seen < head || seen >= characters - tail ? [c] : "*"u8);
                seen++;
            }
        }
    }

    private void Hash(TextArena to, ReadOnlySpan<byte> found, Detector detector)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> normalized = stackalloc byte[NormalizedMax];
        HMACSHA256.HashData(hashKey, found.Length <= NormalizedMax ? Normalize(found, detector, normalized) : found, digest);
        Span<byte> hex = stackalloc byte[16];
        for (int i = 0; i < 8; i++)
        {
            hex[i * 2] = "0123456789abcdef"u8[digest[i] >> 4];
            hex[i * 2 + 1] = "0123456789abcdef"u8[digest[i] & 15];
        }
        to.Append("["u8);
        if (detector is Detector.Key or Detector.Pattern or Detector.SensitiveKey) to.Append("hash"u8);
        else AppendName(to, detector);
        to.Append(":"u8);
        to.Append(hex);
        to.Append("]"u8);
    }

    /// <summary>One spelling for what is the same: addresses in small letters, numbers without spaces and dashes.</summary>
    private static ReadOnlySpan<byte> Normalize(ReadOnlySpan<byte> found, Detector detector, Span<byte> room)
    {
        int length = 0;
        if (detector == Detector.Email)
        {
            for (int i = 0; i < found.Length; i++)
            {
                bool escaped = found[i] == '%' && i + 2 < found.Length;
                if (escaped && found[i + 1] == '4' && found[i + 2] == '0') room[length++] = (byte)'@';
                else if (escaped && found[i + 1] == '2' && (found[i + 2] | 0x20) == 'b') room[length++] = (byte)'+';
                else
                {
                    room[length++] = Characters.Lower(found[i]);
                    continue;
                }
                i += 2;
            }
            return room[..length];
        }
        if (detector.Info().Family != Family.Personal || detector == Detector.IpAddress) return found;
        foreach (byte c in found)
            if (Characters.IsAlphanumeric(c)) room[length++] = Characters.IsLower(c) ? (byte)(c & ~0x20) : c;
        return room[..length];
    }

    private static void Truncate(TextArena to, ReadOnlySpan<byte> found, int lengthMax)
    {
        int bytes = 0, characters = 0;
        foreach (var rune in new Shape.SpanRunes(found))
        {
            if (characters++ == lengthMax) break;
            bytes += rune.Utf8SequenceLength;
        }
        bytes = Math.Min(bytes, found.Length);
        to.Append(found[..bytes]);
        if (bytes < found.Length) to.Append("…"u8);
    }

    private static void AppendName(TextArena to, Detector detector)
    {
        string name = detector.Info().Name;
        Encoding.ASCII.GetBytes(name, to.Reserve(name.Length));
    }
}
