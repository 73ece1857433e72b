namespace Waybill.Redaction.Detection;

/// <summary>Passwords in <c>scheme://user:password@host</c>.</summary>
internal static class Urls
{
    private const int AuthorityMax = 256;

    /// <param name="start">Behind <c>://</c>.</param>
    public static bool TryClaim(ref Scan scan, int start)
    {
        if (!scan.Wants(Detector.UrlPassword)) return false;
        int colon = -1, at = -1;
        for (int i = start; i < scan.Text.Length && i - start < AuthorityMax; i++)
        {
            byte c = scan.Text[i];
            if (c == ':' && colon < 0) colon = i;
            else if (c == '@') at = i;
            else if (Characters.IsSpace(c) || Characters.IsQuote(c) || c is (byte)'<' or (byte)'>' or (byte)'?') break;
            else if (c is (byte)'/' or (byte)'#' or (byte)',' && EndsAuthority(ref scan, colon, at, i)) break;
        }
        if (colon < 0 || at <= colon + 1 || IsPort(ref scan, colon + 1, at) && scan.At(at + 1) == 0) return false;
        if (Placeholders.Is(scan.Text[(colon + 1)..at])) return false;
        return scan.Claim(colon + 1, at, Detector.UrlPassword);
    }

    /// <summary>Behind the first colon a slash may be part of a password that nobody escaped, as long as no host or port has been seen.</summary>
    private static bool EndsAuthority(ref Scan scan, int colon, int at, int slash) =>
        colon < 0 || (at < 0 ? IsPort(ref scan, colon + 1, slash) : at + 1 == slash || scan.Text[at..slash].ContainsAny((byte)'.', (byte)':'));

    private static bool IsPort(ref Scan scan, int start, int end)
    {
        if (end - start is < 1 or > 5) return false;
        for (int i = start; i < end; i++)
            if (!Characters.IsDigit(scan.Text[i])) return false;
        return true;
    }
}
