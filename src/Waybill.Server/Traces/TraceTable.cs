using System.Runtime.CompilerServices;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Spans;

namespace Waybill.Traces;

/// <summary>When a trace's spans and logs were, in whole seconds since 1970, inclusive. Null where there are none.</summary>
public sealed record TraceExtent((uint First, uint Last)? Spans, (uint First, uint Last)? Logs);

/// <summary>Reads one trace from the engine. Every method takes the tenant.</summary>
public sealed class TraceTable(EngineClient engine)
{
    /// <summary>Structure only: what a waterfall needs before a span is clicked.</summary>
    private const string Skeleton = "span_id, parent_id, start, duration, service, name, kind, status, resource_id, received";

    private static readonly string Full = $"{Skeleton}, status_message, trace_state, flags, weight, scope_id, dropped, " +
        $"{string.Join(", ", PromotedColumns.Strings.Select(promoted => promoted.Column))}, {PromotedColumns.StatusColumn}, attributes, events, links";

    private const string LogColumns = "time, happened, observed, service, severity, severity_text, event_name, body, body_type, span_id, flags, dropped, resource_id, scope_id, attributes";

    // One thread and the plain planner: a look-up reads a few granules, and starting more costs more than it saves (measured).
    private static readonly EngineSettings LookUp = new()
    {
        ThreadsMax = 1,
        Others = new Dictionary<string, string> { ["local_filesystem_read_method"] = "pread", ["enable_analyzer"] = "0" },
    };

    // A row a request that carried spans of the trace, until merges make them one: aggregating the few rows here is faster than there.
    public async Task<TraceExtent> FindExtent(string tenant, TraceId id, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(
            "SELECT signal, first, last FROM trace_index WHERE tenant = {tenant:String} AND trace_id = unhex({id:String}) LIMIT 100000",
            [EngineParameter.String("tenant", tenant), EngineParameter.String("id", id.ToString())], LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        (uint, uint)? spans = null, logs = null;
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                uint first = (uint)block["first"].GetInt64(row), last = (uint)block["last"].GetInt64(row);
                if (block["signal"].GetInt64(row) == (int)IndexedSignal.Spans) spans = Widen(spans, first, last);
                else logs = Widen(logs, first, last);
            }
        return new TraceExtent(spans, logs);
    }

    /// <summary>When the traces of all tenants were that began at or after <paramref name="sinceUnixSeconds"/>: for remembering, so in no order, and at most <paramref name="limit"/> of them.</summary>
    public async IAsyncEnumerable<(string Tenant, TraceId Id, uint First, uint Last)> ReadExtents(long sinceUnixSeconds, int limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(
            "SELECT tenant, trace_id, first, last FROM trace_index WHERE signal = 1 AND first >= toDateTime({since:UInt32}, 'UTC') LIMIT {limit:UInt32}",
            [EngineParameter.Int("since", sinceUnixSeconds), EngineParameter.Int("limit", limit)], LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                yield return (block["tenant"].GetString(row), new TraceId(block["trace_id"].GetBytes(row)), (uint)block["first"].GetInt64(row), (uint)block["last"].GetInt64(row));
    }

    private static (uint, uint) Widen((uint First, uint Last)? extent, uint first, uint last) =>
        extent is { } known ? (Math.Min(known.First, first), Math.Max(known.Last, last)) : (first, last);

    /// <summary>The trace's spans as stored, duplicates included.</summary>
    /// <remarks>The bounds have the column's own precision. Against a DateTime the engine (26.7.3) reads "start &lt; second + 1" as "start &lt;= second"
    /// when it prunes parts, and finds nothing of a part whose first span began within that second.</remarks>
    /// <param name="skeleton">Leave out attributes, events and links.</param>
    /// <param name="limit">Rows at most; one more is asked for, so that the caller sees when there are more.</param>
    public Task<List<Block>> ReadSpans(string tenant, TraceId id, (uint First, uint Last) extent, bool skeleton, int limit, CancellationToken cancel) =>
        ReadBlocks($"""
            SELECT {(skeleton ? Skeleton : Full)} FROM spans
            WHERE tenant = {"{tenant:String}"} AND trace_id = unhex({"{id:String}"})
              AND start >= toDateTime64({"{first:UInt32}"}, 9, 'UTC') AND start < toDateTime64({"{last:UInt32}"} + 1, 9, 'UTC')
            LIMIT {"{limit:UInt32}"}
            """, tenant, id, extent, limit, cancel);

    /// <summary>Spans of the trace whose times cannot be right.</summary>
    public Task<List<Block>> ReadQuarantined(string tenant, TraceId id, bool skeleton, int limit, CancellationToken cancel) =>
        ReadBlocks($"""
            SELECT {(skeleton ? Skeleton : Full)} FROM spans_quarantine
            WHERE tenant = {"{tenant:String}"} AND trace_id = unhex({"{id:String}"}) AND {"{first:UInt32}"} <= {"{last:UInt32}"}
            LIMIT {"{limit:UInt32}"}
            """, tenant, id, default, limit, cancel);

    public Task<List<Block>> ReadLogs(string tenant, TraceId id, (uint First, uint Last) extent, int limit, CancellationToken cancel) =>
        ReadBlocks($"""
            SELECT {LogColumns} FROM logs
            WHERE tenant = {"{tenant:String}"} AND trace_id = unhex({"{id:String}"})
              AND time >= toDateTime64({"{first:UInt32}"}, 9, 'UTC') AND time < toDateTime64({"{last:UInt32}"} + 1, 9, 'UTC')
            ORDER BY time LIMIT {"{limit:UInt32}"}
            """, tenant, id, extent, limit, cancel);

    private async Task<List<Block>> ReadBlocks(string sql, string tenant, TraceId id, (uint First, uint Last) extent, int limit, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.String("id", id.ToString()),
                EngineParameter.Int("first", extent.First), EngineParameter.Int("last", extent.Last), EngineParameter.Int("limit", (long)limit + 1),
            ], LookUp, cancel);
        using var reader = new BlockReader(response.Body, keepBlocks: true);
        var blocks = new List<Block>();
        while (await reader.Read(cancel) is { } block) blocks.Add(block);
        return blocks;
    }
}
