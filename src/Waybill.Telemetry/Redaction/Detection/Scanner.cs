using Waybill.Batches;

namespace Waybill.Redaction.Detection;

/// <summary>
/// Goes over a text once, word by word, and asks at each word only the detectors that its letters, its digits or the sign behind it suggest. No detector looks
/// farther than a bound from its word, except to the end of what it claims, so the time grows with the text's length and nothing else.
/// </summary>
internal static class Scanner
{
    /// <summary>Fills <paramref name="matches"/> with what was found, from left to right, without overlaps.</summary>
    /// <param name="detectors">The detectors wanted, as bits.</param>
    /// <param name="hints">The detectors that the key suggests.</param>
    public static void Find(ReadOnlySpan<byte> text, ulong detectors, ulong hints, Column<Match> matches)
    {
        matches.Clear();
        var scan = new Scan(text, detectors, hints, matches);
        byte[] classes = Characters.Classes;
        for (int at = 0; at < text.Length;)
        {
            int seen = classes[text[at]];
            if (seen == 0)
            {
                at++;
                continue;
            }
            int start = at++;
            while (at < text.Length)
            {
                int c = classes[text[at]];
                if (c == 0) break;
                seen |= c;
                at++;
            }
            Inspect(ref scan, start, at, seen);
            if (scan.Claimed > at) at = scan.Claimed;
        }
    }

    private static void Inspect(ref Scan scan, int start, int end, int seen)
    {
        byte first = scan.Text[start], next = scan.At(end);
        if ((seen & Characters.Digit) != 0 && Numeric(ref scan, start, end, seen)) return;
        if (VendorKeys.MayBegin(first) && VendorKeys.TryClaim(ref scan, start)) return;
        if (next == '@' && Emails.TryClaim(ref scan, end, 1)) return;
        if (next == '%' && scan.At(end + 1) == '4' && scan.At(end + 2) == '0' && Emails.TryClaim(ref scan, end, 3)) return;
        if (next == ':' && scan.At(end + 1) == '/' && scan.At(end + 2) == '/' && Urls.TryClaim(ref scan, end + 3)) return;
        if ((seen & Characters.Letter) == 0) return;
        var word = scan.Text[start..end];
        if (SecretNames.MayBe(word) && Assignments.TryClaim(ref scan, start, end)) return;
        switch (word.Length)
        {
            case 6 or 5 or 2 when (first | 0x20) == 'b' && (next == ' ' || next == ':' || next == '%'):
                if (word.Length == 5 && word.SequenceEqual("BEGIN"u8)) PrivateKeys.TryClaim(ref scan, start);
                else Assignments.TryClaimAfterWord(ref scan, start, end);
                break;
        }
        if (next == '~') AzureSecrets.TryClaim(ref scan, start, end);
    }

    private static bool Numeric(ref Scan scan, int start, int end, int seen)
    {
        if (scan.Wants(Detector.IpAddress) && IpAddresses.TryClaim(ref scan, start)) return true;
        if (Characters.IsDigit(scan.Text[start]))
        {
            if ((seen & Characters.Letter) == 0)
                return Numbers.TryClaim(ref scan, start) || (scan.At(end) is (byte)'-' or (byte)'+') && end - start is 6 or 8 && (LetteredIds.TryHetu(ref scan, start) || LetteredIds.TryClaim(ref scan, start, end));
            return end - start is 9 or 11 && (LetteredIds.TryClaim(ref scan, start, end) || LetteredIds.TryHetu(ref scan, start));
        }
        return end - start >= 4 && LetteredIds.TryClaim(ref scan, start, end);
    }
}
