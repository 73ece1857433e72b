using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Ingest;
using Waybill.Storage;

namespace Waybill.Traces;

/// <summary>Puts a trace together: where it is, its spans and logs, who sent them, and what may be missing.</summary>
public sealed class TraceReader(TraceTable traces, RecentTraces recent, OriginTable origins, StorageHost storage, IngestCounters counters, TimeProvider clock)
{
    /// <returns>Null when nothing of the trace is stored.</returns>
    public async Task<TraceAnswer?> Read(string tenant, TraceId id, bool skeleton, int spanLimit, int logLimit, CancellationToken cancel)
    {
        // Of a recent trace it is known where its spans probably are: they are read while the index is asked.
        (uint First, uint Last)? hint = recent.Find(tenant, id);
        Task<TraceExtent> finding = traces.FindExtent(tenant, id, cancel);
        Task<List<Block>> reading = hint is { } hinted ? traces.ReadSpans(tenant, id, hinted, skeleton, spanLimit, cancel) : Task.FromResult<List<Block>>([]);
        TraceExtent extent = await finding;
        if (extent.Spans is { } spansAt && !(hint is { } h && h.First <= spansAt.First && h.Last >= spansAt.Last))
        {
            await reading;
            reading = traces.ReadSpans(tenant, id, spansAt, skeleton, spanLimit, cancel);
        }
        Task<List<Block>> readingLogs = !skeleton && extent.Logs is { } logsAt ? traces.ReadLogs(tenant, id, logsAt, logLimit, cancel) : Task.FromResult<List<Block>>([]);
        // The quarantine is asked only when there is something in it, or when nothing else is known of the trace.
        bool asksQuarantine = extent.Spans is null || storage.HadQuarantinedSpans || counters.Quarantined(Signal.Traces) > 0;
        Task<List<Block>> readingQuarantine = asksQuarantine ? traces.ReadQuarantined(tenant, id, skeleton, spanLimit, cancel) : Task.FromResult<List<Block>>([]);
        await Task.WhenAll(reading, readingLogs, readingQuarantine);

        List<Block> logs = readingLogs.Result;
        var trace = StoredTrace.Of(reading.Result, readingQuarantine.Result, spanLimit, out bool truncated);
        int logCount = logs.Sum(block => block.Rows);
        if (trace.Nodes.Length == 0 && logCount == 0) return null;

        var (resourceIds, scopeIds) = OriginsOf(trace, logs, skeleton);
        var resources = origins.Resources(tenant, resourceIds, cancel);
        var scopes = origins.Scopes(tenant, scopeIds, cancel);
        await Task.WhenAll(resources, scopes);

        var reasons = Completeness.Of(trace, LastReceived(trace), clock.GetUtcNow().ToUnixTimeSeconds(), SpoolLagSeconds(), truncated, spanLimit, logCount > logLimit, logLimit);
        return new TraceAnswer(id, trace, resources.Result, scopes.Result, logs, logLimit, reasons, skeleton);
    }

    /// <summary>Whether spans of the trace arrived since this server started, searchable or not.</summary>
    public bool Received(string tenant, TraceId id) => recent.Find(tenant, id) is not null;

    private double SpoolLagSeconds() =>
        storage.Spool.Status.OldestRecordUnixNano is { } oldest ? (clock.UnixNano() - oldest) / 1e9 : 0;

    private static long LastReceived(StoredTrace trace)
    {
        long last = 0;
        for (int row = 0; row < trace.Nodes.Length; row++)
        {
            (Block block, int at) = trace[row];
            last = Math.Max(last, block["received"].GetInt64(at));
        }
        return last;
    }

    private static (HashSet<ulong> Resources, HashSet<ulong> Scopes) OriginsOf(StoredTrace trace, List<Block> logs, bool skeleton)
    {
        HashSet<ulong> resources = [.. trace.Clocks.Keys], scopes = [];
        if (skeleton) return (resources, scopes);
        for (int row = 0; row < trace.Nodes.Length; row++)
        {
            (Block block, int at) = trace[row];
            scopes.Add(block["scope_id"].GetUInt64(at));
        }
        foreach (Block block in logs)
            for (int row = 0; row < block.Rows; row++)
            {
                resources.Add(block["resource_id"].GetUInt64(row));
                scopes.Add(block["scope_id"].GetUInt64(row));
            }
        return (resources, scopes);
    }
}
