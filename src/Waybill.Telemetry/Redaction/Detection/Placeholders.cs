using System.Buffers;

namespace Waybill.Redaction.Detection;

/// <summary>What stands where a secret would, and is none: parameters of SQL, templates, stars, and what an earlier redaction has left.</summary>
internal static class Placeholders
{
    /// <summary>Longer values are taken for secrets, whatever they begin with.</summary>
    private const int LengthMax = 256;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    public static bool Is(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return true;
        if (value.Length > LengthMax) return false;
        if (!value.ContainsAnyExcept((byte)'*', (byte)'.', (byte)'-') || !value.ContainsAnyExcept((byte)'?') || value.Length > 2 && !value.ContainsAnyExcept((byte)'x', (byte)'X')) return true;
        return value[0] switch
        {
            (byte)'$' => value.Length == 1 || value[1] is (byte)'{' or (byte)'(' || IsName(value[1..]),
            (byte)'?' => value.Length == 1 || Characters.IsDigit(value[1]),
            (byte)':' or (byte)'@' => value.Length > 1 && IsName(value[1..]),
            (byte)'%' => value.Length <= 3 || value.StartsWith("%("u8),
            (byte)'{' => value[^1] == '}' || IsName(value.TrimStart((byte)'{')),
            (byte)'<' => value[^1] == '>',
            (byte)'[' => value.StartsWith("[redacted"u8) || value.StartsWith("[REDACTED"u8) || value.StartsWith("[FILTERED"u8) || value.StartsWith("[Filtered"u8) || IsHashed(value),
            _ => IsWord(value),
        };
    }

    /// <summary>What <see cref="RedactionAction.Hash"/> leaves: <c>[email:6b1f0c2d9a3e4b55]</c>.</summary>
    private static bool IsHashed(ReadOnlySpan<byte> value)
    {
        // An unquoted value ends before its closing bracket.
        if (value[^1] == ']') value = value[..^1];
        int colon = value.IndexOf((byte)':');
        return colon > 1 && value.Length == colon + 17 && !value[(colon + 1)..].ContainsAnyExcept(HexDigits);
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (byte c in name)
            if (!Characters.IsWord(c)) return false;
        return true;
    }

    private static bool IsWord(ReadOnlySpan<byte> value)
    {
        Span<byte> lower = stackalloc byte[16];
        if (value.Length > 16) return false;
        for (int i = 0; i < value.Length; i++) lower[i] = Characters.Lower(value[i]);
        lower = lower[..value.Length];
        return lower.SequenceEqual("null"u8) || lower.SequenceEqual("nil"u8) || lower.SequenceEqual("none"u8) || lower.SequenceEqual("true"u8) || lower.SequenceEqual("false"u8)
            || lower.SequenceEqual("undefined"u8) || lower.SequenceEqual("redacted"u8) || lower.SequenceEqual("masked"u8) || lower.SequenceEqual("hidden"u8) || lower.SequenceEqual("empty"u8)
            || lower.SequenceEqual("filtered"u8) || lower.SequenceEqual("removed"u8) || lower.SequenceEqual("omitted"u8);
    }
}
