using System.Globalization;

namespace Waybill.Why;

/// <summary>Figures as a sentence has them.</summary>
internal static class Wording
{
    public static string Duration(double nano) => nano switch
    {
        < 1e3 => $"{Round(nano)} ns",
        < 1e6 => $"{Round(nano / 1e3)} µs",
        < 1e9 => $"{Round(nano / 1e6)} ms",
        < 60e9 => $"{Round(nano / 1e9)} s",
        < 3600e9 => $"{Round(nano / 60e9)} min",
        < 86400e9 => $"{Round(nano / 3600e9)} h",
        _ => $"{Round(nano / 86400e9)} days",
    };

    public static string Percent(double ratio) => (ratio * 100).ToString(ratio is 0 or >= 0.1 ? "0" : ratio < 0.001 ? "0.###" : "0.#", CultureInfo.InvariantCulture) + " %";

    public static string Count(double count) => count.ToString(count < 10 && count != Math.Floor(count) ? "0.#" : "#,0", CultureInfo.InvariantCulture);

    /// <summary>"1 trace", "3 traces".</summary>
    public static string Count(double count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    public static string Time(long unixNano) => DateTimeOffset.UnixEpoch.AddTicks(unixNano / 100).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    /// <summary>"a, b and c"; beyond <paramref name="max"/> how many more.</summary>
    public static string List(IEnumerable<string> items, int max = 5)
    {
        string[] all = [.. items];
        if (all.Length > max) return $"{string.Join(", ", all[..max])} and {all.Length - max} more";
        return all.Length <= 1 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} and {all[^1]}";
    }

    private static string Round(double value) => value.ToString(value < 9.95 ? "0.#" : "0", CultureInfo.InvariantCulture);
}
