namespace Waybill.Redaction.Detection;

/// <summary>
/// National ids made of digits. Those with strong checks, or written in a form that nothing else has, stand alone; the others need the key or words before them.
/// </summary>
internal static class NationalIds
{
    public static bool TryClaim(scoped ref Scan scan, scoped Number number) => number.Digits.Length switch
    {
        9 => TrySsn(ref scan, number) || TryBsn(ref scan, number) || TrySin(ref scan, number),
        8 => TryBsn8(ref scan, number),
        10 => TryPersonnummer(ref scan, number, number.Digits),
        11 => TryCpf(ref scan, number) || TryPesel(ref scan, number) || TrySteuerId(ref scan, number),
        12 => TryAadhaar(ref scan, number) || TryPersonnummer(ref scan, number, number.Digits[2..]),
        13 => TryAhv(ref scan, number),
        15 => TryNir(ref scan, number),
        _ => false,
    } && !number.Plus;

    private static bool TrySsn(scoped ref Scan scan, scoped Number number)
    {
        var digits = number.Digits;
        int area = CheckDigits.Number(digits[..3]);
        if (!scan.Wants(Detector.UsSsn) || area is 0 or 666 or >= 900 || CheckDigits.Number(digits[3..5]) == 0 || CheckDigits.Number(digits[5..]) == 0) return false;
        if (!number.HasGroups((byte)'-', 3, 2, 4) && !scan.Expects(Detector.UsSsn, number.Start)) return false;
        if (number.IsGrouped && !number.HasGroups((byte)'-', 3, 2, 4) && !number.HasGroups((byte)' ', 3, 2, 4)) return false;
        return scan.Claim(number.Start, number.End, Detector.UsSsn);
    }

