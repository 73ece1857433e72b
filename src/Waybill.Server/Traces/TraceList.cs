using System.ComponentModel.DataAnnotations;
using System.Text;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Traces;

/// <summary>What a listed trace must have; null asks for nothing. All that is asked must hold for one and the same span.</summary>
/// <param name="MinDurationNano">Shortest duration of that span.</param>
public sealed record TraceFilter(string? Service, string? Operation, long? MinDurationNano, bool? Error)
{
    public bool IsEmpty => Service is null && Operation is null && MinDurationNano is null && Error is null;
}

/// <summary>One line of the list. Counts are of stored spans, not weighted.</summary>
public sealed record TraceSummary(
    string TraceId, string RootService, string RootName, string StartUnixNano, long DurationNano, long SpanCount, long ErrorCount, string[] Services);

/// <summary>Traces, newest first.</summary>
public sealed record TraceListing(IReadOnlyList<TraceSummary> Traces, [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons);

/// <summary>Lists traces by looking back from the newest in slices of time, each longer than the last, until there are enough: a month costs what an hour costs.</summary>
public sealed class TraceList(EngineClient engine)
{
    private const long SliceNano = 60_000_000_000, SliceGrowth = 4;
    /// <summary>How far before and after the matched span the rest of its trace is looked for.</summary>
    private const long ReachNano = 3_600_000_000_000;

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10 };

    public async Task<TraceListing> Read(string tenant, TimeRange range, TraceFilter filter, int limit, CancellationToken cancel)
    {
        var found = new List<(string Id, long At)>();
        long until = range.UntilUnixNano, slice = SliceNano;
        while (until > range.SinceUnixNano && found.Count <= limit)
        {
            long since = Math.Max(range.SinceUnixNano, until - slice);
            found.AddRange(await Match(tenant, new TimeRange(since, until), filter, found, limit + 1 - found.Count, cancel));
            until = since;
            slice *= SliceGrowth;
        }
        bool more = found.Count > limit;
        if (more) found.RemoveRange(limit, found.Count - limit);
        var summaries = found.Count == 0 ? [] : await Summarize(tenant, found, cancel);
        IReadOnlyList<PartialReason> reasons = more ? [new("over_limit", $"There are more traces; the newest {limit} are shown. Ask for more with limit, or set until to the start of the last one.")] : [];
        return new TraceListing([.. found.Where(f => summaries.ContainsKey(f.Id)).Select(f => summaries[f.Id])], more ? "partial" : "complete", reasons);
    }

    private async Task<List<(string, long)>> Match(string tenant, TimeRange slice, TraceFilter filter, List<(string Id, long At)> already, int limit, CancellationToken cancel)
    {
        var sql = new StringBuilder("SELECT lower(hex(trace_id)) AS id, max(start) AS at FROM spans WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}");
        List<KeyValuePair<string, string>> parameters =
        [
            EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", slice.SinceUnixNano), EngineParameter.UnixNanoseconds("until", slice.UntilUnixNano),
            EngineParameter.Int("limit", limit), EngineParameter.Strings("already", already.Select(f => f.Id)),
        ];
        if (filter.IsEmpty) sql.Append(" AND parent_id = toFixedString('', 8)");
        if (filter.Service is not null)
        {
            sql.Append(" AND service = {service:String}");
            parameters.Add(EngineParameter.String("service", filter.Service));
        }
        if (filter.Operation is not null)
        {
            sql.Append(" AND name = {operation:String}");
            parameters.Add(EngineParameter.String("operation", filter.Operation));
        }
        if (filter.MinDurationNano is { } shortest)
        {
            sql.Append(" AND duration >= {shortest:Int64}");
            parameters.Add(EngineParameter.Int("shortest", shortest));
        }
        if (filter.Error is { } error) sql.Append(error ? " AND status = 2" : " AND status != 2");
        sql.Append(" AND lower(hex(trace_id)) NOT IN {already:Array(String)} GROUP BY id ORDER BY at DESC LIMIT {limit:UInt32}");

        await using EngineResponse response = await engine.Query(sql.ToString(), parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var found = new List<(string, long)>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) found.Add((block["id"].GetString(row), block["at"].GetInt64(row)));
        return found;
    }

    private async Task<Dictionary<string, TraceSummary>> Summarize(string tenant, List<(string Id, long At)> traces, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT lower(hex(trace_id)) AS id, min(start) AS first, max(addNanoseconds(start, greatest(duration, 0))) AS last,
                   argMin(service, (parent_id != toFixedString('', 8), start)) AS root_service, argMin(name, (parent_id != toFixedString('', 8), start)) AS root_name,
                   uniqExact(span_id) AS span_count, uniqExactIf(span_id, status = 2) AS error_count, arraySort(groupUniqArray(service)) AS services
            FROM spans
            WHERE tenant = {tenant:String} AND trace_id IN (SELECT unhex(arrayJoin({ids:Array(String)})))
              AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}
            GROUP BY trace_id
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.Strings("ids", traces.Select(t => t.Id)),
                EngineParameter.UnixNanoseconds("since", traces.Min(t => t.At) - ReachNano), EngineParameter.UnixNanoseconds("until", traces.Max(t => t.At) + ReachNano),
            ], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var summaries = new Dictionary<string, TraceSummary>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                BlockColumn services = block["services"];
                Range names = services.GetRange(row);
                string id = block["id"].GetString(row);
                long first = block["first"].GetInt64(row);
                summaries[id] = new TraceSummary(id, block["root_service"].GetString(row), block["root_name"].GetString(row),
                    first.ToString(System.Globalization.CultureInfo.InvariantCulture), block["last"].GetInt64(row) - first,
                    block["span_count"].GetInt64(row), block["error_count"].GetInt64(row),
                    [.. Enumerable.Range(names.Start.Value, names.End.Value - names.Start.Value).Select(services.Values!.GetString)]);
            }
        return summaries;
    }
}
