using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Waybill.Processes;

namespace Waybill.Metrics;

/// <summary>
/// A server with metrics of every kind that do what metrics do: come with jitter, late, twice, restart with and without telling so, pause, say that there is no value,
/// and are sent by two processes under one identity.
/// </summary>
public sealed class GeneratedMetrics : IAsyncLifetime
{
    private const long Second = 1_000_000_000;
    private static readonly string[] Routes = ["/a", "/b", ""], Hosts = ["h1", "h2"];

    internal WaybillServer Server { get; private set; } = null!;
    internal IReadOnlyList<SentMetric> Metrics { get; private set; } = [];

    /// <summary>All points lie in it, from half an hour before its begin.</summary>
    public long SinceUnixNano { get; private set; }
    public long UntilUnixNano => SinceUnixNano + 1_800 * Second;

    public async ValueTask InitializeAsync()
    {
        Server = await WaybillServer.Start();
        SinceUnixNano = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 60 - 45) * 60 * Second;
        var random = new Random(Switches.Number("WAYBILL_SEED", 20261124));
        Metrics = [.. Enumerable.Range(0, Switches.Number("WAYBILL_METRICS", 28)).Select(i => Next(random, i))];
        foreach (SentMetric metric in Metrics)
        {
            // Late and out of order; and some of it once more, in a request of its own.
            var points = metric.Series.SelectMany(series => series.Points.Select(point => (series, point))).OrderBy(_ => random.Next()).ToArray();
            foreach (var some in points.Chunk(200)) await Send(metric, some);
            if (points.Length > 0) await Send(metric, [.. points.Take(points.Length / 10 + 1)]);
        }
        await Server.Stored();
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private SentMetric Next(Random random, int number)
    {
        (MetricKind Kind, bool Delta, bool Monotonic)[] shapes =
        [
            (MetricKind.Gauge, false, false), (MetricKind.Sum, false, true), (MetricKind.Sum, true, true), (MetricKind.Sum, false, false), (MetricKind.Histogram, false, false),
            (MetricKind.Histogram, true, false), (MetricKind.ExponentialHistogram, false, false), (MetricKind.ExponentialHistogram, true, false), (MetricKind.Summary, false, false), (MetricKind.Sum, true, false),
        ];
        var (kind, delta, monotonic) = shapes[number % shapes.Length];
        var series = new List<SentSeries>();
        foreach (string route in Routes)
            foreach (string host in Hosts)
            {
                if (random.Next(3) == 0) continue;
                var labels = new Dictionary<string, string> { ["resource.host.name"] = host, ["service"] = "shop" };
                if (route.Length > 0) labels["route"] = route;
                List<SentPoint> points = [.. Run(random, kind, delta, monotonic)];
                if (random.Next(4) == 0) points.AddRange(Run(random, kind, delta, monotonic));   // another process under the same identity
                // Two points of one time and start are one to whoever reads them; which, nobody can tell.
                series.Add(new(labels, [.. points.DistinctBy(point => (point.Time, point.Start))]));
            }
        return new($"m.{number}", kind, delta, monotonic, series);
    }

    private IEnumerable<SentPoint> Run(Random random, MetricKind kind, bool delta, bool monotonic)
    {
        long interval = random.Next(3) switch { 0 => 5 * Second, 1 => 15 * Second, _ => 60 * Second };
        long time = SinceUnixNano - random.Next(1_800) * Second + random.NextInt64(Second), start = random.Next(4) == 0 ? 0 : time - random.Next(1, 1_000) * Second;
        double value = random.Next(1_000);
        SentPoint state = Fresh(random, kind, start);
        while (time < UntilUnixNano - 60 * Second)
        {
            long before = time;
            time += interval + random.NextInt64(interval / 4);
            if (random.Next(60) == 0) time += random.Next(60, 900) * Second;
            if (delta && start != 0) start = before;
            if (random.Next(40) == 0 && !delta)   // it restarts
            {
                if (random.Next(3) > 0 && start != 0) start = time - random.NextInt64(1, interval);
                (value, state) = (0, Fresh(random, kind, start));
            }
            value = kind == MetricKind.Gauge || !monotonic ? value + random.Next(-20, 20) : delta ? random.Next(50) : value + random.Next(20);
            state = Grown(random, kind, delta ? Fresh(random, kind, start) : state);
            if (random.Next(30) == 0) yield return new SentPoint(time, start, 0, IsRecorded: false) { Bounds = state.Bounds, Buckets = new double[state.Buckets.Length], Quantiles = [0, 0] };
            else if (kind == MetricKind.Gauge && random.Next(30) == 0) yield return new SentPoint(time, start, random.Next(2) == 0 ? double.NaN : double.PositiveInfinity);
            else yield return state with { Time = time, Start = start, Value = value };
        }
    }

    private static SentPoint Fresh(Random random, MetricKind kind, long start) => kind switch
    {
        MetricKind.Histogram => new(0, start, 0) { Bounds = random.Next(5) == 0 ? [-1, 0, 2, 10] : [0.1, 0.5, 1, 5], Buckets = new double[5] },
        MetricKind.ExponentialHistogram => new(0, start, 0) { Scale = random.Next(1, 4), ZeroThreshold = 0.001, PositiveOffset = random.Next(-6, 6), Positive = new double[6], NegativeOffset = 1, Negative = new double[random.Next(3) == 0 ? 3 : 0] },
        MetricKind.Summary => new(0, start, 0) { Quantiles = [0, 0] },
        _ => new(0, start, 0),
    };

