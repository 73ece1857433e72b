using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>Spans that belong together, in the order of the trace, and what stages have found out about them.</summary>
/// <param name="Attributes">Values of by() and of aggregates, under their text: <c>by(name)</c>, <c>count()</c>.</param>
public sealed record Spanset(IReadOnlyList<TraceSpan> Spans, IReadOnlyList<(string Name, Static Value)> Attributes);

/// <summary>
/// Evaluates a query over one trace in memory, stage by stage as the language defines it: slow and plain, the measure of what the engine
/// answers, and the fallback for what SQL cannot say. Each stage maps every spanset by itself; a stage's operands see the same spanset.
/// </summary>
public sealed class Interpreter(Trace trace)
{
    private readonly FieldEvaluator _fields = new(trace);

    /// <returns>No spanset when the trace does not match.</returns>
    public IReadOnlyList<Spanset> Search(Pipeline pipeline) => Run(pipeline, new Spanset(trace.Spans, []));

    /// <summary>The value of a field for a span, for what is shown or grouped by.</summary>
    public Value? Value(FieldExpression field, TraceSpan span) => _fields.Evaluate(field, span);

    private List<Spanset> Run(Pipeline pipeline, Spanset input)
    {
        List<Spanset> sets = [input];
        foreach (PipelineStage stage in pipeline.Stages)
            sets = stage is Coalesce ? Coalesced(sets) : [.. sets.SelectMany(set => Stage(stage, set)).Where(set => set.Spans.Count > 0)];
        return sets;
    }

    private IEnumerable<Spanset> Stage(PipelineStage stage, Spanset input) => stage switch
    {
        SpansetExpression expression => [input with { Spans = Spans(expression, input) }],
        GroupBy by => Groups(by, input),
        ScalarFilter filter => Filtered(filter, input),
        Select => [input],
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage.GetType().Name, "Not a stage of the language."),
    };

    private IReadOnlyList<TraceSpan> Spans(SpansetExpression expression, Spanset input)
    {
        switch (expression)
        {
            case SpansetFilter filter: return filter.Condition is null ? input.Spans : [.. input.Spans.Where(span => _fields.Evaluate(filter.Condition, span) is { IsTrue: true })];
            case SubPipeline sub: return InOrder(Run(sub.Pipeline, input).SelectMany(set => set.Spans));
            case SpansetLogic logic:
                var (left, right) = (Spans(logic.Left, input), Spans(logic.Right, input));
                bool none = logic.Operator == Operator.And && (left.Count == 0 || right.Count == 0);
                return none ? [] : InOrder(left.Concat(right));
            case StructuralOperation operation: return Related(operation, Spans(operation.Left, input), Spans(operation.Right, input));
            default: throw new ArgumentOutOfRangeException(nameof(expression), expression.GetType().Name, "Not a spanset of the language.");
        }
    }

    private IReadOnlyList<TraceSpan> Related(StructuralOperation operation, IReadOnlyList<TraceSpan> left, IReadOnlyList<TraceSpan> right) => operation.Form switch
    {
        RelationForm.Plain => [.. right.Where(r => left.Any(l => Is(operation.Relation, r, l)))],
        RelationForm.Negated => [.. right.Where(r => !left.Any(l => Is(operation.Relation, r, l)))],
        _ => InOrder(right.Where(r => left.Any(l => Is(operation.Relation, r, l))).Concat(left.Where(l => right.Any(r => Is(operation.Relation, r, l))))),
    };

    /// <summary>Whether one span is a child, and so on, of another. An orphan is nothing to anyone.</summary>
    private bool Is(Relation relation, TraceSpan span, TraceSpan of)
    {
        var (a, b) = (_fields.Places.Of(span), _fields.Places.Of(of));
        if (a.Left == 0 || b.Left == 0) return false;
        return relation switch
        {
            Relation.Child => a.Parent == b.Left,
            Relation.Descendant => a.Left > b.Left && a.Right < b.Right,
            Relation.Parent => b.Parent == a.Left,
            Relation.Ancestor => b.Left > a.Left && b.Right < a.Right,
            _ => a.Parent == b.Parent && a.Left != b.Left,
        };
    }

    private IEnumerable<Spanset> Groups(GroupBy by, Spanset input) => input.Spans
        .GroupBy(span => _fields.Evaluate(by.Key, span)?.First ?? Static.Nil)
        .Select(same => new Spanset([.. same], [.. input.Attributes, (by.ToString(), same.Key)]));

    private IEnumerable<Spanset> Filtered(ScalarFilter filter, Spanset input)
    {
        var aggregate = (Aggregate)filter.Left;
        Static value = Aggregated(aggregate, input);
        Static constant = ((ScalarNumber)filter.Right).Value;
        return Arithmetic.Holds(filter.Operator, value, constant) ? [input with { Attributes = [.. input.Attributes, (aggregate.ToString(), value)] }] : [];
    }

    /// <returns>Nil when no span has a number.</returns>
    private Static Aggregated(Aggregate aggregate, Spanset input)
    {
        if (aggregate.Argument is null) return Static.Of((long)input.Spans.Count);
        Static[] values = [.. input.Spans.Select(span => _fields.Evaluate(aggregate.Argument, span)?.First ?? Static.Nil).Where(value => value.IsNumeric)];
        if (values.Length == 0) return Static.Nil;
        if (aggregate.Function == AggregateFunction.Min) return values.Aggregate((a, b) => Arithmetic.Holds(Operator.Less, b, a) ? b : a);
        if (aggregate.Function == AggregateFunction.Max) return values.Aggregate((a, b) => Arithmetic.Holds(Operator.Greater, b, a) ? b : a);
        Static sum = values.Aggregate((a, b) => Arithmetic.Calculate(Operator.Add, a, b));
        if (aggregate.Function == AggregateFunction.Sum) return sum;
        double average = values.Average(value => value.Number);
        return sum.Type == StaticType.Duration ? Static.Duration((long)average) : Static.Of(average);
    }

    private List<Spanset> Coalesced(List<Spanset> sets) => sets.Count == 0 ? [] : [new Spanset(InOrder(sets.SelectMany(set => set.Spans)), [])];

    private IReadOnlyList<TraceSpan> InOrder(IEnumerable<TraceSpan> spans)
    {
        var chosen = new HashSet<TraceSpan>(spans, ReferenceEqualityComparer.Instance);
        return [.. trace.Spans.Where(chosen.Contains)];
    }
}
