using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Map;

/// <summary>Reads what the map knows of lost context, by operation and slices of time.</summary>
public sealed class LostContextTable(EngineClient engine)
{
    private const int RowsMax = 200_000;

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10, ResultRowsMax = RowsMax };

    /// <param name="stepSeconds">Length of a slice: whole minutes.</param>
    public async Task<List<EdgeSlice>> Read(string tenant, TimeRange range, string environment, uint stepSeconds, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($$"""
            SELECT edge, source, target, operation, peer, toUnixTimestamp(toStartOfInterval(minute, toIntervalSecond({step:UInt32}))) AS slice, sum(requests) AS requests,
                   sum(orphans) AS orphans, sum(uncaused) AS uncaused, arrayMap(id -> lower(hex(id)), arraySlice(groupArrayArray(examples), 1, 5)) AS traces
            FROM service_edges WHERE {{MapTable.Newest}} AND edge != 'query'
            GROUP BY edge, source, target, operation, peer, slice LIMIT {{RowsMax}}
            """, [.. MapTable.Parameters(tenant, range, environment), EngineParameter.Int("step", stepSeconds)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var slices = new List<EdgeSlice>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                slices.Add(new EdgeSlice(block["edge"].GetString(row), block["source"].GetString(row), block["target"].GetString(row), block["operation"].GetString(row), block["peer"].GetString(row),
                    (uint)block["slice"].GetInt64(row), block["requests"].GetDouble(row), block["orphans"].GetDouble(row), block["uncaused"].GetDouble(row), MapTable.Strings(block["traces"], row)));
        return slices;
    }
}
