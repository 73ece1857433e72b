namespace Waybill.Redaction.Detection;

/// <summary>
/// Payment cards. One in ten numbers passes Luhn, so that alone says nothing: the issuer's prefix and length must fit too, and either the digits are grouped
/// as on a card or words before them, or the key, say card. Times, ids and counters stay what they are.
/// </summary>
internal static class PaymentCards
{
    public static bool TryClaim(scoped ref Scan scan, scoped Number number)
    {
        var digits = number.Digits;
        if (digits.Length is < 13 or > 19 || number.Plus || !scan.Wants(Detector.PaymentCard) || !HasIssuer(digits)) return false;
        if (!CheckDigits.Luhn(digits) || IsOneDigit(digits)) return false;
        if (!IsGroupedAsCard(number) && !scan.Expects(Detector.PaymentCard, number.Start)) return false;
        return scan.Claim(number.Start, number.End, Detector.PaymentCard);
    }

    private static bool HasIssuer(ReadOnlySpan<byte> digits)
    {
        int two = CheckDigits.Number(digits[..2]), four = CheckDigits.Number(digits[..4]), length = digits.Length;
        return digits[0] == 4 ? length is 13 or 16 or 19                                                    // Visa
            : two is >= 51 and <= 55 || four is >= 2221 and <= 2720 ? length == 16                           // Mastercard
            : two is 34 or 37 ? length == 15                                                                 // American Express
            : two is 36 or 38 or 39 || four is >= 3000 and <= 3059 or 3095 ? length is >= 14 and <= 19       // Diners Club
            : four == 6011 || two is 65 || four is >= 6440 and <= 6499 ? length is >= 16 and <= 19           // Discover
            : four is >= 3528 and <= 3589 ? length is >= 16 and <= 19                                        // JCB
            : two is 62 or 81 ? length is >= 16 and <= 19                                                    // UnionPay
            : four is 5018 or 5020 or 5038 or 5893 or 6304 or 6759 or 6761 or 6762 or 6763 ? length is >= 13 and <= 19   // Maestro
            : four is >= 2200 and <= 2204 && length is >= 16 and <= 19;                                      // Mir
    }

    private static bool IsGroupedAsCard(Number number)
    {
        byte sign = number.Groups[0].Separator;
        if (sign is not ((byte)' ' or (byte)'-')) return false;
        return number.HasGroups(sign, 4, 4, 4, 4) || number.HasGroups(sign, 4, 6, 5) || number.HasGroups(sign, 4, 6, 4) || number.HasGroups(sign, 4, 4, 4, 4, 3);
    }

    private static bool IsOneDigit(ReadOnlySpan<byte> digits) => !digits.ContainsAnyExcept(digits[^1]);
}
