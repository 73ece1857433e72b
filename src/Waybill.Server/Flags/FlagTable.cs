using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Flags;

/// <summary>One look at a flag: what it said, where, when.</summary>
public sealed record FlagEvaluation(string Key, string Value, string? Variant, string? Reason, string? Provider, string? Context, SpanId Span, string Service, long UnixNano);

/// <summary>How often a flag had a value in one bucket of time.</summary>
/// <param name="WeightedCount">Evaluations, weighted.</param>
/// <param name="FirstUnixNano">The first of them.</param>
public sealed record FlagShare(string Environment, string Key, string Value, long BucketUnixNano, double WeightedCount, long StoredCount, long FirstUnixNano, string[] Services);

/// <summary>Reads evaluations of feature flags. Every method takes the tenant.</summary>
public sealed class FlagTable(EngineClient engine)
{
    /// <summary>An event may happen as long after its span's start as the span lasts.</summary>
    private const long SpanSecondsMax = 6 * 3600;

    private static readonly EngineSettings LookUp = new() { ThreadsMax = 1, ExecutionSecondsMax = 5 };
    private static readonly EngineSettings Scan = new() { ThreadsMax = 2, ExecutionSecondsMax = 10 };

    /// <summary>The evaluations within one trace, oldest first.</summary>
    /// <param name="extent">When the trace's spans began, in seconds since 1970.</param>
    public async Task<List<FlagEvaluation>> ReadTrace(string tenant, TraceId trace, (uint First, uint Last) extent, int limit, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT flag, value, variant, reason, provider, context, span_id, service, time FROM flag_evaluations
            WHERE tenant = {tenant:String} AND trace_id = unhex({trace:String}) AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}
            ORDER BY time LIMIT {limit:UInt32}
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.String("trace", trace.ToString()), EngineParameter.Int("limit", limit),
                EngineParameter.UnixNanoseconds("since", (extent.First - 1L) * 1_000_000_000), EngineParameter.UnixNanoseconds("until", (extent.Last + SpanSecondsMax) * 1_000_000_000),
            ], LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        var found = new List<FlagEvaluation>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                found.Add(new FlagEvaluation(block["flag"].GetString(row), block["value"].GetString(row), Said(block["variant"], row), Said(block["reason"], row), Said(block["provider"], row),
                    Said(block["context"], row), new SpanId(block["span_id"].GetBytes(row)), block["service"].GetString(row), block["time"].GetInt64(row)));
        return found;
    }

    /// <summary>What flags said within some traces, oldest first.</summary>
    /// <param name="range">When the traces' spans began.</param>
    public async Task<List<(TraceId Trace, SpanId Span, string Flag, string Value)>> ReadTraces(string tenant, IEnumerable<string> traces, TimeRange range, int limit, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT trace_id, span_id, flag, value FROM flag_evaluations
            WHERE tenant = {tenant:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}
              AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)) ORDER BY time LIMIT {limit:UInt32}
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.Strings("traces", traces), EngineParameter.Int("limit", limit),
                EngineParameter.UnixNanoseconds("since", range.SinceUnixNano - 1_000_000_000), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano + SpanSecondsMax * 1_000_000_000),
            ], LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        var found = new List<(TraceId, SpanId, string, string)>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) found.Add((new TraceId(block["trace_id"].GetBytes(row)), new SpanId(block["span_id"].GetBytes(row)), block["flag"].GetString(row), block["value"].GetString(row)));
        return found;
    }

    /// <summary>How often each flag had each value, bucket by bucket, in each environment.</summary>
    public async Task<List<FlagShare>> ReadShares(string tenant, TimeRange range, long bucketNano, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT environment, flag, value, intDiv(toUnixTimestamp64Nano(time), {bucket:Int64}) AS at, sum(weight) AS weighted, count() AS stored, min(time) AS first,
                   arraySort(groupUniqArray(20)(service)) AS services
            FROM flag_evaluations
            LEFT JOIN (SELECT resource_id, any(multiIf(attributes['s:deployment.environment.name'] != '', attributes['s:deployment.environment.name'], attributes['s:deployment.environment'])) AS environment
                       FROM resources WHERE tenant = {tenant:String} GROUP BY resource_id) AS origin USING resource_id
            WHERE tenant = {tenant:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}
            GROUP BY environment, flag, value, at ORDER BY environment, flag, value, at LIMIT 100000
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.Int("bucket", bucketNano),
                EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
            ], Scan, cancel);
        using var reader = new BlockReader(response.Body);
        var shares = new List<FlagShare>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                Range services = block["services"].GetRange(row);
                shares.Add(new FlagShare(block["environment"].GetString(row), block["flag"].GetString(row), block["value"].GetString(row), block["at"].GetInt64(row) * bucketNano,
                    block["weighted"].GetDouble(row), block["stored"].GetInt64(row), block["first"].GetInt64(row),
                    [.. Enumerable.Range(services.Start.Value, services.End.Value - services.Start.Value).Select(block["services"].Values!.GetString)]));
            }
        return shares;
    }

    private static string? Said(BlockColumn column, int row) => column.GetString(row) is { Length: > 0 } text ? text : null;
}
