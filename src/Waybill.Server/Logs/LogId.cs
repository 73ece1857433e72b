using System.Globalization;

namespace Waybill.Logs;

/// <summary>Names one stored record: when it was, and a hash of what it says. Exact repetitions of a record share it.</summary>
public readonly record struct LogId(long UnixNano, ulong Hash)
{
    /// <summary>The hash in SQL.</summary>
    internal const string HashSql = "cityHash64(service, body, trace_id, span_id, severity, resource_id, observed, mapKeys(attributes), mapValues(attributes))";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{UnixNano}-{Hash:x16}");

    public static bool TryParse(string? text, out LogId id)
    {
        id = default;
        int dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash <= 0 || !long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out long time)) return false;
        if (text!.Length - dash - 1 != 16 || !ulong.TryParse(text.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hash)) return false;
        id = new LogId(time, hash);
        return true;
    }
}
