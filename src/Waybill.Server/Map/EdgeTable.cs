using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Map;

/// <summary>A minute of a tenant's spans whose edges are not, or no longer, what they would be.</summary>
/// <param name="Spans">Spans in it now.</param>
/// <param name="DerivedUnixSeconds">When it was derived last; 0 when it never was.</param>
public readonly record struct StaleMinute(string Tenant, uint UnixSeconds, long Spans, long DerivedUnixSeconds);

/// <summary>Derives the edges of the service map from spans, a minute at a time.</summary>
public sealed class EdgeTable(EngineClient engine, MapOptions options)
{
    /// <summary>Traces of one minute whose waiting parents are looked up; the rest of such spans count as orphans. A minute of ten thousand messages a second has 600,000.</summary>
    private const int FarTracesMax = 2_000, FarHoursMax = 6;
    /// <summary>Senders' clocks may be this far ahead, as ingest allows.</summary>
    private const uint AheadSeconds = 3600;

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 60, ThreadsMax = 1 };

    /// <summary>
    /// Minutes since then in which the number of spans is another than when they were derived, newest first. Of all tenants. Those with orphans are looked at
    /// again whenever their age has doubled: a parent that runs long arrives after its children, and changes the number of another minute.
    /// </summary>
    public async Task<List<StaleMinute>> FindStale(uint sinceUnixSeconds, uint nowUnixSeconds, int limit, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            WITH (SELECT groupUniqArray((tenant, minute)) FROM service_edges WHERE minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC') AND orphans > 0) AS orphaned
            SELECT tenant, minute, now.spans AS spans, known.derived AS derived FROM
              (SELECT tenant, toDateTime(toStartOfMinute(start), 'UTC') AS minute, count() AS spans FROM spans
               WHERE start >= toDateTime64({since:UInt32}, 9, 'UTC') AND start < toDateTime64({until:UInt32}, 9, 'UTC') GROUP BY tenant, minute) AS now
            LEFT JOIN
              (SELECT tenant, minute, argMax(spans, generation) AS spans, intDiv(max(generation), 1000) AS derived FROM service_edge_minutes
               WHERE minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC') GROUP BY tenant, minute) AS known
            USING (tenant, minute)
            WHERE now.spans != known.spans OR has(orphaned, (tenant, minute)) AND {now:UInt32} - toUnixTimestamp(minute) > 2 * greatest(derived - toUnixTimestamp(minute), 60)
            ORDER BY minute DESC LIMIT {limit:UInt32}
            """,
            [EngineParameter.Int("since", sinceUnixSeconds / 60 * 60), EngineParameter.Int("until", nowUnixSeconds + AheadSeconds), EngineParameter.Int("now", nowUnixSeconds), EngineParameter.Int("limit", limit)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var stale = new List<StaleMinute>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                stale.Add(new StaleMinute(block["tenant"].GetString(row), (uint)block["minute"].GetInt64(row), block["spans"].GetInt64(row), block["derived"].GetInt64(row)));
        return stale;
    }

    /// <summary>Derives a minute anew. Readers see the old edges until all new ones are there.</summary>
    /// <param name="generation">Larger than any before it for this minute.</param>
    public async Task Derive(StaleMinute minute, ulong generation, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters =
        [
            EngineParameter.String("tenant", minute.Tenant), EngineParameter.UnixNanoseconds("minute", minute.UnixSeconds * 1_000_000_000L),
            EngineParameter.UInt("generation", generation), EngineParameter.Int("limit", FarTracesMax), EngineParameter.Int("reachHours", FarHoursMax), EngineParameter.Int("share", options.ShareOf(minute.Spans)),
        ];
        List<string> far = await ReadFarTraces(parameters, cancel);
        if (far.Count > 0) parameters.Add(EngineParameter.Strings("ids", far));
        await engine.Execute(EdgeSql.Insert(withFarParents: far.Count > 0), parameters, Settings, cancel);
        await engine.Execute("INSERT INTO service_edge_minutes SELECT {tenant:String}, {minute:DateTime64(9, 'UTC')}, {generation:UInt64}, {spans:UInt64}",
            [.. parameters, EngineParameter.Int("spans", minute.Spans)], cancel: cancel);
    }

    private async Task<List<string>> ReadFarTraces(List<KeyValuePair<string, string>> parameters, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(EdgeSql.FarTraces, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var traces = new List<string>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) traces.Add(block["id"].GetString(row));
        return traces;
    }
}
