namespace Waybill.Redaction.Detection;

/// <summary>National ids and bank accounts with letters in them.</summary>
internal static class LetteredIds
{
    private static readonly byte[] IbanLengths = MakeIbanLengths();

    /// <param name="start">A word with letters and digits.</param>
    public static bool TryClaim(ref Scan scan, int start, int end) =>
        TryIban(ref scan, start) || TryNino(ref scan, start, end) || TryDni(ref scan, start, end) || TryCodiceFiscale(ref scan, start, end);

    /// <summary>IBANs, whole or in groups of four.</summary>
    public static bool TryIban(ref Scan scan, int start)
    {
        if (!scan.Wants(Detector.Iban) || !Characters.IsLetter(scan.At(start)) || !Characters.IsLetter(scan.At(start + 1))) return false;
        if (!Characters.IsDigit(scan.At(start + 2)) || !Characters.IsDigit(scan.At(start + 3)) || scan.At(start - 1) is (byte)'-' or (byte)'.') return false;
        int length = IbanLengths[((scan.At(start) & 31) << 5) | (scan.At(start + 1) & 31)];
        if (length == 0) return false;
        Span<byte> letters = stackalloc byte[34];
        int count = 0, at = start, sinceGap = 0;
        for (; count < length; at++)
        {
            byte c = scan.At(at);
            if (Characters.IsAlphanumeric(c))
            {
                letters[count++] = c;
                sinceGap++;
            }
            else if (c == ' ' && sinceGap == 4) sinceGap = 0;
            else return false;
        }
        if (Characters.IsWord(scan.At(at)) || scan.At(at) == '-' || !HasLettersOfCountry(letters[..length])) return false;
        return CheckDigits.Iban(letters[..length]) && scan.Claim(start, at, Detector.Iban);
    }

    /// <summary>Most countries have digits only behind the check digits; without asking, a hexadecimal id that begins with be would be a Belgian account once in a hundred times.</summary>
    private static bool HasLettersOfCountry(ReadOnlySpan<byte> iban)
    {
        bool hasLetters = false, isLower = Characters.IsLower(iban[0]);
        foreach (byte c in iban[4..])
            if (Characters.IsLetter(c))
            {
                if (Characters.IsLower(c)) isLower = true;
                hasLetters = true;
            }
        if (!hasLetters) return true;
        ReadOnlySpan<byte> digitsOnly = "AEATBABECZDEDKEEESFIFOGLHRHUILISLTMEMRNOPLPTRSSESISKTNVAXKSD"u8;
        for (int i = 0; i < digitsOnly.Length; i += 2)
            if ((iban[0] & ~0x20) == digitsOnly[i] && (iban[1] & ~0x20) == digitsOnly[i + 1]) return false;
        return !isLower;
    }

    /// <summary>UK: two letters, six digits, A to D; also in pairs.</summary>
    private static bool TryNino(ref Scan scan, int start, int end)
    {
        if (!scan.Wants(Detector.UkNino)) return false;
        byte first = scan.At(start), second = scan.At(start + 1);
        if (!Characters.IsUpper(first) || !Characters.IsUpper(second) || "DFIQUV"u8.Contains(first) || "DFIOQUV"u8.Contains(second)) return false;
        if ((first, second) is ((byte)'B', (byte)'G') or ((byte)'G', (byte)'B') or ((byte)'N', (byte)'K') or ((byte)'K', (byte)'N') or ((byte)'T', (byte)'N') or ((byte)'N', (byte)'T') or ((byte)'Z', (byte)'Z')) return false;
        int at = start + 2, digits = 0;
        bool spaced = scan.At(at) == ' ';
        for (; digits < 6; digits++, at++)
        {
            if (spaced && digits % 2 == 0 && scan.At(at) == ' ') at++;
            if (!Characters.IsDigit(scan.At(at))) return false;
        }
        if (spaced && scan.At(at) == ' ') at++;
        if (scan.At(at) is < (byte)'A' or > (byte)'D' || Characters.IsWord(scan.At(at + 1)) || !spaced && at + 1 != end) return false;
        return scan.At(start - 1) != '-' && scan.At(at + 1) != '-' && scan.Claim(start, at + 1, Detector.UkNino);
    }

