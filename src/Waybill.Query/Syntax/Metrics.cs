namespace Waybill.Query.Syntax;

/// <summary>Series over time: each sample has labels, a time and a value.</summary>
public abstract record MetricsExpression : Node;

/// <summary><c>pipeline | rate() by(...)</c>.</summary>
public sealed record MetricsPipeline(Pipeline Source, MetricsAggregate Aggregate) : MetricsExpression
{
    internal override int Height { get; } = Math.Max(Source.Height, Aggregate.Height) + 1;
}

/// <param name="Operator">Add, Subtract, Multiply, Divide.</param>
public sealed record MetricsArithmetic(Operator Operator, MetricsExpression Left, MetricsExpression Right) : MetricsExpression
{
    internal override int Height { get; } = Math.Max(Left.Height, Right.Height) + 1;
}

/// <summary>A constant in arithmetic between metrics queries.</summary>
public sealed record MetricsNumber(Static Value) : MetricsExpression;

/// <summary>A second stage: what becomes of the series of the first.</summary>
public abstract record MetricsStage(MetricsExpression Source) : MetricsExpression
{
    internal override int Height { get; } = Source.Height + 1;
}

/// <summary><c>| topk(n)</c> or <c>| bottomk(n)</c>: the n series with the greatest or smallest values, at each time.</summary>
public sealed record RankStage(MetricsExpression Source, bool Top, long Count) : MetricsStage(Source);

/// <summary><c>| &gt; 5</c>: keeps the samples for which it is true.</summary>
public sealed record SampleFilter(MetricsExpression Source, Operator Operator, Static Value) : MetricsStage(Source);

/// <summary>How spans become series.</summary>
public abstract record MetricsAggregate : Node;

public enum RangeFunction : byte { Rate, CountOverTime, MinOverTime, MaxOverTime, AvgOverTime, SumOverTime, HistogramOverTime, QuantileOverTime }

/// <param name="Argument">Null for rate and count_over_time only.</param>
/// <param name="Quantiles">For quantile_over_time only, each from 0 to 1.</param>
public sealed record RangeAggregate(RangeFunction Function, FieldReference? Argument, NodeList<double> Quantiles, NodeList<FieldReference> By) : MetricsAggregate;

/// <summary>Compares the attributes of the spans that match a selection with those of the others.</summary>
/// <param name="Top">Values per attribute.</param>
/// <param name="StartUnixNano">With the end: the time in which a span can be selected; else the query's own.</param>
public sealed record Compare(SpansetFilter Selection, int Top, long? StartUnixNano, long? EndUnixNano) : MetricsAggregate
{
    public const int TopDefault = 10;

    internal override int Height { get; } = Selection.Height + 1;
}

public static class RangeFunctions
{
    /// <summary>The function's name, which is also the <c>__name__</c> of its series.</summary>
    public static string Text(this RangeFunction function) => function switch
    {
        RangeFunction.Rate => "rate",
        RangeFunction.CountOverTime => "count_over_time",
        RangeFunction.MinOverTime => "min_over_time",
        RangeFunction.MaxOverTime => "max_over_time",
        RangeFunction.AvgOverTime => "avg_over_time",
        RangeFunction.SumOverTime => "sum_over_time",
        RangeFunction.HistogramOverTime => "histogram_over_time",
        _ => "quantile_over_time",
    };
}
