using System.Globalization;
using Microsoft.AspNetCore.Http;
using Waybill.Query.Evaluation;
using Waybill.Web;

namespace Waybill.Tempo;

/// <summary>Reads times as Tempo takes them: Unix seconds, also with a fraction, nanoseconds when there are more than ten digits, RFC 3339.</summary>
internal static class TempoTime
{
    private const long Second = 1_000_000_000;
    private const double SecondsMax = 9_000_000_000;

    /// <summary>Reads <c>start</c> and <c>end</c>, or <c>since</c>; the last hour when they are missing.</summary>
    /// <param name="wholeSeconds">An end in whole seconds takes in that second: Grafana rounds now down.</param>
    /// <returns>The parameter that is wrong and why, or null.</returns>
    public static (string Parameter, string Message)? Read(HttpContext http, TimeProvider clock, bool wholeSeconds, out TimeRange range)
    {
        range = default;
        long until = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000, length = 3600 * Second;
        if (One(http, "end") is { } end && !TryParse(end, out until)) return ("end", Wrong(end));
        if (wholeSeconds && One(http, "end") is not null && until % Second == 0) until += Second;
        if (One(http, "since") is { } since && (!TimeRange.TryParseDuration(since, out length) || length <= 0)) return ("since", $"'{Problems.Shorten(since)}' is not a duration: send one such as 15m, 3h.");
        long from = until - length;
        if (One(http, "start") is { } start && !TryParse(start, out from)) return ("start", Wrong(start));
        if (from >= until) return ("start", "start must lie before end.");
        range = new TimeRange(from, until);
        return null;
    }

    /// <summary>Reads <c>step</c>: a duration, or seconds.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? ReadStep(HttpContext http, TimeRange range, int pointsMax, out long stepNano)
    {
        stepNano = MetricsWindow.DefaultStepNano(range.SinceUnixNano, range.UntilUnixNano);
        if (One(http, "step") is { } text)
        {
            if (Seconds(text) is { } seconds) stepNano = (long)(seconds * Second);
            else if (!TimeRange.TryParseDuration(text, out stepNano)) stepNano = 0;
            if (stepNano < 1_000_000) return $"'{Problems.Shorten(text)}' is not a step: send a duration from 1ms on, such as 30s, or seconds.";
        }
        return (range.UntilUnixNano - range.SinceUnixNano) / stepNano <= pointsMax ? null : $"The range has more than {pointsMax} steps: send a longer step or a shorter range.";
    }

    private static bool TryParse(string text, out long unixNano)
    {
        unixNano = 0;
        if (text.Length > 10 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out unixNano)) return true;
        if (Seconds(text) is { } seconds)
        {
            // Whole seconds and the rest apart: together they have more digits than a double.
            unixNano = (long)seconds * Second + (long)Math.Round(seconds % 1 * Second);
            return true;
        }
        if (!text.Contains('T', StringComparison.Ordinal) || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)) return false;
        if (time.Year is < 1970 or > 2261) return false;
        unixNano = (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
        return true;
    }

    private static double? Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds < SecondsMax ? seconds : null;

    private static string Wrong(string text) => $"'{Problems.Shorten(text)}' is not a time: send Unix seconds, Unix nanoseconds or RFC 3339 (2026-11-22T10:00:00Z).";

    internal static string? One(HttpContext http, string parameter) => http.Request.Query[parameter] is [{ Length: > 0 } text, ..] ? text : null;
}
