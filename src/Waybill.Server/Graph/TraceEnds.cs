using System.Globalization;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Digests;
using Waybill.Engine;
using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Graph;

/// <summary>A trace in one line.</summary>
public sealed record TraceLine(TraceId Id, string RootService, string RootName, long StartUnixNano, long DurationNano, long SpanCount, long ErrorCount, string[] Services);

/// <summary>A span through which its trace touches others: it holds links, sends or receives a message, or began the trace.</summary>
public sealed record TraceEnd(
    TraceId Trace, SpanId Span, bool IsRoot, string Service, string Name, SpanKind Kind, bool IsError, long StartUnixNano, long DurationNano, string Queue, string MessageId, string Job, IReadOnlyList<SeenLink> Links)
{
    public string Label => $"{Service} {Name}";
}

/// <summary>Reads of many traces at once what connects them, by their sort key.</summary>
public sealed class TraceEndTable(EngineClient engine)
{
    private const int PerTraceMax = 100, RowsMax = 20_000;

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10 };

    public async Task<Dictionary<TraceId, TraceLine>> Lines(string tenant, IReadOnlyCollection<TraceId> traces, CancellationToken cancel)
    {
        var lines = new Dictionary<TraceId, TraceLine>();
        if (traces.Count == 0) return lines;
        await using EngineResponse response = await engine.Query($$"""
            SELECT trace_id, min(start) AS first, max(addNanoseconds(start, greatest(duration, 0))) AS last,
                   argMin(service, (parent_id != toFixedString('', 8), start)) AS root_service, argMin(name, (parent_id != toFixedString('', 8), start)) AS root_name,
                   uniqExact(span_id) AS span_count, uniqExactIf(span_id, status = 2) AS error_count, arraySort(groupUniqArray(50)(service)) AS services
            FROM spans WHERE tenant = {tenant:String} AND {{TraceMinutes.OfIds}} GROUP BY trace_id
            """, Parameters(tenant, traces), Settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                var id = new TraceId(block["trace_id"].GetBytes(row));
                long first = block["first"].GetInt64(row);
                BlockColumn services = block["services"];
                Range names = services.GetRange(row);
                lines[id] = new TraceLine(id, block["root_service"].GetString(row), block["root_name"].GetString(row), first, block["last"].GetInt64(row) - first,
                    block["span_count"].GetInt64(row), block["error_count"].GetInt64(row),
                    [.. Enumerable.Range(names.Start.Value, names.End.Value - names.Start.Value).Select(services.Values!.GetString)]);
            }
        return lines;
    }

    public async Task<List<TraceEnd>> Ends(string tenant, IReadOnlyCollection<TraceId> traces, CancellationToken cancel)
    {
        var ends = new List<TraceEnd>();
        if (traces.Count == 0) return ends;
        await using EngineResponse response = await engine.Query($$"""
            SELECT trace_id, span_id, parent_id = toFixedString('', 8) AS is_root, service, name, kind, status, start, duration,
                   if(messaging_destination = '', '', concat(messaging_system, '/', messaging_destination)) AS queue, attributes['s:messaging.message.id'] AS message_id,
                   multiIf(NOT is_root, '', attributes['s:faas.trigger'] = 'timer', name,
                           arrayFirst((k, v) -> endsWith(k, 'job.name'), mapKeys(attributes), mapValues(attributes)) != '', name, '') AS job, links
            FROM spans WHERE tenant = {tenant:String} AND {{TraceMinutes.OfIds}} AND (links != '' OR kind IN (4, 5) OR is_root)
            ORDER BY trace_id, is_root DESC, start LIMIT {{PerTraceMax}} BY trace_id LIMIT {{RowsMax}}
            """, Parameters(tenant, traces), Settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                ends.Add(new TraceEnd(new TraceId(block["trace_id"].GetBytes(row)), new SpanId(block["span_id"].GetBytes(row)), block["is_root"].GetInt64(row) != 0,
                    block["service"].GetString(row), block["name"].GetString(row), (SpanKind)block["kind"].GetInt64(row), block["status"].GetInt64(row) == (int)SpanStatus.Error,
                    block["start"].GetInt64(row), block["duration"].GetInt64(row), block["queue"].GetString(row), block["message_id"].GetString(row), block["job"].GetString(row),
                    SpanFacts.Links(block["links"].GetBytes(row))));
        return ends;
    }

    private static List<KeyValuePair<string, string>> Parameters(string tenant, IReadOnlyCollection<TraceId> traces) =>
        [EngineParameter.String("tenant", tenant), EngineParameter.Strings("ids", traces.Select(id => id.ToString()))];
}
