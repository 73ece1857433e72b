using System.Globalization;

namespace Waybill.Logs;

/// <summary>The classes of OTLP's SeverityNumber: each has four numbers, 1 to 4 trace and so on.</summary>
public static class Severity
{
    private static readonly string[] Names = ["unknown", "trace", "debug", "info", "warn", "error", "fatal"];

    /// <summary>The class's name; numbers beyond 24 belong to the last.</summary>
    public static string NameOf(long number) => number <= 0 ? Names[0] : Names[Math.Min((number + 3) / 4, Names.Length - 1)];

    /// <summary>The lowest number of a class, or the number itself.</summary>
    public static bool TryParse(string text, out int lowest)
    {
        int index = Array.FindIndex(Names, 1, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (index > 0)
        {
            lowest = index * 4 - 3;
            return true;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out lowest) && lowest is >= 1 and <= 24;
    }
}
