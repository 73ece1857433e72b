using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Checking;

/// <summary>Says what a tree does not mean, or what is not answered: stages and metrics here, fields in <see cref="FieldChecker"/>.</summary>
internal sealed class Checker(DiagnosticList diagnostics, QueryLimits limits)
{
    private readonly FieldChecker _fields = new(diagnostics, limits);

    public static void Check(TraceQuery query, DiagnosticList diagnostics, QueryLimits limits)
    {
        var checker = new Checker(diagnostics, limits);
        if (query is SearchQuery search) checker.Pipeline(search.Pipeline);
        else checker.Metrics(((MetricsQuery)query).Metrics, alone: true);
        foreach (Hint hint in query.Hints) checker.Hint(hint);
    }

    public static void Check(SpansetFilter filter, DiagnosticList diagnostics, QueryLimits limits) => new Checker(diagnostics, limits).Spanset(filter);

    private void Pipeline(Pipeline pipeline)
    {
        foreach (PipelineStage stage in pipeline.Stages) Stage(stage);
    }

    private void Stage(PipelineStage stage)
    {
        switch (stage)
        {
            case SpansetExpression spanset: Spanset(spanset); break;
            case ScalarFilter filter: ScalarFilter(filter); break;
            case GroupBy group:
                _fields.Type(group.Key);
                OfSpan(group.Key, "by()");
                break;
            case Select select:
                foreach (FieldReference field in select.Fields) _fields.Type(field);
                break;
        }
    }

    private void Spanset(SpansetExpression spanset)
    {
        switch (spanset)
        {
            case SpansetFilter { Condition: { } condition }: _fields.Condition(condition); break;
            case SpansetLogic logic:
                Spanset(logic.Left);
                Spanset(logic.Right);
                break;
            case StructuralOperation operation:
                Spanset(operation.Left);
                Spanset(operation.Right);
                break;
            case SubPipeline sub: Pipeline(sub.Pipeline); break;
        }
    }

    private void ScalarFilter(ScalarFilter filter)
    {
        Scalar(filter.Left);
        Scalar(filter.Right);
        if (filter is { Left: Aggregate, Right: ScalarNumber }) return;
        string? swapped = filter is { Left: ScalarNumber, Right: Aggregate } ? $"{filter.Right} {filter.Operator.Mirrored().Text()} {filter.Left}" : null;
        diagnostics.Add(DiagnosticCode.Unsupported, filter.At, "An aggregate is compared with a constant only, on its left side.", "an aggregate, a comparison and a constant",
            swapped is null ? "For example count() > 2." : $"Write {swapped}.", swapped);
    }

    private void Scalar(ScalarExpression scalar)
    {
        switch (scalar)
        {
            case Aggregate { Argument: { } argument } aggregate:
                Numeric(argument, $"{aggregate.Function.ToString().ToLowerInvariant()}()");
                OfSpan(argument, $"{aggregate.Function.ToString().ToLowerInvariant()}()");
                break;
            case ScalarArithmetic arithmetic:
                Scalar(arithmetic.Left);
                Scalar(arithmetic.Right);
                break;
            case PipelineScalar pipeline:
                Pipeline(pipeline.Pipeline);
                Scalar(pipeline.Aggregate);
                break;
        }
    }

    private void Metrics(MetricsExpression metrics, bool alone)
    {
        switch (metrics)
        {
            case MetricsArithmetic arithmetic:
                Metrics(arithmetic.Left, alone: false);
                Metrics(arithmetic.Right, alone: false);
                break;
            case MetricsStage stage:
                if (stage is RankStage { Count: < 1 } rank) diagnostics.Add(DiagnosticCode.BadCount, new TextSpan(rank.Source.At.End, rank.At.End - rank.Source.At.End), $"{(rank.Top ? "topk" : "bottomk")}({rank.Count}) keeps no series.", "a number from 1");
                Metrics(stage.Source, alone: false);
                break;
            case MetricsPipeline pipeline:
                Pipeline(pipeline.Source);
                if (pipeline.Aggregate is RangeAggregate range) Range(range);
                else Compare((Compare)pipeline.Aggregate, alone);
                break;
        }
    }

