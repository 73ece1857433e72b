namespace Waybill.Redaction.Detection;

/// <summary>IPv4 and IPv6 addresses. Looked for only where a rule asks.</summary>
internal static class IpAddresses
{
    public static bool TryClaim(ref Scan scan, int start)
    {
        if (!scan.Wants(Detector.IpAddress) || scan.At(start - 1) is (byte)'.' or (byte)':' or (byte)'-' && !(scan.At(start - 1) == ':' && scan.At(start - 2) == ':')) return false;
        int end = start;
        while (end - start < 45 && (Uri.IsHexDigit((char)scan.At(end)) || scan.At(end) is (byte)'.' or (byte)':')) end++;
        if (Characters.IsWord(scan.At(end))) return false;
        while (end > start && scan.Text[end - 1] is (byte)'.' or (byte)':') end--;
        var text = scan.Text[start..end];
        int colons = text.Count((byte)':'), dots = text.Count((byte)'.');
        if (dots == 3 && colons == 1) text = text[..text.IndexOf((byte)':')];   // a port behind it
        if (dots != 3 && colons < 2 || dots == 3 && colons > 1) return false;
        Span<char> chars = stackalloc char[48];
        int length = System.Text.Encoding.ASCII.GetChars(text, chars);
        return System.Net.IPAddress.TryParse(chars[..length], out _) && scan.Claim(start, start + text.Length, Detector.IpAddress);
    }
}
