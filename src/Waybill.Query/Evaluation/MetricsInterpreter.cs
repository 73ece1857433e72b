using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>Evaluates a metrics query over traces in memory, plainly; the measure of what the engine answers. Counts and sums are weighted.</summary>
public sealed class MetricsInterpreter
{
    private readonly MetricsWindow _window;
    private readonly (Interpreter Interpreter, Trace Trace)[] _traces;

    public MetricsInterpreter(IEnumerable<Trace> traces, MetricsWindow window) =>
        (_window, _traces) = (window, [.. traces.Select(trace => (new Interpreter(trace), trace))]);

    /// <summary>Series without a sample are left out; their order says nothing.</summary>
    public IReadOnlyList<Series> Run(MetricsQuery query) => [.. Run(query.Metrics).Where(series => !series.IsEmpty)];

    private IReadOnlyList<Series> Run(MetricsExpression metrics) => metrics switch
    {
        MetricsPipeline pipeline => First(pipeline),
        MetricsArithmetic arithmetic => SeriesArithmetic.Join(arithmetic.Operator, Side(arithmetic.Left), Side(arithmetic.Right)),
        RankStage rank => SeriesRanking.Keep(Run(rank.Source), rank.Top, rank.Count),
        SampleFilter filter => [.. Run(filter.Source).Select(series => Kept(series, filter))],
        _ => throw new ArgumentOutOfRangeException(nameof(metrics), metrics.GetType().Name, "Not a metrics query of the language."),
    };

    private SeriesArithmetic.Side Side(MetricsExpression side) =>
        side is MetricsNumber number ? new(number.Value.Number, []) : new(null, [.. Run(side).Where(series => !series.IsEmpty)]);

    // A duration is compared in seconds, as series of durations are.
    private static Series Kept(Series series, SampleFilter filter)
    {
        Static constant = filter.Value.Type == StaticType.Duration ? Static.Of(filter.Value.Number / 1e9) : filter.Value;
        return series with { Values = [.. series.Values.Select(value => Arithmetic.Holds(filter.Operator, Static.Of(value), constant) && !double.IsNaN(value) ? value : double.NaN)] };
    }

    private IReadOnlyList<Series> First(MetricsPipeline pipeline)
    {
        var observed = new List<Observation>();
        foreach (var (interpreter, trace) in _traces)
        {
            foreach (TraceSpan span in interpreter.Search(pipeline.Source).SelectMany(set => set.Spans))
            {
                int bucket = _window.IndexOf(span.StartUnixNano);
                if (bucket >= 0) observed.Add(new Observation(interpreter, trace, span, bucket));
            }
        }
        return pipeline.Aggregate is Compare compare ? Comparison.Of(compare, observed, _window) : RangeSeries.Of((RangeAggregate)pipeline.Aggregate, observed, _window);
    }
}

/// <summary>A span that a metrics function sees, and the bucket it falls into.</summary>
internal sealed record Observation(Interpreter Interpreter, Trace Trace, TraceSpan Span, int Bucket)
{
    public Static Value(FieldExpression field) => Interpreter.Value(field, Span)?.First ?? Static.Nil;
}
