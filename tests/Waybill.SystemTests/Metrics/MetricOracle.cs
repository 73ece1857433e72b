using Waybill.Query.Evaluation;

namespace Waybill.Metrics;

/// <summary>A point as it was sent. What a kind does not have is empty.</summary>
/// <param name="Start">0 when the sender did not say.</param>
/// <param name="IsRecorded">False for a point that only says that there is no value.</param>
internal sealed record SentPoint(long Time, long Start, double Value, bool IsRecorded = true)
{
    /// <summary>Of distributions and summaries.</summary>
    public double Count { get; init; }
    public double Sum { get; init; }
    public double[] Bounds { get; init; } = [];
    public double[] Buckets { get; init; } = [];
    public int Scale { get; init; }
    public double Zeros { get; init; }
    public double ZeroThreshold { get; init; }
    public int PositiveOffset { get; init; }
    public double[] Positive { get; init; } = [];
    public int NegativeOffset { get; init; }
    public double[] Negative { get; init; } = [];
    /// <summary>Of summaries: values of the quantiles 0.5 and 0.99.</summary>
    public double[] Quantiles { get; init; } = [];
}

/// <param name="Labels">By the key that asks for them: <c>route</c>, <c>resource.host.name</c>, <c>service</c>.</param>
internal sealed record SentSeries(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<SentPoint> Points);

internal sealed record SentMetric(string Name, MetricKind Kind, bool IsDelta, bool IsMonotonic, IReadOnlyList<SentSeries> Series);

/// <summary>
/// What the engine must answer, written down as plainly as can be: every bucket looks at every point. Slow, and obviously right.
/// </summary>
internal sealed class MetricOracle(MetricsWindow window, string function)
{
    private const long LookBack = 900_000_000_000, Gap = 300_000_000_000;

    private sealed record Stretch(long From, long To, SentPoint? Before, SentPoint Point, bool FollowsPoint);

    private long Origin => window.FirstUnixNano - window.StepNano;
    private long ReadFrom => Origin - Math.Max(LookBack, 2 * window.StepNano);

    public Dictionary<string, double?[]> Answer(SentMetric metric, IReadOnlyList<string> by) => metric.Series
        .GroupBy(series => string.Join('|', by.Select(key => series.Labels.GetValueOrDefault(key, ""))))
        .ToDictionary(group => group.Key, group => (double?[])[.. Enumerable.Range(0, window.Count).Select(bucket => Bucket(metric, [.. group], bucket))])
        .Where(pair => pair.Value.Any(value => value is not null)).ToDictionary(pair => pair.Key, pair => pair.Value);

    private double? Bucket(SentMetric metric, SentSeries[] series, int bucket)
    {
        long end = window.Stamp(bucket), begin = end - window.StepNano;
        bool isLevel = metric.Kind == MetricKind.Gauge || (metric.Kind == MetricKind.Sum && !metric.IsMonotonic && !metric.IsDelta);
        double? value = isLevel ? Level(series, begin, end) : metric.Kind == MetricKind.Summary && function[0] == 'p' ? Reported(series, begin, end) : Counted(metric, series, begin, end);
        return value is { } number && double.IsFinite(number) ? number : null;
    }

    private double? Level(SentSeries[] series, long begin, long end)
    {
        SentPoint[][] points = [.. series.Select(one => one.Points.Where(point => point.IsRecorded && double.IsFinite(point.Value) && point.Time > begin && point.Time <= end).DistinctBy(point => (point.Time, point.Value)).ToArray()).Where(some => some.Length > 0)];
        if (points.Length == 0) return null;
        SentPoint[] all = [.. points.SelectMany(some => some)];
        return function switch
        {
            "min" => all.Min(point => point.Value),
            "max" => all.Max(point => point.Value),
            "count" => all.Length,
            "sum" => points.Sum(some => some.Average(point => point.Value)),
            "avg" => points.Average(some => some.Average(point => point.Value)),
            "last" => all.OrderBy(point => point.Time).ThenBy(point => point.Value).Last().Value,
            _ => OfValues([.. all.Select(point => point.Value).Order()]),
        };
    }

    private double OfValues(double[] sorted)
    {
        double place = Share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
    }

