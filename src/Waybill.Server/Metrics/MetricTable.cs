using System.Globalization;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Search;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Metrics;

/// <summary>Reads what metrics there are, their series and their exemplars.</summary>
public sealed class MetricTable(EngineClient engine, OriginTable origins)
{
    /// <summary>Metrics whose series were seen in a range, by name.</summary>
    public async Task<MetricListing> List(string tenant, TimeRange range, string prefix, string service, int limit, CancellationToken cancel)
    {
        const string Sql = """
            SELECT metric, kind, unit, argMax(description, noted) AS said, argMax(temporality, noted) AS told, argMax(monotonic, noted) AS rising, uniqExact(series_id) AS series,
              arraySort(groupUniqArray(100)(service)) AS services, min(first_noted) AS first, max(noted) AS last
            FROM (
              SELECT metric, service, series_id, anyLast(kind) AS kind, anyLast(unit) AS unit, anyLast(description) AS description, anyLast(temporality) AS temporality, anyLast(monotonic) AS monotonic,
                min(first_seen) AS first_noted, max(last_seen) AS noted
              FROM metric_series
              WHERE tenant = {tenant:String} AND startsWith(metric, {prefix:String}) AND ({service:String} = '' OR service = {service:String})
              GROUP BY metric, service, series_id HAVING noted >= {since:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND first_noted < {until:DateTime64(9, 'UTC')}
            )
            GROUP BY metric, kind, unit ORDER BY metric, kind, unit LIMIT {limit:UInt32}
            """;
        var metrics = new List<SeenMetric>();
        await foreach (Block block in Read(Sql,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.String("prefix", prefix), EngineParameter.String("service", service), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano),
                EngineParameter.UnixNanoseconds("until", range.UntilUnixNano), EngineParameter.Int("limit", limit + 1L),
            ], cancel))
            for (int row = 0; row < block.Rows; row++)
            {
                var kind = (MetricKind)block["kind"].GetInt64(row);
                var temporality = (Temporality)block["told"].GetInt64(row);
                bool monotonic = block["rising"].GetInt64(row) != 0;
                BlockColumn services = block["services"];
                Range names = services.GetRange(row);
                metrics.Add(new SeenMetric(block["metric"].GetString(row), SeriesFamilies.NameOf(kind), block["unit"].GetString(row), block["said"].GetString(row), SeriesFamilies.NameOf(temporality), monotonic,
                    block["series"].GetInt64(row), [.. Enumerable.Range(names.Start.Value, names.End.Value - names.Start.Value).Select(services.Values!.GetString)],
                    [.. SeriesFamilies.Functions(SeriesFamilies.Of(kind, monotonic, temporality)).Select(RangeFunctions.NameOf)], Seconds(block["first"].GetInt64(row)), Seconds(block["last"].GetInt64(row))));
            }
        IReadOnlyList<PartialReason> reasons = metrics.Count <= limit ? [] : [new("over_limit", $"There are more metrics; the first {limit} by name are here. Raise limit, or send a prefix or a service.")];
        return new MetricListing(reasons.Count == 0 ? "complete" : "partial", reasons, [.. metrics.Take(limit)]);
    }

    /// <summary>The series of one metric.</summary>
    internal async Task<SeriesListing> ListSeries(SeriesSelection selection, int limit, CancellationToken cancel)
    {
        var parameters = new SqlParameters();
        string sql = $"SELECT * FROM ({selection.Rows([], parameters)}) ORDER BY service, series_id LIMIT {{limit:UInt32}}";
        var found = new List<(ulong Resource, SeenSeries Series)>();
        await foreach (Block block in Read(sql, [.. selection.Parameters, .. parameters.Bound, EngineParameter.Int("limit", limit + 1L)], cancel))
            for (int row = 0; row < block.Rows; row++)
                found.Add((block["resource_id"].GetUInt64(row), new SeenSeries(Hex(block["series_id"].GetUInt64(row)), block["service"].GetString(row), SeriesFamilies.NameOf((MetricKind)block["kind"].GetInt64(row)),
                    block["unit"].GetString(row), SeriesFamilies.NameOf((Temporality)block["temporality"].GetInt64(row)), block["monotonic"].GetInt64(row) != 0,
                    StoredJson.Of(StoredAttributes.ToJson(block["attributes"], row)), StoredJson.Empty, Seconds(block["first_noted"].GetInt64(row)), Seconds(block["last_noted"].GetInt64(row)))));
        var resources = await origins.Resources(selection.Tenant, found.Select(pair => pair.Resource).Distinct(), cancel);
        IReadOnlyList<PartialReason> reasons = found.Count <= limit ? [] : [new("over_limit", $"There are more series; {limit} are here. Raise limit, or filter by service or another key.")];
        return new SeriesListing(reasons.Count == 0 ? "complete" : "partial", reasons,
            [.. found.Take(limit).Select(pair => resources.TryGetValue(pair.Resource, out Origin? origin) ? pair.Series with { Resource = StoredJson.Of(origin.AttributesJson) } : pair.Series)]);
    }

    /// <summary>Measurements that name a trace: spread over the range, of each part of it the greatest first.</summary>
    internal async Task<ExemplarListing> ListExemplars(SeriesSelection selection, int limit, CancellationToken cancel)
    {
        var parameters = new SqlParameters();
        // A point carries the exemplars since the one before it, so its own time is a little later than theirs.
        string sql = $$"""
            WITH series AS ({{selection.Rows([], parameters)}})
            SELECT trace_id, span_id, at, value, series_id, service, of_series, attributes FROM (
              SELECT trace_id, span_id, at, value, series_id, attributes, row_number() OVER (PARTITION BY intDiv(toUnixTimestamp64Nano(at) - {begin:Int64}, {part:Int64}) ORDER BY value DESC, at DESC) AS rank
              FROM (
                SELECT DISTINCT trace_id, span_id, if(toUnixTimestamp64Nano(time) = 0, point_time, time) AS at, value, series_id, attributes
                FROM metric_exemplars
                WHERE tenant = {tenant:String} AND metric = {metric:String} AND point_time >= {since:DateTime64(9, 'UTC')} AND point_time < {later:DateTime64(9, 'UTC')}
                  AND trace_id != unhex('00000000000000000000000000000000') AND series_id IN (SELECT series_id FROM series) AND at >= {since:DateTime64(9, 'UTC')} AND at < {until:DateTime64(9, 'UTC')}
              )
              ORDER BY rank, at DESC LIMIT {limit:UInt32}
            ) AS chosen INNER JOIN (SELECT series_id, service, attributes AS of_series FROM series) AS known USING (series_id)
            ORDER BY at DESC, value DESC
            """;
        var found = new List<FoundExemplar>();
        await foreach (Block block in Read(sql,
            [
                .. selection.Parameters, .. parameters.Bound, EngineParameter.UnixNanoseconds("since", selection.Range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", selection.Range.UntilUnixNano),
                EngineParameter.UnixNanoseconds("later", selection.Range.UntilUnixNano + LaterNano), EngineParameter.Int("begin", selection.Range.SinceUnixNano),
                EngineParameter.Int("part", Math.Max(1, (selection.Range.UntilUnixNano - selection.Range.SinceUnixNano) / limit)), EngineParameter.Int("limit", limit),
            ], cancel))
            for (int row = 0; row < block.Rows; row++)
                found.Add(new FoundExemplar(new Batches.TraceId(block["trace_id"].GetBytes(row)).ToString(), new Batches.SpanId(block["span_id"].GetBytes(row)).ToString(),
                    block["at"].GetInt64(row).ToString(CultureInfo.InvariantCulture), block["value"].GetDouble(row), Hex(block["series_id"].GetUInt64(row)), block["service"].GetString(row),
                    StoredJson.Of(StoredAttributes.ToJson(block["of_series"], row)), StoredJson.Of(StoredAttributes.ToJson(block["attributes"], row))));
        return new ExemplarListing("complete", [], found);
    }

    private const long LaterNano = 600_000_000_000;

    private async IAsyncEnumerable<Block> Read(string sql, IReadOnlyList<KeyValuePair<string, string>> parameters, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql, parameters, EngineBounds.LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block) yield return block;
    }

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private static string Seconds(long unixSeconds) => (unixSeconds * 1_000_000_000).ToString(CultureInfo.InvariantCulture);
}
