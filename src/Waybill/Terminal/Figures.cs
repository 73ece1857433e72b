using System.Globalization;

namespace Waybill.Terminal;

/// <summary>Numbers as people read them: three figures and a unit.</summary>
internal static class Figures
{
    /// <param name="nanoseconds">A duration; negative ones keep their sign.</param>
    public static string Duration(long nanoseconds)
    {
        if (nanoseconds < 0) return nanoseconds == long.MinValue ? "-292 years" : $"-{Duration(-nanoseconds)}";
        double n = nanoseconds;
        return n switch
        {
            < 1e3 => $"{nanoseconds} ns",
            < 999.5e3 => $"{Three(n / 1e3)} µs",
            < 999.5e6 => $"{Three(n / 1e6)} ms",
            < 60e9 => $"{Three(n / 1e9)} s",
            < 3600e9 => $"{(long)(n / 60e9)}m {(long)(n / 1e9) % 60:00}s",
            < 86_400e9 => $"{(long)(n / 3600e9)}h {(long)(n / 60e9) % 60:00}m",
            _ => $"{(long)(n / 86_400e9)}d {(long)(n / 3600e9) % 24:00}h",
        };
    }

    public static string Bytes(double bytes) => bytes switch
    {
        < 1000 => $"{bytes:0} B",
        < 999.5e3 => $"{Three(bytes / 1e3)} kB",
        < 999.5e6 => $"{Three(bytes / 1e6)} MB",
        < 999.5e9 => $"{Three(bytes / 1e9)} GB",
        _ => $"{Three(bytes / 1e12)} TB",
    };

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count and its noun.</summary>
    public static string Count(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>How long ago, in one unit: it is read at a glance.</summary>
    public static string Ago(TimeSpan age) => age.TotalSeconds switch
    {
        < 1 => "now",
        < 60 => $"{age.TotalSeconds:0} s ago",
        < 3600 => $"{age.TotalMinutes:0} min ago",
        < 86_400 => $"{age.TotalHours:0} h ago",
        _ => $"{age.TotalDays:0} d ago",
    };

    /// <summary>Nanoseconds since 1970 as UTC to the millisecond.</summary>
    public static string Time(long unixNano) =>
        DateTimeOffset.UnixEpoch.AddTicks(unixNano / 100).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static string Three(double value) => value.ToString(value < 9.995 ? "0.00" : value < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