    private double? Reported(SentSeries[] series, long begin, long end)
    {
        int index = function switch { "p50" => 0, "p99" => 1, _ => -1 };
        double[] own = index < 0 ? [] : [.. series.Select(one => one.Points.Where(point => point.IsRecorded && point.Time > begin && point.Time <= end).DistinctBy(point => (point.Time, point.Quantiles[index])).ToArray())
            .Where(some => some.Length > 0).Select(some => some.Average(point => point.Quantiles[index]))];
        return own.Length == 0 ? null : own.Max();
    }

    private double? Counted(SentMetric metric, SentSeries[] series, long begin, long end)
    {
        var parts = new List<(Stretch Stretch, double Part)>();
        long coveredFrom = long.MaxValue, coveredTo = long.MinValue;
        foreach (Stretch stretch in series.SelectMany(one => Stretches(metric, one)))
        {
            if (stretch.From == stretch.To ? stretch.To <= begin || stretch.To > end : stretch.To <= begin || stretch.From >= end) continue;
            long from = Math.Max(begin, stretch.From), to = Math.Min(end, stretch.To);
            (coveredFrom, coveredTo) = (Math.Min(coveredFrom, from), Math.Max(coveredTo, to));
            parts.Add((stretch, stretch.From == stretch.To ? 1 : (double)(to - from) / (stretch.To - stretch.From)));
        }
        if (parts.Count == 0) return null;
        double Total(Func<SentPoint, double> of) => parts.Sum(part => part.Part * (of(part.Stretch.Point) - (part.Stretch.Before is { } before ? of(before) : 0)));
        Func<SentPoint, double> main = metric.Kind == MetricKind.Sum ? point => point.Value : point => point.Count;
        return function switch
        {
            "rate" => Total(main) * 1e9 / (coveredTo > coveredFrom ? coveredTo - coveredFrom : window.StepNano),
            "count" => Total(main),
            "sum" => metric.Kind == MetricKind.Sum ? Total(main) : Total(point => point.Sum),
            "avg" => Total(point => point.Sum) / Total(main),
            _ => OfCells(metric.Kind == MetricKind.Histogram ? ExplicitCells(parts) : ExponentialCells(parts)),
        };
    }

    private IEnumerable<Stretch> Stretches(SentMetric metric, SentSeries series)
    {
        SentPoint[] points = [.. series.Points.Where(point => point.IsRecorded && point.Time > ReadFrom && point.Time <= window.LastUnixNano)];
        long gap = Math.Max(Gap, 2 * window.StepNano);
        if (metric.IsDelta) return Increases(points.DistinctBy(Identity), gap);
        long[] lengths = [.. points.GroupBy(point => point.Start).SelectMany(run => Apart([.. run.Select(point => point.Time).Order()])).Order()];
        long usual = lengths.Length == 0 ? 0 : lengths[(lengths.Length + 1) / 2 - 1];
        // Buckets of different bounds cannot be subtracted from each other; counts can.
        return points.GroupBy(point => function[0] == 'p' ? string.Join(' ', point.Bounds) : "").SelectMany(alike => Totals(metric, alike)).Where(stretch => stretch.To - stretch.From <= Math.Max(gap, 3 * usual));
    }

    private static IEnumerable<long> Apart(long[] times) => times.Zip(times.Skip(1), (one, next) => next - one);

    private static string Identity(SentPoint point) => string.Join(' ', point.Time, point.Start, point.Value, point.Count, point.Sum, string.Join(',', point.Buckets), string.Join(',', point.Positive));

    private static IEnumerable<Stretch> Increases(IEnumerable<SentPoint> some, long gap)
    {
        SentPoint[] points = [.. some];
        foreach (SentPoint point in points)
        {
            long before = points.Where(other => other.Time < point.Time).Select(other => other.Time).DefaultIfEmpty().Max();
            long from = point.Start > 0 && point.Start < point.Time ? point.Start : point.Time - before <= gap ? before : point.Time;
            yield return new(from, point.Time, null, point, true);
        }
    }

