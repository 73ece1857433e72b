using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Waybill.Web;

/// <summary>The time range of a question: from <see cref="SinceUnixNano"/> (inclusive) to <see cref="UntilUnixNano"/> (exclusive), nanoseconds since 1970.</summary>
public readonly record struct TimeRange(long SinceUnixNano, long UntilUnixNano)
{
    private const long Second = 1_000_000_000;
    private const string Forms = "send RFC 3339 (2026-11-22T10:00:00Z), Unix seconds, milliseconds or nanoseconds, or a time ago such as 15m, 1h30m, 7d";

    /// <summary>Reads <c>since</c> and <c>until</c>; the last hour when they are missing.</summary>
    /// <returns>The parameter that is wrong and why, or null.</returns>
    public static (string Parameter, string Message)? Read(HttpContext http, TimeProvider clock, out TimeRange range)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        range = default;
        long until = now, since = 0;
        string? untilText = http.Request.Query["until"], sinceText = http.Request.Query["since"];
        if (!string.IsNullOrEmpty(untilText) && !TryParse(untilText, now, out until)) return ("until", $"'{Problems.Shorten(untilText)}' is not a time: {Forms}.");
        since = until - 3600 * Second;
        if (!string.IsNullOrEmpty(sinceText) && !TryParse(sinceText, now, out since)) return ("since", $"'{Problems.Shorten(sinceText)}' is not a time: {Forms}.");
        if (since >= until) return ("since", "since must lie before until.");
        range = new TimeRange(since, until);
        return null;
    }

    /// <summary>Parses a point in time; a bare duration means so long before <paramref name="nowUnixNano"/>.</summary>
    public static bool TryParse(string text, long nowUnixNano, out long unixNano)
    {
        unixNano = 0;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            // Told apart by size: 10 digits are seconds until the year 2286, 13 milliseconds, 16 microseconds, 19 nanoseconds.
            unixNano = number switch
            {
                < 100_000_000_000 => number * Second,
                < 100_000_000_000_000 => number * 1_000_000,
                < 100_000_000_000_000_000 => number * 1_000,
                _ => number,
            };
            return true;
        }
        if (TryParseDuration(text, out long ago))
        {
            unixNano = nowUnixNano - ago;
            return true;
        }
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)) return false;
        if (time.Year is < 1970 or > 2261) return false;
        unixNano = (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
        return true;
    }

    /// <summary>Parses a duration such as <c>250ms</c>, <c>1.5s</c>, <c>1h30m</c>, <c>7d</c> into nanoseconds; at most 100 years.</summary>
    public static bool TryParseDuration(ReadOnlySpan<char> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.IsEmpty) return false;
        double total = 0;
        while (!text.IsEmpty)
        {
            int digits = 0;
            while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
            int unit = digits;
            while (unit < text.Length && !char.IsAsciiDigit(text[unit])) unit++;
            if (digits == 0 || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)) return false;
            double scale = text[digits..unit] switch
            {
                "ns" => 1, "us" or "µs" => 1e3, "ms" => 1e6, "s" => 1e9, "m" => 60e9, "h" => 3600e9, "d" => 86400e9, "w" => 7 * 86400e9, _ => 0,
            };
            if (scale == 0) return false;
            total += amount * scale;
            text = text[unit..];
        }
        if (total > 100 * 365.25 * 86400e9) return false;
        nanoseconds = (long)total;
        return true;
    }
}
