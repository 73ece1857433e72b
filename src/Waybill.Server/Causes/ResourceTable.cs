using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Causes;

/// <summary>Reads gauges and sums of both sides, one value per series and bucket of time.</summary>
public sealed class ResourceTable(EngineClient engine)
{
    private const int SeriesMax = 20_000, BucketsPerSide = 60;
    private const long BucketNanoMin = 10_000_000_000;
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5, ResultRowsMax = 3_000_000 };

    private static readonly string[] TellingKeys = ["s:direction", "s:network.io.direction", "s:disk.io.direction", "s:state", "s:cpu.mode", "s:system.memory.state"];

    private sealed record Known(string Metric, string Service, ulong Resource, bool IsCounter, bool IsDelta, Dictionary<string, string> Attributes);

    public async Task<List<ResourceSeries>> Read(string tenant, Timeline time, Names names, SampleTable resources, CancellationToken cancel)
    {
        var baseline = await ReadSide(tenant, time.Baseline, cancel);
        var window = await ReadSide(tenant, time.Window, cancel);
        if (window.Count == 0 || baseline.Count == 0) return [];
        var known = await ReadSeries(tenant, window.Keys.Where(baseline.ContainsKey).Take(SeriesMax), cancel);
        var origins = await resources.Resources(tenant, known.Values.Select(k => k.Resource).Distinct(), cancel);
        var series = new List<ResourceSeries>();
        foreach (var (id, one) in known.OrderBy(k => k.Key))
        {
            var of = origins.GetValueOrDefault(one.Resource)?.Attributes;
            var (service, instance) = names.Of(one.Service, one.Metric, key => one.Attributes.GetValueOrDefault("s:" + key) ?? of?.GetValueOrDefault("s:" + key));
            series.Add(new ResourceSeries(NameOf(one), service, instance, Values(baseline[id], one), Values(window[id], one)));
        }
        return series;
    }

    /// <summary>Attributes that say what is measured, and not of whom, tell metrics of one name apart: direction of traffic, state of memory.</summary>
    private static string NameOf(Known one)
    {
        string[] parts = [.. TellingKeys.Select(k => one.Attributes.GetValueOrDefault(k, "")).Where(v => v.Length > 0)];
        return parts.Length == 0 ? one.Metric : $"{one.Metric} {string.Join(' ', parts)}";
    }

    private static double[] Values(List<(long Bucket, double Value)> points, Known one)
    {
        if (!one.IsCounter || one.IsDelta) return [.. points.Select(p => p.Value)];
        // What counts up is seen by its pace; where it starts anew there is none.
        return [.. points.Zip(points.Skip(1)).Where(p => p.Second.Value >= p.First.Value && p.Second.Bucket > p.First.Bucket).Select(p => (p.Second.Value - p.First.Value) / (p.Second.Bucket - p.First.Bucket))];
    }

    private async Task<Dictionary<ulong, List<(long Bucket, double Value)>>> ReadSide(string tenant, TimeRange range, CancellationToken cancel)
    {
        long width = Math.Max(BucketNanoMin, (range.UntilUnixNano - range.SinceUnixNano) / BucketsPerSide);
        await using EngineResponse response = await engine.Query("""
            SELECT series_id, intDiv(toUnixTimestamp64Nano(time), {width:Int64}) AS bucket, avg(value) AS level
            FROM metric_points
            WHERE tenant = {tenant:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')} AND isFinite(value)
            GROUP BY series_id, bucket ORDER BY series_id, bucket LIMIT 2000000
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.Int("width", width),
                EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
            ], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var points = new Dictionary<ulong, List<(long, double)>>();
        while (await reader.Read(cancel) is { } block)
        {
            BlockColumn series = block["series_id"], bucket = block["bucket"], level = block["level"];
            for (int row = 0; row < block.Rows; row++)
            {
                ulong id = series.GetUInt64(row);
                if (!points.TryGetValue(id, out var values)) points[id] = values = [];
                values.Add((bucket.GetInt64(row), level.GetDouble(row)));
            }
        }
        return points;
    }

    private async Task<Dictionary<ulong, Known>> ReadSeries(string tenant, IEnumerable<ulong> ids, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT series_id, metric, service, anyLast(kind) AS kind, anyLast(temporality) AS temporality, anyLast(monotonic) AS monotonic, anyLast(resource_id) AS resource_id, anyLast(attributes) AS attributes
            FROM metric_series WHERE tenant = {tenant:String} AND series_id IN {ids:Array(UInt64)} GROUP BY series_id, metric, service
            """, [EngineParameter.String("tenant", tenant), EngineParameter.UInts("ids", ids)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var known = new Dictionary<ulong, Known>();
        const int Sum = 7, Delta = 1;
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                known[block["series_id"].GetUInt64(row)] = new Known(block["metric"].GetString(row), block["service"].GetString(row), block["resource_id"].GetUInt64(row),
                    block["kind"].GetInt64(row) == Sum && block["monotonic"].GetInt64(row) != 0, block["temporality"].GetInt64(row) == Delta, SampleTable.Attributes(block["attributes"], row));
        return known;
    }
}