    private List<Stretch> Totals(SentMetric metric, IEnumerable<SentPoint> points)
    {
        var stretches = new List<Stretch>();
        foreach (var run in points.GroupBy(point => point.Start))
        {
            SentPoint[] sorted = [.. run.OrderBy(point => point.Time).ThenBy(point => metric.Kind == MetricKind.Sum ? point.Value : point.Count)];
            if (run.Key >= ReadFrom && run.Key < sorted[0].Time) stretches.Add(new(run.Key, sorted[0].Time, null, sorted[0], false));
            for (int i = 1; i < sorted.Length; i++)
            {
                bool fell = metric.Kind == MetricKind.Sum ? sorted[i].Value < sorted[i - 1].Value : sorted[i].Count < sorted[i - 1].Count;
                stretches.Add(new(sorted[i - 1].Time, sorted[i].Time, fell ? null : sorted[i - 1], sorted[i], true));
            }
        }
        return stretches;
    }

    private static List<Cell> ExplicitCells(List<(Stretch Stretch, double Part)> parts)
    {
        var cells = new List<Cell>();
        foreach (var group in parts.GroupBy(part => string.Join(' ', part.Stretch.Point.Bounds)))
        {
            double[] bounds = group.First().Stretch.Point.Bounds;
            double Of(int i) => group.Sum(part => part.Part * (part.Stretch.Point.Buckets[i] - (part.Stretch.Before?.Buckets[i] ?? 0)));
            cells.Add(new(bounds[0] > 0 ? 0 : bounds[0], bounds[0], Of(0)));
            for (int i = 1; i < bounds.Length; i++) cells.Add(new(bounds[i - 1], bounds[i], Of(i)));
            cells.Add(new(bounds[^1], bounds[^1], Of(bounds.Length)));
        }
        return cells;
    }

    private static List<Cell> ExponentialCells(List<(Stretch Stretch, double Part)> parts)
    {
        var counts = new Dictionary<(int Scale, int Sign, int Index), double>();
        double zeros = 0, threshold = 0;
        void Add(SentPoint point, int scale, double part)
        {
            zeros += part * point.Zeros;
            for (int i = 0; i < point.Positive.Length; i++) Count((scale, 1, (point.PositiveOffset + i) >> (point.Scale - scale)), part * point.Positive[i]);
            for (int i = 0; i < point.Negative.Length; i++) Count((scale, -1, (point.NegativeOffset + i) >> (point.Scale - scale)), part * point.Negative[i]);
        }
        void Count((int, int, int) key, double count) => counts[key] = counts.GetValueOrDefault(key) + count;
        foreach (var (stretch, part) in parts)
        {
            int scale = Math.Min(stretch.Point.Scale, stretch.Before?.Scale ?? stretch.Point.Scale);
            threshold = Math.Max(threshold, stretch.Point.ZeroThreshold);
            Add(stretch.Point, scale, part);
            if (stretch.Before is { } before) Add(before, scale, -part);
        }
        bool positive = counts.Any(pair => pair.Key.Sign > 0 && pair.Value > 1e-9), negative = counts.Any(pair => pair.Key.Sign < 0 && pair.Value > 1e-9);
        List<Cell> cells = [new(positive && !negative ? 0 : -threshold, negative && !positive ? 0 : threshold, zeros)];
        foreach (var ((scale, sign, index), count) in counts)
        {
            double growth = Math.Pow(2, Math.Pow(2, -scale)), near = Math.Pow(growth, index), far = Math.Pow(growth, index + 1);
            cells.Add(sign > 0 ? new(near, far, count, IsExponential: true) : new(-far, -near, count, IsExponential: true));
        }
        return cells;
    }

    // The least value that so many are not greater than, found by halving.
    private double? OfCells(List<Cell> some)
    {
        double all = some.Sum(cell => Math.Max(0, cell.Count));
        Cell[] cells = [.. some.Where(cell => cell.Count > 1e-9 * all)];
        if (cells.Length == 0) return null;
        double rank = (Share - 1e-9) * cells.Sum(cell => cell.Count), low = cells.Min(cell => cell.Lower), high = cells.Max(cell => cell.Upper);
        if (cells.Sum(cell => cell.AtMost(low)) >= rank) return low;
        for (int i = 0; i < 200; i++)
        {
            double middle = low + (high - low) / 2;
            if (cells.Sum(cell => cell.AtMost(middle)) >= rank) high = middle;
            else low = middle;
        }
        return high;
    }

    private double Share => int.Parse(function[1..]) / 100.0;
}
