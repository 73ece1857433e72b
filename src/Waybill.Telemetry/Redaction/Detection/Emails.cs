namespace Waybill.Redaction.Detection;

/// <summary>E-mail addresses, with @ or %40.</summary>
internal static class Emails
{
    private const int LocalMax = 64, DomainMax = 253;

    // name@host.png, lib@4.17.21.tgz, getty@tty1.service: files and units, not domains.
    private static readonly string[] NotTopLevels =
        ["png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "css", "js", "mjs", "ts", "tsx", "jsx", "json", "xml", "html", "yml", "yaml", "txt", "log", "tgz", "tar", "gz", "jar", "war", "class", "exe", "dll",
            "java", "kt", "php", "service", "socket", "timer", "mount", "target", "slice", "scope", "path", "swap", "device", "svc"];

    private static readonly byte[][] NotTopLevelBytes = [.. NotTopLevels.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <param name="at">Where the sign begins.</param>
    /// <param name="signLength">1 for @, 3 for %40.</param>
    public static bool TryClaim(ref Scan scan, int at, int signLength)
    {
        if (!scan.Wants(Detector.Email)) return false;
        int start = LocalStart(ref scan, at);
        if (start >= at || IsUserOfUrl(ref scan, start)) return false;
        int end = DomainEnd(ref scan, at + signLength);
        if (end < 0) return false;
        if (scan.At(end) == ':' && scan.Text[start..at].SequenceEqual("git"u8)) return false;   // git@github.com:owner/name
        return scan.Claim(start, end, Detector.Email);
    }

    private static int LocalStart(ref Scan scan, int at)
    {
        int start = at;
        while (start > scan.Claimed && at - start < LocalMax && IsLocal(scan.Text[start - 1])) start--;
        // %2B is a plus; any other escape is what stands before the address, as in q%3Dada%40…
        while (scan.At(start - 1) == '%' && scan.At(start) == '2' && (scan.At(start + 1) | 0x20) == 'b' && start - 1 > scan.Claimed)
        {
            start--;
            while (start > scan.Claimed && at - start < LocalMax && IsLocal(scan.Text[start - 1])) start--;
        }
        if (scan.At(start - 1) == '%' && at - start > 2 && Uri.IsHexDigit((char)scan.At(start)) && Uri.IsHexDigit((char)scan.At(start + 1))) start += 2;
        while (start < at && !Characters.IsWord(scan.Text[start])) start++;
        return start;
    }

    private static bool IsLocal(byte c) => Characters.IsWord(c) || c is (byte)'.' or (byte)'+' or (byte)'-' or (byte)'\'' or (byte)'!' or (byte)'#' or (byte)'~';

    /// <summary>ssh://deploy@host: a login of a machine.</summary>
    private static bool IsUserOfUrl(ref Scan scan, int start) => scan.At(start - 1) == '/' && scan.At(start - 2) == '/' && scan.At(start - 3) == ':';

    /// <returns>-1 when there is no domain with a top level.</returns>
    private static int DomainEnd(ref Scan scan, int start)
    {
        int at = start, labelStart = start, lastDot = -1;
        while (at - start < DomainMax)
        {
            byte c = scan.At(at);
            if (c == '.')
            {
                if (at == labelStart || !Characters.IsWord(scan.At(at + 1))) break;
                lastDot = at;
                labelStart = at + 1;
            }
            else if (!Characters.IsAlphanumeric(c) && c < 0x80 && (c != '-' || at == labelStart)) break;
            at++;
        }
        while (at > start && scan.Text[at - 1] == '-') at--;
        if (lastDot < 0 || at - lastDot - 1 is < 2 or > 24) return -1;
        var top = scan.Text[(lastDot + 1)..at];
        if (!top.StartsWith("xn--"u8))
        {
            foreach (byte c in top)
                if (!Characters.IsLetter(c) && c < 0x80) return -1;
        }
        Span<byte> lower = stackalloc byte[24];
        for (int i = 0; i < top.Length; i++) lower[i] = Characters.Lower(top[i]);
        foreach (byte[] file in NotTopLevelBytes)
            if (lower[..top.Length].SequenceEqual(file)) return -1;
        return at;
    }
}
