using System.Text.Json;
using Waybill.Processes;

namespace Waybill.Crash;

/// <summary>Holds what was acknowledged against what the tables say.</summary>
internal static class Account
{
    /// <summary>Every acknowledged request must be stored whole, and no span twice.</summary>
    /// <returns>A line that says what was found.</returns>
    public static async Task<string> Check(WaybillServer server, IReadOnlyList<string> acknowledged, bool isAfterPowerCut = false)
    {
        await server.Stored();
        var stored = (await server.Rows("SELECT lower(hex(trace_id)) AS trace, toUInt32(count()) AS rows, toUInt32(uniqExact(span_id)) AS spans FROM spans GROUP BY trace_id"))
            .ToDictionary(row => row.GetProperty("trace").GetString()!, row => (Rows: row.GetProperty("rows").GetInt32(), Spans: row.GetProperty("spans").GetInt32()));

        string[] lost = [.. acknowledged.Where(trace => !stored.TryGetValue(trace, out var found) || found.Spans != SpanRequest.Spans)];
        string[] doubled = [.. stored.Where(found => found.Value.Rows != found.Value.Spans).Select(found => found.Key)];
        string[] others = [.. stored.Keys.Except(acknowledged)];
        string summary = $"{acknowledged.Count * SpanRequest.Spans:N0} spans acknowledged, {stored.Values.Sum(found => (long)found.Rows):N0} rows stored; " +
            $"requests lost {lost.Length}, doubled {doubled.Length}, never acknowledged but stored {others.Length}";
        Assert.True(acknowledged.Count > 0, "Nothing was acknowledged, so nothing was tested.");
        Assert.True(lost.Length == 0 && doubled.Length == 0 && others.Length == 0, $"{summary}. Lost: {First(lost)} doubled: {First(doubled)} other: {First(others)}\n{server.Log}");

        JsonElement spool = (await server.Status()).GetProperty("spool");
        // A write that a power cut tears was never acknowledged, but can look like damage.
        if (!isAfterPowerCut) Assert.Equal(0, spool.GetProperty("damagedRecords").GetInt64());
        Assert.Equal(0, spool.GetProperty("inserts").GetProperty("setAside").GetInt64());
        return summary;
    }

    private static string First(string[] traces) => string.Join(", ", traces.Take(5));
}
