using System.Globalization;
using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>An int, a float or a duration, as Go and Prometheus write them.</summary>
internal readonly record struct NumberReader(Static Value, int Length, DiagnosticCode? Error = null, string? Message = null, string? Hint = null)
{
    public bool IsMinIntWithoutSign { get; init; }

    public static NumberReader Read(string text, int start)
    {
        ReadOnlySpan<char> rest = text.AsSpan(start);
        if (rest.Length > 1 && rest[0] == '0' && rest[1] is 'x' or 'X' or 'b' or 'B' or 'o' or 'O') return Prefixed(rest);
        int length = 0;
        bool isFloat = false;
        Digits(rest, ref length);
        if (length < rest.Length && rest[length] == '.')
        {
            isFloat = true;
            length++;
            Digits(rest, ref length);
        }
        if (length < rest.Length && rest[length] is 'e' or 'E' && HasExponent(rest[length..], out int exponent))
        {
            isFloat = true;
            length += exponent;
        }
        if (length < rest.Length && (char.IsLetter(rest[length]) || rest[length] == '_')) return DurationReader.Read(rest);
        ReadOnlySpan<char> digits = rest[..length];
        if (digits[0] == '_' || digits[^1] == '_' || digits.Contains("__", StringComparison.Ordinal) || digits.Contains("_.", StringComparison.Ordinal) || digits.Contains("._", StringComparison.Ordinal))
            return Bad(length, "An underscore stands between digits only.");
        string plain = digits.Contains('_') ? digits.ToString().Replace("_", "", StringComparison.Ordinal) : digits.ToString();
        if (isFloat) return Real(plain, length);
        return plain.Length > 1 && plain[0] == '0' ? Octal(plain, length) : Decimal(plain, length);
    }

    private static NumberReader Real(string digits, int length)
    {
        double value = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? new(Static.Of(value), length) : new(default, length, DiagnosticCode.NumberTooLarge, "The number is beyond a 64-bit float.");
    }

    private static NumberReader Decimal(string digits, int length)
    {
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)) value = ulong.MaxValue;
        return OfInt(value, length);
    }

    private static NumberReader Octal(string digits, int length)
    {
        if (digits.AsSpan().ContainsAnyExceptInRange('0', '7')) return Bad(length, "A number with a leading 0 is octal.", "Leave out the leading 0.");
        return OfInt(InBase(digits, 8), length);
    }

    private static NumberReader Prefixed(ReadOnlySpan<char> rest)
    {
        if (rest[1] is 'x' or 'X' && HexFloat(rest) is { } real) return real;
        int length = 2;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] == '_')) length++;
        string digits = rest[2..length].ToString().Replace("_", "", StringComparison.Ordinal);
        int radix = rest[1] switch { 'x' or 'X' => 16, 'b' or 'B' => 2, _ => 8 };
        bool valid = digits.Length > 0 && digits.All(c => char.IsAsciiHexDigit(c) && Convert.ToInt32(c.ToString(), 16) < radix);
        return valid ? OfInt(InBase(digits, (uint)radix), length) : Bad(length, "The digits do not fit the number's prefix.", "0x is followed by hexadecimal, 0o by octal, 0b by binary digits.");
    }

    /// <summary><c>0x1.8p3</c>: hexadecimal digits times a power of two.</summary>
    /// <returns>Null when it is none: without <c>p</c> it is an int.</returns>
    private static NumberReader? HexFloat(ReadOnlySpan<char> rest)
    {
        const int DigitsMax = 30;   // what 128 bits hold; more do not change a 64-bit float
        int length = 2, digits = 0, exponent = 0;
        UInt128 mantissa = 0;
        bool isFraction = false;
        for (; length < rest.Length && (char.IsAsciiHexDigit(rest[length]) || rest[length] == '_' || (rest[length] == '.' && !isFraction)); length++)
        {
            if (rest[length] == '.') isFraction = true;
            if (!char.IsAsciiHexDigit(rest[length])) continue;
            if (++digits <= DigitsMax) mantissa = mantissa * 16 + (uint)Convert.ToInt32(rest[length].ToString(), 16);
            exponent += (digits > DigitsMax ? 4 : 0) - (isFraction ? 4 : 0);
        }
        if (length == rest.Length || rest[length] is not ('p' or 'P'))
            return isFraction ? Bad(length, "A hexadecimal float ends with its power of two.", "Add p and an exponent, as in 0x1.8p3.") : null;
        if (digits == 0 || !HasExponent(rest[length..], out int power)) return Bad(length + 1, "The number lacks digits.", "A hexadecimal float is digits, p and an exponent, as in 0x1.8p3.");
        if (!int.TryParse(rest[(length + 1)..(length + power)], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int written)) written = rest[length + 1] == '-' ? int.MinValue : int.MaxValue;
        double value = mantissa == 0 ? 0 : Math.ScaleB((double)mantissa, (int)Math.Clamp((long)exponent + written, -5_000, 5_000));
        length += power;
        return double.IsFinite(value) ? new(Static.Of(value), length) : new(default, length, DiagnosticCode.NumberTooLarge, "The number is beyond a 64-bit float.");
    }

    private static ulong InBase(string digits, uint radix)
    {
        UInt128 value = 0;
        foreach (char c in digits)
        {
            value = value * radix + (uint)(char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
            if (value > ulong.MaxValue) return ulong.MaxValue;
        }
        return (ulong)value;
    }

    private static NumberReader OfInt(ulong value, int length) => value switch
    {
        <= long.MaxValue => new(Static.Of((long)value), length),
        (ulong)long.MaxValue + 1 => new(Static.Of(long.MinValue), length) { IsMinIntWithoutSign = true },
        _ => new(default, length, DiagnosticCode.NumberTooLarge, "The number is beyond a 64-bit int.", "Write it with a decimal point to make it a float."),
    };

    private static NumberReader Bad(int length, string message, string? hint = null) => new(default, length, DiagnosticCode.BadNumber, message, hint);

    private static void Digits(ReadOnlySpan<char> rest, ref int length)
    {
        while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '_' && length > 0)) length++;
    }

    private static bool HasExponent(ReadOnlySpan<char> rest, out int length)
    {
        length = 1;
        if (length < rest.Length && rest[length] is '+' or '-') length++;
        int digits = length;
        while (length < rest.Length && char.IsAsciiDigit(rest[length])) length++;
        return length > digits;
    }
}