    /// <summary>Spain: eight digits, or X, Y, Z and seven, and the letter of their remainder by 23.</summary>
    private static bool TryDni(ref Scan scan, int start, int end)
    {
        if (!scan.Wants(Detector.EsDni) || scan.At(start - 1) is (byte)'-' or (byte)'.') return false;
        int at = start, number = scan.At(start) switch { (byte)'X' => 0, (byte)'Y' => 1, (byte)'Z' => 2, _ => -1 };
        int digits = number < 0 ? 8 : 7;
        if (number < 0) number = 0;
        else if (scan.At(++at) == '-') at++;
        for (; digits > 0; digits--, at++)
        {
            if (!Characters.IsDigit(scan.At(at))) return false;
            number = number * 10 + scan.At(at) - '0';
        }
        if (scan.At(at) == '-') at++;
        if (scan.At(at) != "TRWAGMYFPDXBNJZSQVHLCKE"u8[number % 23] || Characters.IsWord(scan.At(at + 1)) || scan.At(at + 1) == '-') return false;
        return scan.Claim(start, at + 1, Detector.EsDni);
    }

    /// <summary>Italy: six letters, year, month, day, place and a check letter over odd and even places.</summary>
    private static bool TryCodiceFiscale(ref Scan scan, int start, int end)
    {
        if (end - start != 16 || !scan.Wants(Detector.ItCodiceFiscale)) return false;
        var code = scan.Text[start..end];
        ReadOnlySpan<byte> shape = "LLLLLLNNLNNLNNNL"u8;
        ReadOnlySpan<byte> odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        int sum = 0;
        for (int i = 0; i < 15; i++)
        {
            bool isDigit = Characters.IsDigit(code[i]);
            // Digits may be replaced by letters, for people who would share a code.
            if (shape[i] == 'L' ? !Characters.IsLetter(code[i]) : !isDigit && !"lmnpqrstuv"u8.Contains((byte)(code[i] | 0x20))) return false;
            int value = isDigit ? code[i] - '0' : (code[i] | 0x20) - 'a';
            sum += i % 2 == 0 ? odd[value] : value;
        }
        if (!"abcdehlmprst"u8.Contains((byte)(code[8] | 0x20))) return false;
        return (code[15] | 0x20) - 'a' == sum % 26 && scan.Claim(start, end, Detector.ItCodiceFiscale);
    }

    /// <summary>Finland: day, month, year, a sign for the century, three digits and a check character over all nine.</summary>
    public static bool TryHetu(ref Scan scan, int start)
    {
        if (!scan.Wants(Detector.FiHetu) || scan.At(start - 1) is (byte)'-' or (byte)'.') return false;
        int number = 0;
        for (int i = 0; i < 10; i++)
        {
            byte c = scan.At(start + i);
            if (i == 6)
            {
                if (c is not ((byte)'+' or (byte)'-' or (>= (byte)'A' and <= (byte)'F') or (>= (byte)'U' and <= (byte)'Y'))) return false;
                continue;
            }
            if (!Characters.IsDigit(c)) return false;
            number = number * 10 + c - '0';
        }
        int day = number / 10_000_000, month = number / 100_000 % 100;
        if (day is < 1 or > 31 || month is < 1 or > 12 || scan.At(start + 10) != "0123456789ABCDEFHJKLMNPRSTUVWXY"u8[number % 31] || Characters.IsWord(scan.At(start + 11))) return false;
        // 010190-1234 is also a date with a number; one in thirty-one passes. A letter at the end is sign enough.
        if (Characters.IsDigit(scan.At(start + 10)) && !scan.Expects(Detector.FiHetu, start)) return false;
        return scan.Claim(start, start + 11, Detector.FiHetu);
    }

    private static byte[] MakeIbanLengths()
    {
        const string Lengths = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27" +
            "JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";
        byte[] lengths = new byte[32 * 32];
        for (int i = 0; i < Lengths.Length; i += 4)
            lengths[((Lengths[i] & 31) << 5) | (Lengths[i + 1] & 31)] = (byte)((Lengths[i + 2] - '0') * 10 + Lengths[i + 3] - '0');
        return lengths;
    }
}