    private void Range(RangeAggregate range)
    {
        if (range.Argument is { } argument) Numeric(argument, $"{range.Function.Text()}()");
        foreach (double quantile in range.Quantiles)
        {
            if (quantile is < 0 or > 1) diagnostics.Add(DiagnosticCode.BadQuantile, range.At, $"{quantile} is not a quantile.", "a number from 0 to 1", quantile is > 1 and <= 100 ? $"Percent are written as a fraction: {quantile / 100}." : null);
        }
        foreach (FieldReference field in range.By) _fields.Type(field);
        if (range.By.Count > limits.GroupByMax) diagnostics.Add(DiagnosticCode.TooManyGroups, range.By[limits.GroupByMax].At, $"Series are grouped by at most {limits.GroupByMax} fields.");
    }

    private void Compare(Compare compare, bool alone)
    {
        Spanset(compare.Selection);
        if (!alone) diagnostics.Add(DiagnosticCode.CompareAlone, compare.At, "compare() has neither a second stage nor arithmetic.", "a query that ends with compare()");
        if (compare.Top < 1) diagnostics.Add(DiagnosticCode.BadCount, compare.At, $"compare() is asked for {compare.Top} values.", "a number from 1");
        if (compare.StartUnixNano >= compare.EndUnixNano) diagnostics.Add(DiagnosticCode.BadRange, compare.At, "The begin of the selection is not before its end.");
    }

    private void Numeric(FieldExpression argument, string function)
    {
        if (_fields.Type(argument) is StaticType.Int or StaticType.Float or StaticType.Duration or null) return;
        diagnostics.Add(DiagnosticCode.NotNumeric, argument.At, $"{function} is calculated from numbers, and {argument} is {FieldChecker.Name(_fields.TypeOnly(argument))}.", "an attribute or a number");
    }

    private void OfSpan(FieldExpression expression, string function)
    {
        if (!Refers(expression)) diagnostics.Add(DiagnosticCode.NotOfSpan, expression.At, $"{function} of a constant is the same for every span.", "an expression with a field");
    }

    private static bool Refers(FieldExpression expression) => expression switch
    {
        FieldReference => true,
        UnaryExpression unary => Refers(unary.Operand),
        BinaryExpression binary => Refers(binary.Left) || Refers(binary.Right),
        _ => false,
    };

    private void Hint(Hint hint)
    {
        string? problem = hint.Name switch
        {
            "sample" or "trace_sample" or "span_sample" => hint.Value.Type == StaticType.Bool || hint.Value is { Type: StaticType.Float or StaticType.Int, Number: > 0 and <= 1 } ? null : "true, false or a fraction up to 1",
            "exemplars" => hint.Value.Type == StaticType.Bool || hint.Value is { Type: StaticType.Int, Integer: >= 0 } ? null : "true, false or a number",
            "most_recent" or "extrapolate" => hint.Value.Type == StaticType.Bool ? null : "true or false",
            _ => "",
        };
        if (problem is "")
        {
            string? nearest = Nearest.To(hint.Name, Hints);
            diagnostics.Add(DiagnosticCode.UnknownHint, hint.At, $"The hint {hint.Name} has no effect here.", string.Join(", ", Hints), nearest is null ? null : $"Did you mean {nearest}?", nearest is null ? null : $"{nearest}={hint.Value}");
        }
        else if (problem is not null) diagnostics.Add(DiagnosticCode.BadHint, hint.At, $"The hint {hint.Name} is {problem}.", problem);
    }

    private static readonly string[] Hints = ["sample", "trace_sample", "span_sample", "exemplars", "most_recent", "extrapolate"];
}
