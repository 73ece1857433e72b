using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Spans;
using Waybill.Web;

namespace Waybill.Comparisons;

/// <summary>Which spans a side is made of.</summary>
/// <param name="Resources">Only spans of these resources; null for all.</param>
public sealed record SideFilter(TimeRange Range, string? Service, string? Operation, IReadOnlyCollection<ulong>? Resources);

/// <summary>How often each attribute has each value, on a bounded sample of a side.</summary>
public sealed class AttributeTable(EngineClient engine)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5 };
    private static readonly string Promoted = string.Join(", ", PromotedColumns.Strings.Select(p => $"('s:{p.Key}', toString({p.Column}))"));

    private const string Where = """
        tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}
          AND ({service:String} = '' OR service = {service:String}) AND ({operation:String} = '' OR name = {operation:String}) AND ({any:UInt8} = 1 OR resource_id IN {resources:Array(UInt64)})
        """;

    public async Task<long> Count(string tenant, SideFilter side, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($"SELECT count() AS spans FROM spans WHERE {Where}", Parameters(tenant, side), Settings, cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is { } block ? block["spans"].GetInt64(0) : 0;
    }

    /// <summary>Counts of (typed key, value) over about <paramref name="rows"/> of <paramref name="spans"/> spans, always the same ones.</summary>
    public async Task<(long Rows, Dictionary<(string Key, string Value), long> Counts)> Read(string tenant, SideFilter side, long spans, int rows, CancellationToken cancel)
    {
        long oneOf = Math.Max(1, spans / rows);
        await using EngineResponse response = await engine.Query($$"""
            SELECT pair.1 AS key, substring(pair.2, 1, 200) AS value, count() AS spans FROM
            (
                SELECT arrayJoin(arrayConcat(arrayZip(mapKeys(attributes), mapValues(attributes)), arrayFilter(p -> p.2 != '', [{{Promoted}}, ('i:http.response.status_code', if(http_status = 0, '', toString(http_status))), ('s:status', if(status = 2, 'error', ''))]))) AS pair
                FROM (SELECT * FROM spans WHERE {{Where}} AND cityHash64(span_id, trace_id) % {one_of:UInt64} = 0 LIMIT {rows:UInt32})
            )
            GROUP BY key, value HAVING spans >= 2 ORDER BY spans DESC, key, value LIMIT 5000
            """, [.. Parameters(tenant, side), EngineParameter.Int("one_of", oneOf), EngineParameter.Int("rows", rows)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var counts = new Dictionary<(string, string), long>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) counts[(block["key"].GetString(row), block["value"].GetString(row))] = block["spans"].GetInt64(row);
        return (await Sampled(tenant, side, oneOf, rows, cancel), counts);
    }

    private async Task<long> Sampled(string tenant, SideFilter side, long oneOf, int rows, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($$"""
            SELECT count() AS spans FROM (SELECT 1 FROM spans WHERE {{Where}} AND cityHash64(span_id, trace_id) % {one_of:UInt64} = 0 LIMIT {rows:UInt32})
            """, [.. Parameters(tenant, side), EngineParameter.Int("one_of", oneOf), EngineParameter.Int("rows", rows)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is { } block ? block["spans"].GetInt64(0) : 0;
    }

    private static List<KeyValuePair<string, string>> Parameters(string tenant, SideFilter side) =>
    [
        EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", side.Range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", side.Range.UntilUnixNano),
        EngineParameter.String("service", side.Service ?? ""), EngineParameter.String("operation", side.Operation ?? ""),
        EngineParameter.Int("any", side.Resources is null ? 1 : 0), EngineParameter.UInts("resources", side.Resources ?? []),
    ];
}
