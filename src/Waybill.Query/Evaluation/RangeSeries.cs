using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>The series of <c>rate()</c>, <c>quantile_over_time()</c> and their kin.</summary>
internal static class RangeSeries
{
    public static IReadOnlyList<Series> Of(RangeAggregate range, IReadOnlyList<Observation> observed, MetricsWindow window)
    {
        var series = new List<Series>();
        foreach (var group in observed.GroupBy(item => NodeList.Create<Static>([.. range.By.Select(item.Value)])))
        {
            NodeList<Label> labels = Labels(range, group.Key);
            series.AddRange(range.Function switch
            {
                RangeFunction.HistogramOverTime => Histogram(range, labels, group, window),
                RangeFunction.QuantileOverTime => Quantiles(range, labels, group, window),
                _ => [new Series(Named(range, labels), Values(range, group, window))],
            });
        }
        return series;
    }

    // A missing value has no label, but a series has at least one.
    private static NodeList<Label> Labels(RangeAggregate range, NodeList<Static> values)
    {
        Label[] all = [.. range.By.Zip(values, (field, value) => new Label(field.ToString(), value))];
        Label[] present = [.. all.Where(label => label.Value.Type != StaticType.Nil)];
        return all.Length > 0 && present.Length == 0 ? [all[0] with { Value = Static.Of("nil") }] : [.. present];
    }

    private static NodeList<Label> Named(RangeAggregate range, NodeList<Label> labels) => labels.Count > 0 ? labels : [new Label(Series.NameLabel, Static.Of(range.Function.Text()))];

    private static double[] Values(RangeAggregate range, IEnumerable<Observation> group, MetricsWindow window)
    {
        bool counts = range.Function is RangeFunction.Rate or RangeFunction.CountOverTime;
        double[] values = new double[window.Count];
        Array.Fill(values, counts ? 0 : double.NaN);
        foreach (var bucket in group.GroupBy(item => item.Bucket))
        {
            (double Value, double Weight)[] numbers = counts
                ? [.. bucket.Select(item => (1.0, item.Span.Weight))]
                : [.. bucket.Select(item => (Number: Number(range, item), item.Span.Weight)).Where(pair => pair.Number is not null).Select(pair => (pair.Number!.Value, pair.Weight))];
            if (numbers.Length == 0) continue;
            double weights = numbers.Sum(pair => pair.Weight);
            values[bucket.Key] = range.Function switch
            {
                RangeFunction.Rate => weights / (window.StepNano / 1e9),
                RangeFunction.CountOverTime => weights,
                RangeFunction.MinOverTime => numbers.Min(pair => pair.Value),
                RangeFunction.MaxOverTime => numbers.Max(pair => pair.Value),
                RangeFunction.SumOverTime => numbers.Sum(pair => pair.Value * pair.Weight),
                _ => numbers.Sum(pair => pair.Value * pair.Weight) / weights,
            };
        }
        return values;
    }

    // The span's own duration is told in seconds; other durations are in nanoseconds upstream, and so here.
    private static double? Number(RangeAggregate range, Observation item)
    {
        Static value = item.Value(range.Argument!);
        if (!value.IsNumeric) return null;
        return IsSpanDuration(range) ? value.Number / 1e9 : value.Number;
    }

    private static bool IsSpanDuration(RangeAggregate range) => range.Argument is IntrinsicReference { Intrinsic: Intrinsic.Duration };

    private static IEnumerable<Series> Histogram(RangeAggregate range, NodeList<Label> labels, IEnumerable<Observation> group, MetricsWindow window)
    {
        foreach (var bucket in Bucketed(range, group).GroupBy(pair => pair.Max))
        {
            double[] values = new double[window.Count];
            foreach (var (item, _) in bucket) values[item.Bucket] += item.Span.Weight;
            yield return new Series([.. labels, new Label("__bucket", Static.Of(Shown(range, bucket.Key)))], values);
        }
    }

    private static IEnumerable<Series> Quantiles(RangeAggregate range, NodeList<Label> labels, IEnumerable<Observation> group, MetricsWindow window)
    {
        var byTime = Bucketed(range, group).GroupBy(pair => pair.Item.Bucket).ToList();
        foreach (double quantile in range.Quantiles)
        {
            double[] values = new double[window.Count];
            Array.Fill(values, double.NaN);
            foreach (var time in byTime)
            {
                (double Max, double Count)[] buckets = [.. time.GroupBy(pair => pair.Max).OrderBy(bucket => bucket.Key).Select(bucket => (bucket.Key, bucket.Sum(pair => pair.Item.Span.Weight)))];
                values[time.Key] = Shown(range, PowerOfTwo.Quantile(quantile, buckets));
            }
            yield return new Series([.. labels, new Label("p", Static.Of(quantile))], values);
        }
    }

    private static IEnumerable<(Observation Item, double Max)> Bucketed(RangeAggregate range, IEnumerable<Observation> group) =>
        group.Select(item => (item, Value: item.Value(range.Argument!)))
            .Where(pair => pair.Value is { Type: StaticType.Int or StaticType.Duration, Integer: >= 2 })
            .Select(pair => (pair.item, PowerOfTwo.Bucket(pair.Value.Integer)));

    private static double Shown(RangeAggregate range, double bucket) => range.Argument is IntrinsicReference intrinsic && intrinsic.Intrinsic.Type() == StaticType.Duration ? bucket / 1e9 : bucket;
}
