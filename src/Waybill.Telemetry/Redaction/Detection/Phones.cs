namespace Waybill.Redaction.Detection;

/// <summary>Telephone numbers: international with + and a country code, or national ones where a word or the key says phone.</summary>
internal static class Phones
{
    public static bool TryClaim(scoped ref Scan scan, scoped Number number)
    {
        if (!scan.Wants(Detector.Phone)) return false;
        var digits = number.Digits;
        if (number.Plus)
        {
            if (digits.Length is < 9 or > 15 || digits[0] == 0 || number.Groups[0].Separator == '.' && number.Groups.Length == 2) return false;
            return scan.Claim(number.Start - 1, number.End, Detector.Phone);
        }
        if (digits.Length is < 7 or > 15 || IsDate(number)) return false;
        if (TryAreaInBrackets(ref scan, number, out int start)) return scan.Claim(start, number.End, Detector.Phone);
        return scan.Expects(Detector.Phone, number.Start) && scan.Claim(number.Start, number.End, Detector.Phone);
    }

    /// <summary>(415) 555-2671: the brackets say it.</summary>
    private static bool TryAreaInBrackets(scoped ref Scan scan, scoped Number number, out int start)
    {
        start = number.Start;
        if (number.Digits.Length != 7 || !number.HasGroups((byte)'-', 3, 4)) return false;
        int at = number.Start - 1;
        if (scan.At(at) == ' ') at--;
        if (scan.At(at) != ')' || scan.At(at - 4) != '(') return false;
        for (int i = 1; i <= 3; i++)
            if (!Characters.IsDigit(scan.At(at - i))) return false;
        start = at - 4;
        return scan.At(at - 3) is not ((byte)'0' or (byte)'1');
    }

    /// <summary>2024-01-31, with or without hours behind it.</summary>
    private static bool IsDate(Number number) =>
        number.Groups.Length >= 3 && number.Groups[0].Digits == 4 && number.Groups[1].Digits == 6 && number.Groups[2].Digits == 8 && number.Digits[0] is 1 or 2 && number.Digits[4] <= 1;
}
