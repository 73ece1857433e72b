using System.Globalization;
using System.Text;

namespace Waybill.Redaction;

/// <summary>
/// Makes sensitive values of every kind, with check digits computed here and not by the detectors under test: what is searched for is the digit
/// that makes the definition true.
/// </summary>
internal sealed class SensitiveValues(Random random)
{
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", Lower = "abcdefghijklmnopqrstuvwxyz", Decimal = "0123456789";

    private static readonly string[] FirstNames = ["ada", "grace", "alan", "linus", "margaret", "dennis", "barbara", "niklaus", "edsger", "josé", "zoë"];
    private static readonly string[] LastNames = ["lovelace", "hopper", "turing", "hamilton", "ritchie", "liskov", "wirth", "o'neil", "van-rossum", "garcia"];
    private static readonly string[] Domains = ["example.com", "mail.example.org", "acme.co.uk", "firma.de", "posta.it", "startup.io", "uni-bonn.de", "xn--bcher-kva.example", "corp.example.museum"];

    public string Pick(params string[] of) => of[random.Next(of.Length)];
    public string From(string alphabet, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => alphabet[random.Next(alphabet.Length)]));
    public string Digits(int count) => From(Decimal, count);
    public string Hex(int count) => From("0123456789abcdef", count);
    public string Token(int count) => From(Upper + Lower + Decimal, count);
    public int Next(int min, int max) => random.Next(min, max);

    public string Email()
    {
        string first = Pick(FirstNames), last = Pick(LastNames), domain = Pick(Domains);
        string local = random.Next(6) switch { 0 => first, 1 => $"{first}.{last}", 2 => $"{first[0]}{last}", 3 => $"{first}_{last}{random.Next(99)}", 4 => $"{first}+{Pick("news", "shop", "a")}", _ => $"{last}-{first}" };
        return random.Next(8) == 0 ? $"{local}@{domain}".ToUpperInvariant() : $"{local}@{domain}";
    }

    public string Card()
    {
        (string prefix, int length) = random.Next(9) switch
        {
            0 or 1 => ("4", 16), 2 => ("5" + random.Next(1, 6), 16), 3 => (random.Next(2221, 2721).ToString(CultureInfo.InvariantCulture), 16), 4 => ("3" + Pick("4", "7"), 15),
            5 => ("6011", 16), 6 => (random.Next(3528, 3590).ToString(CultureInfo.InvariantCulture), 16), 7 => ("36", 14), _ => ("65", 16),
        };
        return Luhn(prefix + Digits(length - prefix.Length - 1));
    }

    public string GroupedCard()
    {
        string card = Card(), gap = Pick(" ", "-");
        int[] sizes = card.Length switch { 16 => [4, 4, 4, 4], 15 => [4, 6, 5], _ => [4, 6, 4] };
        return Group(card, gap, sizes);
    }

    public string Iban()
    {
        (string country, string shape) = random.Next(8) switch
        {
            0 => ("DE", "nnnnnnnnnnnnnnnnnn"), 1 => ("GB", "aaaannnnnnnnnnnnnn"), 2 => ("FR", "nnnnnnnnnncccccccccccnn"), 3 => ("NL", "aaaannnnnnnnnn"), 4 => ("ES", "nnnnnnnnnnnnnnnnnnnn"),
            5 => ("IT", "annnnnnnnnncccccccccccc"), 6 => ("NO", "nnnnnnnnnnn"), _ => ("PL", "nnnnnnnnnnnnnnnnnnnnnnnn"),
        };
        string bban = string.Concat(shape.Select(c => c switch { 'n' => Digits(1), 'a' => From(Upper, 1), _ => From(Upper + Decimal, 1) }));
        string iban = Enumerable.Range(2, 97).Select(check => $"{country}{check:00}{bban}").First(candidate =>
            System.Numerics.BigInteger.Parse(string.Concat((candidate[4..] + candidate[..4]).Select(c => char.IsLetter(c) ? (c - 'A' + 10).ToString(CultureInfo.InvariantCulture) : c.ToString())), CultureInfo.InvariantCulture) % 97 == 1);
        return random.Next(2) == 0 ? iban : string.Join(' ', iban.Chunk(4).Select(chunk => new string(chunk)));
    }

    public string Phone() => random.Next(6) switch
    {
        0 => $"+1 {random.Next(201, 990)}-555-{Digits(4)}", 1 => $"+49 {random.Next(30, 990)} {Digits(7)}", 2 => $"+44{random.Next(7000, 7999)}{Digits(6)}", 3 => $"+33 6 {Digits(2)} {Digits(2)} {Digits(2)} {Digits(2)}",
        4 => $"+{random.Next(31, 99)}{Digits(10)}", _ => $"({random.Next(201, 990)}) 555-{Digits(4)}",
    };

    public string LocalPhone() => random.Next(3) switch { 0 => $"{random.Next(201, 990)}-555-{Digits(4)}", 1 => $"0{random.Next(30, 990)} {Digits(7)}", _ => $"{random.Next(201, 990)}555{Digits(4)}" };

    public string Ssn() => $"{random.Next(1, 666):000}-{random.Next(1, 100):00}-{random.Next(1, 10_000):0000}";

    public string Nino() => $"{Pick("AB", "CE", "JG", "PX", "SL", "WM", "YT")}{Digits(6)}{Pick("A", "B", "C", "D")}";

    public string SteuerId()
    {
        while (true)
        {
            // Nine of the ten digits differ; one comes twice.
            var ten = Decimal.OrderBy(_ => random.Next()).ToArray();
            int twice = random.Next(10), over = random.Next(10);
            if (twice == over) continue;
            ten[over] = ten[twice];
            if (ten[0] == '0') continue;
            string body = new(ten);
            return Decimal.Select(check => body + check).First(IsSteuerId);
        }
    }

    private static bool IsSteuerId(string id)
    {
        int product = 10;
        for (int i = 0; i < 10; i++)
        {
            int sum = (id[i] - '0' + product) % 10;
            if (sum == 0) sum = 10;
            product = sum * 2 % 11;
        }
        int check = 11 - product;
        return (check == 10 ? 0 : check) == id[10] - '0';
    }

    public string Nir()
    {
        string body = $"{random.Next(1, 3)}{Digits(2)}{random.Next(1, 13):00}{random.Next(1, 96):00}{Digits(3)}{random.Next(1, 1000):000}";
        string key = (97 - long.Parse(body, CultureInfo.InvariantCulture) % 97).ToString("00", CultureInfo.InvariantCulture);
        return random.Next(2) == 0 ? body + key : Group(body + key, " ", [1, 2, 2, 2, 3, 3, 2]);
    }

    public string Dni()
    {
        const string Letters = "TRWAGMYFPDXBNJZSQVHLCKE";
        if (random.Next(2) == 0)
        {
            int number = random.Next(1_000_000, 99_999_999);
            return $"{number:00000000}{Letters[number % 23]}";
        }
        int first = random.Next(3), rest = random.Next(0, 9_999_999);
        return $"{"XYZ"[first]}{rest:0000000}{Letters[(first * 10_000_000 + rest) % 23]}";
    }

    public string Bsn() => Until(() => Digits(9), bsn => bsn[0] != '0' && (Enumerable.Range(0, 8).Sum(i => (bsn[i] - '0') * (9 - i)) - (bsn[8] - '0')) % 11 == 0);

    public string CodiceFiscale()
    {
        string body = From("BCDFGLMNPRSTVZ", 6) + Digits(2) + Pick("A", "B", "C", "D", "E", "H", "L", "M", "P", "R", "S", "T") + random.Next(1, 32).ToString("00", CultureInfo.InvariantCulture) + From("ABCDEFGHIL", 1) + Digits(3);
        int[] odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        int sum = body.Select((c, i) => (char.IsDigit(c) ? c - '0' : c - 'A') is var value && i % 2 == 0 ? odd[value] : value).Sum();
        return body + Upper[sum % 26];
    }

    public string Pesel() => Until(() => $"{Digits(2)}{random.Next(1, 13):00}{random.Next(1, 29):00}{Digits(5)}",
        pesel => pesel.Zip("13791379131", (digit, weight) => (digit - '0') * (weight - '0')).Sum() % 10 == 0);

    public string Cpf()
    {
        string cpf = Digits(9);
        for (int n = 9; n < 11; n++)
        {
            int sum = cpf.Select((digit, i) => (digit - '0') * (n + 1 - i)).Sum() % 11;
            cpf += sum < 2 ? 0 : 11 - sum;
        }
        return $"{cpf[..3]}.{cpf[3..6]}.{cpf[6..9]}-{cpf[9..]}";
    }

    public string Aadhaar()
    {
        string body = random.Next(2, 10) + Digits(10);
        string number = Decimal.Select(check => body + check).First(IsVerhoeff);
        return random.Next(2) == 0 ? number : Group(number, " ", [4, 4, 4]);
    }

    /// <summary>Verhoeff by its definition: products in the dihedral group of the pentagon.</summary>
    private static bool IsVerhoeff(string number)
    {
        int[] permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
        int check = 0;
        for (int i = 0; i < number.Length; i++)
        {
            int digit = number[^(i + 1)] - '0';
            for (int times = 0; times < i % 8; times++) digit = permutation[digit];
            check = Product(check, digit);
        }
        return check == 0;

        static int Product(int a, int b) => a < 5 ? b < 5 ? (a + b) % 5 : (a + b - 5) % 5 + 5 : b < 5 ? (a - 5 - b + 5) % 5 + 5 : (a - b + 5) % 5;
    }

    public string Sin() => Group(Luhn(Pick("1", "2", "4", "5", "6", "7") + Digits(7)), Pick(" ", "-", ""), [3, 3, 3]);

    public string Personnummer()
    {
        string ten = Luhn($"{random.Next(10, 99)}{random.Next(1, 13):00}{random.Next(1, 29):00}{Digits(3)}");
        return random.Next(2) == 0 ? $"{ten[..6]}-{ten[6..]}" : $"19{ten[..6]}-{ten[6..]}";
    }

    public string Ahv() => Until(() => $"756.{Digits(4)}.{Digits(4)}.{Digits(2)}",
        ahv => ahv.Where(char.IsDigit).Select((digit, i) => (digit - '0') * (i % 2 == 0 ? 1 : 3)).Sum() % 10 == 0);

    public string Hetu()
    {
        string date = $"{random.Next(1, 29):00}{random.Next(1, 13):00}{Digits(2)}", individual = random.Next(2, 900).ToString("000", CultureInfo.InvariantCulture);
        return $"{date}{Pick("-", "A")}{individual}{"0123456789ABCDEFHJKLMNPRSTUVWXY"[int.Parse(date + individual, CultureInfo.InvariantCulture) % 31]}";
    }

    public string Jwt() => $"{Base64Url($$"""{"alg":"HS256","typ":"JWT","kid":"{{Hex(6)}}"}""")}.{Base64Url($$"""{"sub":"{{Digits(8)}}","exp":{{Digits(10)}}}""")}.{Token(43)}";

    public string PrivateKey() => $"-----BEGIN {Pick("RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED ")}PRIVATE KEY-----{Pick("\n", "\\n")}{Token(64)}\n{Token(64)}\n-----END PRIVATE KEY-----";

    public string Password() => Pick($"{Pick("hunter", "Tr0ub4dor", "correct-horse", "S3cret", "pässwört")}{random.Next(1, 9999)}{Pick("", "!", "$", "#", "%")}", Token(random.Next(8, 24)));

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    public static string Base64Url(string text) => Base64(text).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    public string Upper32(int count) => From(Upper + "234567", count);

    private static string Until(Func<string> make, Func<string, bool> holds)
    {
        while (true)
            if (make() is var value && holds(value)) return value;
    }

    /// <summary>Adds the digit that makes the sum of digits, every second doubled, end in 0.</summary>
    private static string Luhn(string body) => Decimal.Select(check => body + check).First(number =>
        number.Reverse().Select((c, i) => i % 2 == 0 ? c - '0' : ((c - '0') * 2).ToString(CultureInfo.InvariantCulture).Sum(digit => digit - '0')).Sum() % 10 == 0);

    private static string Group(string text, string gap, int[] sizes)
    {
        var groups = new List<string>();
        int at = 0;
        foreach (int size in sizes)
        {
            groups.Add(text.Substring(at, size));
            at += size;
        }
        return string.Join(gap, groups);
    }
}