    private static SentPoint Grown(Random random, MetricKind kind, SentPoint point)
    {
        double[] More(double[] counts) => [.. counts.Select(count => count + random.Next(5))];
        switch (kind)
        {
            case MetricKind.Histogram:
                point = point with { Buckets = More(point.Buckets), Sum = point.Sum + random.Next(100) };
                return point with { Count = point.Buckets.Sum() };
            case MetricKind.ExponentialHistogram:
                if (point.Scale > -2 && random.Next(20) == 0) point = Widened(point);
                point = point with { Positive = More(point.Positive), Negative = More(point.Negative), Zeros = point.Zeros + random.Next(3), Sum = point.Sum + random.Next(-10, 100) };
                return point with { Count = point.Positive.Sum() + point.Negative.Sum() + point.Zeros };
            case MetricKind.Summary:
                return point with { Count = point.Count + random.Next(10), Sum = point.Sum + random.Next(30), Quantiles = [random.Next(10), 10 + random.Next(10)] };
            default:
                return point;
        }
    }

    // As SDKs do when values spread: one scale down, two buckets become one.
    private static SentPoint Widened(SentPoint point)
    {
        (int, double[]) Halved(int offset, double[] counts)
        {
            int first = offset >> 1;
            double[] halved = new double[counts.Length == 0 ? 0 : ((offset + counts.Length - 1) >> 1) - first + 1];
            for (int i = 0; i < counts.Length; i++) halved[((offset + i) >> 1) - first] += counts[i];
            return (first, halved);
        }
        var (positiveOffset, positive) = Halved(point.PositiveOffset, point.Positive);
        var (negativeOffset, negative) = Halved(point.NegativeOffset, point.Negative);
        return point with { Scale = point.Scale - 1, PositiveOffset = positiveOffset, Positive = positive, NegativeOffset = negativeOffset, Negative = negative };
    }

    private async Task Send(SentMetric metric, (SentSeries Series, SentPoint Point)[] points)
    {
        var resources = new JsonArray([.. points.GroupBy(pair => pair.Series.Labels["resource.host.name"]).Select(host => (JsonNode)new JsonObject
        {
            ["resource"] = new JsonObject { ["attributes"] = new JsonArray(Attribute("service.name", "shop"), Attribute("host.name", host.Key)) },
            ["scopeMetrics"] = new JsonArray(new JsonObject { ["scope"] = new JsonObject { ["name"] = "generated" }, ["metrics"] = new JsonArray(ToJson(metric, host)) }),
        })]);
        using var body = new StringContent(new JsonObject { ["resourceMetrics"] = resources }.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var answer = await Server.At.Otlp.PostAsync("/v1/metrics", body, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode && !text.Contains("rejected", StringComparison.Ordinal), text);
    }

    private static JsonObject ToJson(SentMetric metric, IEnumerable<(SentSeries Series, SentPoint Point)> points)
    {
        string kind = metric.Kind switch { MetricKind.Gauge => "gauge", MetricKind.Sum => "sum", MetricKind.Histogram => "histogram", MetricKind.ExponentialHistogram => "exponentialHistogram", _ => "summary" };
        var data = new JsonObject { ["dataPoints"] = new JsonArray([.. points.Select(pair => (JsonNode)ToJson(metric.Kind, pair.Series, pair.Point))]) };
        if (metric.Kind is MetricKind.Sum or MetricKind.Histogram or MetricKind.ExponentialHistogram) data["aggregationTemporality"] = metric.IsDelta ? 1 : 2;
        if (metric.Kind == MetricKind.Sum) data["isMonotonic"] = metric.IsMonotonic;
        return new JsonObject { ["name"] = metric.Name, ["unit"] = "1", ["description"] = $"{kind} made by a test", [kind] = data };
    }

    private static JsonObject ToJson(MetricKind kind, SentSeries series, SentPoint point)
    {
        JsonArray Counts(double[] counts) => new([.. counts.Select(count => (JsonNode)((long)count).ToString())]);
        var json = new JsonObject
        {
            ["timeUnixNano"] = point.Time.ToString(), ["startTimeUnixNano"] = point.Start.ToString(), ["flags"] = point.IsRecorded ? 0 : 1,
            ["attributes"] = series.Labels.TryGetValue("route", out string? route) ? new JsonArray(Attribute("route", route)) : new JsonArray(),
        };
        if (kind is MetricKind.Gauge or MetricKind.Sum)
        {
            json["asDouble"] = double.IsNaN(point.Value) ? "NaN" : double.IsInfinity(point.Value) ? "Infinity" : point.Value;
            return json;
        }
        json["count"] = ((long)point.Count).ToString();
        json["sum"] = point.Sum;
        if (kind == MetricKind.Histogram)
        {
            json["explicitBounds"] = new JsonArray([.. point.Bounds.Select(bound => (JsonNode)bound)]);
            json["bucketCounts"] = Counts(point.Buckets);
        }
        else if (kind == MetricKind.ExponentialHistogram)
        {
            (json["scale"], json["zeroCount"], json["zeroThreshold"]) = (point.Scale, ((long)point.Zeros).ToString(), point.ZeroThreshold);
            json["positive"] = new JsonObject { ["offset"] = point.PositiveOffset, ["bucketCounts"] = Counts(point.Positive) };
            json["negative"] = new JsonObject { ["offset"] = point.NegativeOffset, ["bucketCounts"] = Counts(point.Negative) };
        }
        else json["quantileValues"] = new JsonArray(new JsonObject { ["quantile"] = 0.5, ["value"] = point.Quantiles[0] }, new JsonObject { ["quantile"] = 0.99, ["value"] = point.Quantiles[1] });
        return json;
    }

    private static JsonObject Attribute(string key, string value) => new() { ["key"] = key, ["value"] = new JsonObject { ["stringValue"] = value } };
}
