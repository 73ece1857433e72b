using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Graph;

/// <summary>A trace that carries a business id, and when.</summary>
public readonly record struct AliasedTrace(string Key, string Value, TraceId Trace, uint FirstUnixSeconds, uint LastUnixSeconds);

/// <summary>Finds traces by business ids, over everything stored.</summary>
public sealed class AliasTable(EngineClient engine)
{
    private const int RowsMax = 10_000;

    private static readonly EngineSettings LookUp = new() { ThreadsMax = 1, ExecutionSecondsMax = 10 };

    /// <summary>Traces that carry any of these values, oldest first.</summary>
    /// <param name="key">Only under this key; null for any.</param>
    /// <param name="perValue">Traces of one value at most.</param>
    public async Task<List<AliasedTrace>> Find(string tenant, IReadOnlyCollection<string> values, string? key, int perValue, CancellationToken cancel)
    {
        if (values.Count == 0) return [];
        await using EngineResponse response = await engine.Query("""
            SELECT key, value, trace_id, min(first) AS since, max(last) AS until FROM trace_aliases
            WHERE tenant = {tenant:String} AND value IN {values:Array(String)} AND ({key:String} = '' OR key = {key:String})
            GROUP BY key, value, trace_id ORDER BY since, trace_id LIMIT {perValue:UInt32} BY key, value LIMIT {limit:UInt32}
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.Strings("values", values), EngineParameter.String("key", key ?? ""),
                EngineParameter.Int("perValue", perValue), EngineParameter.Int("limit", RowsMax),
            ], LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        var traces = new List<AliasedTrace>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                if (ReadScope.Mask?.Covers(block["key"].GetString(row)) != true)
                    traces.Add(new AliasedTrace(block["key"].GetString(row), block["value"].GetString(row), new TraceId(block["trace_id"].GetBytes(row)),
                        (uint)block["since"].GetInt64(row), (uint)block["until"].GetInt64(row)));
        return traces;
    }
}
