namespace Waybill.Redaction.Detection;

/// <summary>PEM blocks of private keys, from BEGIN to END or to the end of the text; line breaks may be written as <c>\n</c>.</summary>
internal static class PrivateKeys
{
    private const int LabelMax = 64;

    /// <param name="start">Where the word BEGIN stands.</param>
    public static bool TryClaim(ref Scan scan, int start)
    {
        if (!scan.Wants(Detector.PrivateKey) || start < 5 || !scan.Text[(start - 5)..].StartsWith("-----BEGIN"u8)) return false;
        var rest = scan.Text[start..];
        var label = rest[..Math.Min(rest.Length, LabelMax)];
        int labelEnd = label.IndexOf("-----"u8);
        if (labelEnd < 0 || label[..labelEnd].IndexOf("PRIVATE KEY"u8) < 0) return false;
        int end = rest[labelEnd..].IndexOf("-----END"u8);
        if (end < 0) return scan.Claim(start - 5, scan.Text.Length, Detector.PrivateKey);
        end += labelEnd + "-----END"u8.Length;
        int closing = rest[end..].IndexOf("-----"u8);
        end = closing is >= 0 and < LabelMax ? end + closing + 5 : end;
        return scan.Claim(start - 5, start + end, Detector.PrivateKey);
    }
}