    private static bool TryBsn(scoped ref Scan scan, scoped Number number)
    {
        var digits = number.Digits;
        return scan.Wants(Detector.NlBsn) && (CheckDigits.Weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2], 11) - digits[8] + 11) % 11 == 0 && CheckDigits.Number(digits) != 0
            && scan.Expects(Detector.NlBsn, number.Start) && scan.Claim(number.Start, number.End, Detector.NlBsn);
    }

    private static bool TryBsn8(scoped ref Scan scan, scoped Number number)
    {
        var digits = number.Digits;
        return scan.Wants(Detector.NlBsn) && (CheckDigits.Weighted(digits, [8, 7, 6, 5, 4, 3, 2], 11) - digits[7] + 11) % 11 == 0 && CheckDigits.Number(digits) != 0
            && scan.Expects(Detector.NlBsn, number.Start) && scan.Claim(number.Start, number.End, Detector.NlBsn);
    }

    private static bool TrySin(scoped ref Scan scan, scoped Number number) =>
        scan.Wants(Detector.CaSin) && number.Digits[0] is not (0 or 8) && CheckDigits.Luhn(number.Digits) && scan.Expects(Detector.CaSin, number.Start)
        && scan.Claim(number.Start, number.End, Detector.CaSin);

    private static bool TryPersonnummer(scoped ref Scan scan, scoped Number number, scoped ReadOnlySpan<byte> ten)
    {
        int day = CheckDigits.Number(ten[4..6]);
        return scan.Wants(Detector.SePersonnummer) && CheckDigits.Number(ten[2..4]) is >= 1 and <= 12 && day is >= 1 and <= 31 or >= 61 and <= 91
            && CheckDigits.Luhn(ten) && scan.Expects(Detector.SePersonnummer, number.Start) && scan.Claim(number.Start, number.End, Detector.SePersonnummer);
    }

    private static bool TryCpf(scoped ref Scan scan, scoped Number number)
    {
        var digits = number.Digits;
        if (!scan.Wants(Detector.BrCpf) || !digits.ContainsAnyExcept(digits[0])) return false;
        if (digits[9] != CpfDigit(digits[..9]) || digits[10] != CpfDigit(digits[..10])) return false;
        bool written = number.Groups.Length == 4 && number.Groups[0] is { Digits: 3, Separator: (byte)'.' } && number.Groups[1] is { Digits: 6, Separator: (byte)'.' }
            && number.Groups[2] is { Digits: 9, Separator: (byte)'-' };
        return (written || scan.Expects(Detector.BrCpf, number.Start)) && scan.Claim(number.Start, number.End, Detector.BrCpf);
    }

    private static int CpfDigit(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++) sum += digits[i] * (digits.Length + 1 - i);
        return sum * 10 % 11 % 10;
    }

    private static bool TryPesel(scoped ref Scan scan, scoped Number number)
    {
        var digits = number.Digits;
        int month = CheckDigits.Number(digits[2..4]) % 20, day = CheckDigits.Number(digits[4..6]);
        return scan.Wants(Detector.PlPesel) && !number.IsGrouped && month is >= 1 and <= 12 && day is >= 1 and <= 31
            && (10 - CheckDigits.Weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10)) % 10 == digits[10]
            && scan.Expects(Detector.PlPesel, number.Start) && scan.Claim(number.Start, number.End, Detector.PlPesel);
    }

    /// <summary>Of the first ten digits one occurs twice or three times, and the others at most once.</summary>
    private static bool TrySteuerId(scoped ref Scan scan, scoped Number number)
    {
        var digits = number.Digits;
        if (!scan.Wants(Detector.DeSteuerId) || digits[0] == 0) return false;
        Span<byte> counts = stackalloc byte[10];
        counts.Clear();
        foreach (byte digit in digits[..10]) counts[digit]++;
        int repeated = 0;
        foreach (byte count in counts)
        {
            if (count > 3) return false;
            if (count > 1) repeated++;
        }
        return repeated == 1 && CheckDigits.Mod11And10(digits) && scan.Expects(Detector.DeSteuerId, number.Start) && scan.Claim(number.Start, number.End, Detector.DeSteuerId);
    }

    private static bool TryAadhaar(scoped ref Scan scan, scoped Number number) =>
        scan.Wants(Detector.InAadhaar) && number.Digits[0] >= 2 && CheckDigits.Verhoeff(number.Digits) && scan.Expects(Detector.InAadhaar, number.Start)
        && scan.Claim(number.Start, number.End, Detector.InAadhaar);

    private static bool TryAhv(scoped ref Scan scan, scoped Number number)
    {
        if (!scan.Wants(Detector.ChAhv) || CheckDigits.Number(number.Digits[..3]) != 756 || !CheckDigits.Ean13(number.Digits)) return false;
        return (number.HasGroups((byte)'.', 3, 4, 4, 2) || scan.Expects(Detector.ChAhv, number.Start)) && scan.Claim(number.Start, number.End, Detector.ChAhv);
    }

    /// <summary>Sex, year, month, place, order and 97 minus the rest: one number in four thousand passes. Rare sexes and months need a word.</summary>
    private static bool TryNir(scoped ref Scan scan, scoped Number number)
    {
        var digits = number.Digits;
        int month = CheckDigits.Number(digits[3..5]);
        if (!scan.Wants(Detector.FrNir) || digits[0] is not (1 or 2 or 3 or 4 or 7 or 8) || month is not (>= 1 and <= 12 or >= 20 and <= 42 or >= 50)) return false;
        long body = 0;
        foreach (byte digit in digits[..13]) body = body * 10 + digit;
        if (97 - body % 97 != CheckDigits.Number(digits[13..])) return false;
        bool written = number.HasGroups((byte)' ', 1, 2, 2, 2, 3, 3, 2), isCommon = digits[0] is 1 or 2 && month is >= 1 and <= 12;
        return (written || (!number.IsGrouped && isCommon) || scan.Expects(Detector.FrNir, number.Start)) && scan.Claim(number.Start, number.End, Detector.FrNir);
    }
}
