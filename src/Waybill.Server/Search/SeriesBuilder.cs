using System.Globalization;
using System.Runtime.InteropServices;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;

namespace Waybill.Search;

using TraceSpan = Waybill.Query.Evaluation.TraceSpan;

/// <summary>Puts the series of <c>rate()</c> and its kin together from parts: rows that the engine added up, and single spans.</summary>
internal sealed class SeriesBuilder(RangeAggregate range, MetricsWindow window, int exemplarsMax)
{
    private readonly Dictionary<NodeList<Static>, Group> _groups = [];

    private sealed class Group
    {
        public Dictionary<double, double[]> Numbers { get; } = [];   // by bound; 0 where there are no bounds
        public double[]? Weights { get; set; }
        public Dictionary<int, List<Exemplar>> Exemplars { get; } = [];
    }

    /// <summary>Sets of labels so far.</summary>
    public int Groups => _groups.Count;

    private bool IsLeast => range.Function == RangeFunction.MinOverTime;
    private bool IsGreatest => range.Function == RangeFunction.MaxOverTime;
    private bool IsBucketed => range.Function is RangeFunction.HistogramOverTime or RangeFunction.QuantileOverTime;
    private bool IsCount => range.Function is RangeFunction.Rate or RangeFunction.CountOverTime;

    /// <summary>Whether the argument is told in seconds.</summary>
    public bool IsDuration => range.Argument is IntrinsicReference { Intrinsic: Intrinsic.Duration };

    /// <param name="number">A weighted count or sum, or the least or greatest.</param>
    /// <param name="bound">Of a histogram: what the values are at most, a power of two.</param>
    public void Add(NodeList<Static> labels, int bucket, double bound, double number, double weights, params ReadOnlySpan<Exemplar> exemplars)
    {
        if (bucket < 0 || bucket >= window.Count) return;
        ref Group? group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, labels, out _);
        group ??= new Group();
        if (!group.Numbers.TryGetValue(bound, out double[]? numbers))
        {
            group.Numbers[bound] = numbers = new double[window.Count];
            if (!IsCount && !IsBucketed) Array.Fill(numbers, double.NaN);
        }
        double before = numbers[bucket];
        numbers[bucket] = double.IsNaN(before) ? number : IsLeast ? Math.Min(before, number) : IsGreatest ? Math.Max(before, number) : before + number;
        (group.Weights ??= new double[window.Count])[bucket] += weights;
        if (exemplars.IsEmpty || exemplarsMax == 0) return;
        ref List<Exemplar>? kept = ref CollectionsMarshal.GetValueRefOrAddDefault(group.Exemplars, bucket, out _);
        kept ??= [];
        // Of a histogram's exemplars the greatest say most. Infinities and NaN, which JSON cannot say, say nothing.
        foreach (Exemplar exemplar in exemplars)
            if (double.IsFinite(exemplar.Value)) kept.Add(exemplar);
        if (kept.Count > exemplarsMax) kept = [.. kept.OrderByDescending(exemplar => exemplar.Value).Take(exemplarsMax)];
    }

    /// <summary>Adds one span.</summary>
    public void Add(Interpreter interpreter, string traceId, TraceSpan span)
    {
        int bucket = window.IndexOf(span.StartUnixNano);
        if (bucket < 0) return;
        Static Of(FieldExpression field) => interpreter.Value(field, span)?.First ?? Static.Nil;
        Static argument = range.Argument is null ? Static.Nil : Of(range.Argument);
        if (IsBucketed && argument is not { Type: StaticType.Int or StaticType.Duration, Integer: >= 2 }) return;
        if (!IsCount && !argument.IsNumeric) return;
        double value = IsCount ? span.DurationNano / 1e9 : IsDuration ? argument.Number / 1e9 : argument.Number;
        double number = IsCount || IsBucketed ? span.Weight : IsLeast || IsGreatest ? value : value * span.Weight;
        Add([.. range.By.Select(Of)], bucket, IsBucketed ? PowerOfTwo.Bucket(argument.Integer) : 0, number, span.Weight,
            new Exemplar(traceId, span.SpanId, Text(span.StartUnixNano), Text(window.Stamp(bucket)), value));
    }

    public IReadOnlyList<Series> ToSeries() => [.. _groups.SelectMany(pair => ToSeries(Labels(pair.Key), pair.Value))];

    /// <summary>Exemplars by the labels of their group.</summary>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<Exemplar>>> Exemplars() =>
        _groups.Select(pair => KeyValuePair.Create(KeyOf(Labels(pair.Key)), (IReadOnlyList<Exemplar>)[.. pair.Value.Exemplars.OrderBy(at => at.Key).SelectMany(at => at.Value)]));

    /// <summary>What tells groups apart in the labels of a series.</summary>
    public static string KeyOf(IEnumerable<Label> labels) =>
        string.Join(',', labels.Where(label => label.Name is not (Series.NameLabel or "p" or "__bucket")).OrderBy(label => label.Name, StringComparer.Ordinal));

    private IEnumerable<Series> ToSeries(NodeList<Label> labels, Group group)
    {
        if (range.Function == RangeFunction.HistogramOverTime)
            return group.Numbers.OrderBy(bound => bound.Key).Select(bound => new Series([.. labels, new Label("__bucket", Static.Of(Shown(bound.Key)))], bound.Value));
        if (range.Function == RangeFunction.QuantileOverTime)
            return range.Quantiles.Select(quantile => new Series([.. labels, new Label("p", Static.Of(quantile))], Quantile(group, quantile)));
        double[] numbers = group.Numbers[0];
        double[] values = range.Function switch
        {
            RangeFunction.Rate => [.. numbers.Select(number => number / (window.StepNano / 1e9))],
            RangeFunction.AvgOverTime => [.. numbers.Zip(group.Weights!, (number, weights) => number / weights)],
            _ => numbers,
        };
        return [new Series(labels.Count > 0 ? labels : [new Label(Series.NameLabel, Static.Of(range.Function.Text()))], values)];
    }

    private double[] Quantile(Group group, double quantile)
    {
        KeyValuePair<double, double[]>[] bounds = [.. group.Numbers.OrderBy(bound => bound.Key)];
        double[] values = new double[window.Count];
        for (int bucket = 0; bucket < values.Length; bucket++)
        {
            (double, double)[] present = [.. bounds.Where(bound => bound.Value[bucket] > 0).Select(bound => (bound.Key, bound.Value[bucket]))];
            values[bucket] = present.Length == 0 ? double.NaN : Shown(PowerOfTwo.Quantile(quantile, present));
        }
        return values;
    }

    private double Shown(double bound) => IsDuration ? bound / 1e9 : bound;

    // A missing value has no label, but a series has at least one.
    private NodeList<Label> Labels(NodeList<Static> values)
    {
        Label[] all = [.. range.By.Zip(values, (field, value) => new Label(field.ToString(), value))];
        Label[] present = [.. all.Where(label => label.Value.Type != StaticType.Nil)];
        return all.Length > 0 && present.Length == 0 ? [all[0] with { Value = Static.Of("nil") }] : [.. present];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
