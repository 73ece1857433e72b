using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Catalogs;

/// <summary>Which services sent spans, logs or metrics.</summary>
public sealed class SeenServiceTable(EngineClient engine)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5, ThreadsMax = 1 };

    /// <returns>When each was seen last, nanoseconds since 1970.</returns>
    public async Task<IReadOnlyDictionary<string, long>> Read(string tenant, TimeRange range, CancellationToken cancel)
    {
        // A resource is written again about once an hour, so one seen in the range was last seen after an hour before it.
        await using EngineResponse response = await engine.Query("""
            SELECT service, max(last_seen) AS last FROM resources
            WHERE tenant = {tenant:String} AND service != '' AND last_seen >= {since:DateTime64(9, 'UTC')} - INTERVAL 2 HOUR AND first_seen < {until:DateTime64(9, 'UTC')}
            GROUP BY service
            """,
            [EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var seen = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) seen[block["service"].GetString(row)] = block["last"].GetInt64(row) * 1_000_000_000;
        return seen;
    }
}
