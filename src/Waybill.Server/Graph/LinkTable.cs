using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Graph;

/// <summary>A span of another trace that links to one of these.</summary>
public readonly record struct Backlink(TraceId To, SpanId ToSpan, TraceId From, SpanId FromSpan, uint FromUnixSeconds);

/// <summary>Finds who links to a trace, and which traces carry a business id.</summary>
public sealed class LinkTable(EngineClient engine)
{
    private static readonly EngineSettings LookUp = new() { ThreadsMax = 1, ExecutionSecondsMax = 10 };

    /// <summary>Spans elsewhere that link to these traces, oldest first.</summary>
    public async Task<List<Backlink>> To(string tenant, IReadOnlyCollection<TraceId> traces, int limit, CancellationToken cancel)
    {
        if (traces.Count == 0) return [];
        await using EngineResponse response = await engine.Query("""
            SELECT trace_id, span_id, from_trace_id, from_span_id, min(from_start) AS at FROM trace_links
            WHERE tenant = {tenant:String} AND trace_id IN (SELECT unhex(arrayJoin({ids:Array(String)})))
            GROUP BY trace_id, span_id, from_trace_id, from_span_id ORDER BY at, from_trace_id, from_span_id LIMIT {limit:UInt32}
            """,
            [EngineParameter.String("tenant", tenant), EngineParameter.Strings("ids", traces.Select(id => id.ToString())), EngineParameter.Int("limit", limit)], LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        var links = new List<Backlink>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                links.Add(new Backlink(new TraceId(block["trace_id"].GetBytes(row)), new SpanId(block["span_id"].GetBytes(row)),
                    new TraceId(block["from_trace_id"].GetBytes(row)), new SpanId(block["from_span_id"].GetBytes(row)), (uint)block["at"].GetInt64(row)));
        return links;
    }
}
