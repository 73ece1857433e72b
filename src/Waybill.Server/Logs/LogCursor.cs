using System.Globalization;
using Waybill.Web;

namespace Waybill.Logs;

/// <summary>Where a page of records ends and the next one begins.</summary>
/// <param name="Range">What was asked for at first.</param>
/// <param name="AtUnixNano">Time of the last record shown; where the search stopped when none was.</param>
/// <param name="Shown">Records of exactly that time that have been shown.</param>
public readonly record struct LogCursor(TimeRange Range, long AtUnixNano, int Shown)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Range.SinceUnixNano}.{Range.UntilUnixNano}.{AtUnixNano}.{Shown}");

    public static bool TryParse(string text, out LogCursor cursor)
    {
        cursor = default;
        string[] parts = text.Split('.');
        if (parts.Length != 4) return false;
        Span<long> numbers = stackalloc long[4];
        for (int i = 0; i < 4; i++)
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return false;
        if (numbers[0] >= numbers[1] || numbers[2] < numbers[0] || numbers[2] > numbers[1] || numbers[3] > 1_000_000) return false;
        cursor = new LogCursor(new TimeRange(numbers[0], numbers[1]), numbers[2], (int)numbers[3]);
        return true;
    }
}
