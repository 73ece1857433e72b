namespace Waybill.Redaction.Detection;

/// <summary>The values in <c>a=b; c=d</c>.</summary>
internal static class Cookies
{
    /// <param name="onlyFirst">Set-Cookie: what follows the first pair are its attributes.</param>
    public static bool Claim(ref Scan scan, int start, int end, bool onlyFirst)
    {
        bool any = false;
        for (int at = start; at < end;)
        {
            int pairEnd = scan.Text[at..end].IndexOf((byte)';');
            pairEnd = pairEnd < 0 ? end : at + pairEnd;
            int equals = scan.Text[at..pairEnd].IndexOf((byte)'=');
            int value = equals < 0 ? -1 : at + equals + 1;
            if (value >= 0 && value < pairEnd && !Placeholders.Is(scan.Text[value..pairEnd])) any |= scan.Claim(value, pairEnd, Detector.Cookie);
            if (onlyFirst) break;
            at = pairEnd + 1;
        }
        // The rest is attributes, or was looked at.
        if (any) scan.Claimed = Math.Max(scan.Claimed, end);
        return any;
    }
}
