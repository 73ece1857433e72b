namespace Waybill.Redaction.Detection;

/// <summary>Client secrets of Microsoft Entra: three characters, a digit, <c>Q~</c>, then 31 to 34.</summary>
internal static class AzureSecrets
{
    /// <param name="end">Where the ~ stands.</param>
    public static bool TryClaim(ref Scan scan, int start, int end)
    {
        if (!scan.Wants(Detector.AzureKey) || scan.Text[end - 1] != 'Q' || !Characters.IsDigit(scan.At(end - 2)) || end - start < 5) return false;
        int at = end + 1;
        while (Characters.IsAlphanumeric(scan.At(at)) || scan.At(at) is (byte)'_' or (byte)'-' or (byte)'.' or (byte)'~') at++;
        return at - end - 1 is >= 31 and <= 34 && scan.Claim(Math.Max(start, end - 5), at, Detector.AzureKey);
    }
}
