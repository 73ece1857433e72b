using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Causes;
using Waybill.Engine;
using Waybill.Search;
using Waybill.Spans;
using Waybill.Web;

namespace Waybill.Comparisons;

/// <summary>Which spans a side is made of: a condition over rows of <c>spans</c> and the values it binds.</summary>
/// <param name="Minutes">Only those that start in one of these minutes (Unix seconds); null for all.</param>
public sealed record SpanSide(TimeRange Range, string Condition, IEnumerable<KeyValuePair<string, string>> Parameters, IReadOnlyList<long>? Minutes = null)
{
    /// <param name="resources">Only spans of these resources; null for all.</param>
    public static SpanSide Of(TimeRange range, string? service, string? operation, IReadOnlyCollection<ulong>? resources)
    {
        var conditions = new List<string>();
        var parameters = new List<KeyValuePair<string, string>>();
        if (service is not null) Add("service = {service:String}", EngineParameter.String("service", service));
        if (operation is not null) Add("name = {operation:String}", EngineParameter.String("operation", operation));
        if (resources is not null) Add("resource_id IN {resources:Array(UInt64)}", EngineParameter.UInts("resources", resources));
        return new SpanSide(range, conditions.Count == 0 ? "1" : string.Join(" AND ", conditions), parameters);

        void Add(string condition, KeyValuePair<string, string> parameter)
        {
            conditions.Add(condition);
            parameters.Add(parameter);
        }
    }
}

/// <summary>One span with all it carries.</summary>
/// <param name="Attributes">Typed keys and values, without the resource's.</param>
public sealed record ComparedSpan(TraceId Trace, long StartUnixNano, long DurationNano, bool Failed, string Service, string Name, SpanKind Kind, ulong Resource, IReadOnlyList<(string TypedKey, string Value)> Attributes);

/// <summary>Reads a bounded sample of a side, always the same one.</summary>
public sealed class ComparedSpanTable(EngineClient engine)
{
    /// <summary>Minutes read at least: enough that none speaks for the whole time.</summary>
    private const int MinutesMin = 30;
    private const int MinutesShownMax = 2_000;

    public static EngineSettings Settings { get; } = new() { ExecutionSecondsMax = 5 };

    /// <summary>How many spans a side has in each minute (Unix seconds), in order.</summary>
    public async Task<List<(long Minute, long Spans)>> Count(string tenant, SpanSide side, EngineSettings settings, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($"SELECT toUnixTimestamp(toStartOfMinute(start)) AS minute, count() AS spans FROM spans WHERE {Where(side)} GROUP BY minute ORDER BY minute", Parameters(tenant, side), settings, cancel);
        using var reader = new BlockReader(response.Body);
        var minutes = new List<(long, long)>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) minutes.Add((block["minute"].GetInt64(row), block["spans"].GetInt64(row)));
        return minutes;
    }

    /// <summary>The same of two sides of the same time, in one pass: what a condition reads costs more than asking it.</summary>
    public async Task<(List<(long Minute, long Spans)> A, List<(long Minute, long Spans)> B)> CountBoth(string tenant, SpanSide a, SpanSide b, EngineSettings settings, CancellationToken cancel)
    {
        if (a.Range != b.Range || !(a.Minutes ?? []).SequenceEqual(b.Minutes ?? [])) return (await Count(tenant, a, settings, cancel), await Count(tenant, b, settings, cancel));
        await using EngineResponse response = await engine.Query($"SELECT toUnixTimestamp(toStartOfMinute(start)) AS minute, countIf({a.Condition}) AS of_a, countIf({b.Condition}) AS of_b FROM spans WHERE {Where(a with { Condition = "1" })} GROUP BY minute ORDER BY minute",
            Parameters(tenant, a), settings, cancel);
        using var reader = new BlockReader(response.Body);
        var (inA, inB) = (new List<(long, long)>(), new List<(long, long)>());
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                long minute = block["minute"].GetInt64(row);
                if (block["of_a"].GetInt64(row) is > 0 and var spansA) inA.Add((minute, spansA));
                if (block["of_b"].GetInt64(row) is > 0 and var spansB) inB.Add((minute, spansB));
            }
        return (inA, inB);
    }

    /// <summary>
    /// About <paramref name="rows"/> spans, of minutes spread over those that have some: reading attributes costs by what lies around the rows, so a few minutes with
    /// many rows are read where many with a few would cost fifty times as much.
    /// </summary>
    public async Task<List<ComparedSpan>> Read(string tenant, SpanSide side, List<(long Minute, long Spans)> minutes, int rows, EngineSettings settings, CancellationToken cancel)
    {
        List<(long Minute, long Spans)> chosen = Spread(minutes, MinutesMin);
        for (int count = 2 * MinutesMin; chosen.Sum(of => of.Spans) < rows && chosen.Count < minutes.Count; count *= 2) chosen = Spread(minutes, count);
        long spans = chosen.Sum(of => of.Spans);
        side = side with { Minutes = chosen.Count > MinutesShownMax ? side.Minutes : [.. chosen.Select(of => of.Minute)] };
        await using EngineResponse response = await engine.Query($$"""
            SELECT trace_id, start, duration, status = 2 OR http_status >= 500 AS failed, service, name, kind, resource_id, {{SpanAttributes.Columns}}
            FROM spans WHERE {{Where(side)}} AND cityHash64(span_id, trace_id) % {one_of:UInt64} = 0 LIMIT {rows:UInt32}
            """, [.. Parameters(tenant, side), EngineParameter.Int("one_of", Math.Max(1, spans / rows)), EngineParameter.Int("rows", 2 * rows)], settings, cancel);
        using var reader = new BlockReader(response.Body);
        var read = new List<ComparedSpan>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                read.Add(new ComparedSpan(new TraceId(block["trace_id"].GetBytes(row)), block["start"].GetInt64(row), block["duration"].GetInt64(row), block["failed"].GetInt64(row) != 0,
                    block["service"].GetString(row), block["name"].GetString(row), (SpanKind)block["kind"].GetInt64(row), block["resource_id"].GetUInt64(row), SpanAttributes.Of(block, row)));
        return read;
    }

    private static List<(long Minute, long Spans)> Spread(List<(long Minute, long Spans)> minutes, int count) =>
        minutes.Count <= count ? minutes : [.. Enumerable.Range(0, count).Select(i => minutes[(int)((long)i * minutes.Count / count)])];

    private static string Where(SpanSide side) => $$"""
        tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}{{(side.Minutes is null ? "" : " AND toStartOfMinute(start) IN (SELECT toDateTime(arrayJoin({minutes:Array(Int64)}), 'UTC'))")}} AND {{side.Condition}}
        """;

    private static List<KeyValuePair<string, string>> Parameters(string tenant, SpanSide side) =>
        [.. SelectionParameters.Of(tenant, side.Range), .. side.Parameters, EngineParameter.Strings("excluded", []), EngineParameter.Ints("minutes", side.Minutes ?? [])];
}
