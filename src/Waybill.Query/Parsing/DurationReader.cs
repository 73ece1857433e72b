using System.Buffers;
using System.Globalization;
using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>
/// A duration: Prometheus' whole numbers of y, w, d, h, m, s, ms from the largest to the smallest (<c>1d12h</c>), or Go's compound of
/// h, m, s, ms, us, ns with fractions (<c>1.5s</c>).
/// </summary>
internal static class DurationReader
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private const string Units = "Units are ns, us, ms, s, m, h, d, w, y: 250ms, 1.5s, 1h30m.";

    public static NumberReader Read(ReadOnlySpan<char> rest)
    {
        int whole = 0;
        while (whole < rest.Length && (char.IsLetterOrDigit(rest[whole]) || rest[whole] is '.' or '_')) whole++;
        ReadOnlySpan<char> left = rest[..whole];
        decimal sum = 0;
        bool hasFraction = false, hasGoUnit = false, hasLongUnit = false, descends = true;
        long smallest = long.MaxValue;
        while (left.Length > 0)
        {
            int digits = left.IndexOfAnyExcept(Digits);
            if (digits <= 0) return Bad(whole, "A number and its unit alternate in a duration.", Units);
            int unitLength = left[digits..].IndexOfAny(Digits);
            ReadOnlySpan<char> unit = unitLength < 0 ? left[digits..] : left.Slice(digits, unitLength);
            if (Size(unit) is not { } size) return Bad(whole, $"'{unit}' is not a unit of time.", Hint(unit));
            if (!decimal.TryParse(left[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) || number > (decimal)long.MaxValue / size)
                return left[..digits].Count('.') > 1 ? Bad(whole, "A number has one decimal point.", Units) : TooLarge(whole);
            hasFraction |= left[..digits].Contains('.');
            hasGoUnit |= size < 1_000_000;
            hasLongUnit |= size > 3_600_000_000_000;
            descends &= size < smallest;
            smallest = size;
            sum += decimal.Truncate(number * size);
            if (sum > long.MaxValue) return TooLarge(whole);
            left = left[(digits + unit.Length)..];
        }
        if (hasLongUnit && (hasFraction || hasGoUnit || !descends))
            return Bad(whole, "A duration in d, w or y is made of whole numbers, from the largest unit to the smallest, down to ms.", "Write fractions in h or smaller: 36h instead of 1.5d.");
        return new(Static.Duration((long)sum), whole);
    }

    private static long? Size(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "\u00b5s" or "\u03bcs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        "w" => 7 * 86_400_000_000_000,
        "y" => 365 * 86_400_000_000_000,
        _ => null,
    };

    private static string Hint(ReadOnlySpan<char> unit) => unit switch
    {
        "sec" or "secs" or "second" or "seconds" => "Seconds are s.",
        "min" or "mins" or "minute" or "minutes" => "Minutes are m.",
        "hr" or "hrs" or "hour" or "hours" => "Hours are h.",
        "day" or "days" => "Days are d.",
        "msec" or "millis" => "Milliseconds are ms.",
        _ => Units,
    };

    private static NumberReader TooLarge(int length) => new(default, length, DiagnosticCode.NumberTooLarge, "The duration is longer than 292 years.");

    private static NumberReader Bad(int length, string message, string hint) => new(default, length, DiagnosticCode.BadDuration, message, hint);
}
