namespace Waybill.Redaction.Detection;

/// <summary>The arithmetic that tells a real number from any other. Digits are values 0 to 9, not characters.</summary>
internal static class CheckDigits
{
    private static ReadOnlySpan<byte> VerhoeffProduct =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 0, 6, 7, 8, 9, 5, 2, 3, 4, 0, 1, 7, 8, 9, 5, 6, 3, 4, 0, 1, 2, 8, 9, 5, 6, 7, 4, 0, 1, 2, 3, 9, 5, 6, 7, 8,
        5, 9, 8, 7, 6, 0, 4, 3, 2, 1, 6, 5, 9, 8, 7, 1, 0, 4, 3, 2, 7, 6, 5, 9, 8, 2, 1, 0, 4, 3, 8, 7, 6, 5, 9, 3, 2, 1, 0, 4, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ];

    private static ReadOnlySpan<byte> VerhoeffPermutation =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 5, 7, 6, 2, 8, 3, 0, 9, 4, 5, 8, 0, 3, 7, 9, 6, 1, 4, 2, 8, 9, 1, 6, 0, 4, 3, 5, 2, 7,
        9, 4, 5, 3, 1, 2, 6, 8, 7, 0, 4, 2, 8, 6, 5, 7, 3, 9, 0, 1, 2, 7, 9, 3, 8, 0, 6, 4, 1, 5, 7, 0, 4, 6, 9, 1, 3, 2, 5, 8,
    ];

    public static bool Luhn(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        bool twice = false;
        for (int i = digits.Length - 1; i >= 0; i--, twice = !twice)
        {
            int digit = digits[i];
            sum += twice ? digit * 2 > 9 ? digit * 2 - 9 : digit * 2 : digit;
        }
        return sum % 10 == 0;
    }

    public static bool Verhoeff(ReadOnlySpan<byte> digits)
    {
        int check = 0;
        for (int i = 0; i < digits.Length; i++)
            check = VerhoeffProduct[check * 10 + VerhoeffPermutation[i % 8 * 10 + digits[^(i + 1)]]];
        return check == 0;
    }

    /// <summary>ISO 7064 MOD 11,10, as German tax ids have it.</summary>
    public static bool Mod11And10(ReadOnlySpan<byte> digits)
    {
        int product = 10;
        foreach (byte digit in digits[..^1])
        {
            int sum = (digit + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return (11 - product) % 10 == digits[^1];
    }

    /// <summary>Sum of digit times weight, modulo <paramref name="modulus"/>.</summary>
    public static int Weighted(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> weights, int modulus)
    {
        int sum = 0;
        for (int i = 0; i < weights.Length; i++) sum += digits[i] * weights[i];
        return sum % modulus;
    }

    /// <summary>ISO 7064 MOD 97,10 over letters and digits: the check of an IBAN, whose first four stand last.</summary>
    public static bool Iban(ReadOnlySpan<byte> letters)
    {
        int rest = 0;
        for (int i = 0; i < letters.Length; i++)
        {
            byte c = letters[(i + 4) % letters.Length];
            rest = c <= '9' ? (rest * 10 + c - '0') % 97 : (rest * 100 + (c | 0x20) - 'a' + 10) % 97;
        }
        return rest == 1;
    }

    public static bool Ean13(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        for (int i = 0; i < 13; i++) sum += digits[i] * (i % 2 == 0 ? 1 : 3);
        return sum % 10 == 0;
    }

    public static int Number(ReadOnlySpan<byte> digits)
    {
        int number = 0;
        foreach (byte digit in digits) number = number * 10 + digit;
        return number;
    }
}
