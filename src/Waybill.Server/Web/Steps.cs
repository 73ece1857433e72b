using Microsoft.AspNetCore.Http;

namespace Waybill.Web;

/// <summary>The length of a bucket of time: as asked for, or one that a person would choose.</summary>
internal static class Steps
{
    private const long Second = 1_000_000_000;

    private static readonly long[] Round =
        [1_000_000, 10_000_000, 100_000_000, Second, 5 * Second, 10 * Second, 15 * Second, 30 * Second, 60 * Second, 300 * Second, 600 * Second, 1_800 * Second, 3_600 * Second, 10_800 * Second, 21_600 * Second, 86_400 * Second];

    /// <summary>Reads <c>step</c>.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Read(HttpContext http, TimeRange range, int bucketsWanted, int bucketsMax, out long stepNano)
    {
        string? text = http.Request.Query["step"];
        long length = range.UntilUnixNano - range.SinceUnixNano;
        stepNano = Choose(length, bucketsWanted);
        if (string.IsNullOrEmpty(text)) return null;
        if (!TimeRange.TryParseDuration(text, out stepNano) || stepNano < 1_000_000) return $"'{Problems.Shorten(text)}' is not a step: send a duration of at least 1ms, such as 15s, 1m.";
        return length / stepNano < bucketsMax ? null : $"{Problems.Shorten(text)} makes more than {bucketsMax} buckets of this range. Send a longer step, or a shorter range.";
    }

    /// <summary>The shortest round step that makes no more buckets than are wanted.</summary>
    public static long Choose(long lengthNano, int bucketsWanted)
    {
        foreach (long step in Round)
            if (lengthNano / step <= bucketsWanted) return step;
        return lengthNano / bucketsWanted / Round[^1] * Round[^1] + Round[^1];
    }
}
