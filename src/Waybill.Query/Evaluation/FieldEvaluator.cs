using Waybill.Query.Regexes;
using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>What a field expression is for one span of a trace. One for each trace; the tree it evaluates has passed the checker.</summary>
internal sealed class FieldEvaluator(Trace trace)
{
    private readonly NestedSets _places = new(trace);
    private readonly TraceSpan? _root = trace.Spans.Where(span => span.ParentId.Length == 0).OrderBy(span => span.StartUnixNano).ThenBy(span => span.SpanId, StringComparer.Ordinal).FirstOrDefault();
    private readonly ILookup<string, TraceSpan> _children = trace.Spans.ToLookup(span => span.ParentId, StringComparer.Ordinal);

    public NestedSets Places => _places;

    /// <returns>Null for what is not there or has no result.</returns>
    public Value? Evaluate(FieldExpression expression, TraceSpan span) => expression switch
    {
        Literal literal => literal.Value.Type == StaticType.Nil ? null : Value.Of(literal.Value),
        IntrinsicReference intrinsic => OfIntrinsic(intrinsic.Intrinsic, span),
        AttributeReference attribute => OfAttribute(attribute.Scope, attribute.Name, span),
        UnaryExpression unary => Unary(unary.Operator, Evaluate(unary.Operand, span)),
        BinaryExpression binary => Binary(binary, span),
        _ => throw new ArgumentOutOfRangeException(nameof(expression), expression.GetType().Name, "Not an expression of the language."),
    };

    private static Value? Unary(UnaryOperator op, Value? operand)
    {
        if (operand is null or { IsArray: true }) return null;
        if (op == UnaryOperator.Not) return operand.First.Type == StaticType.Bool ? Value.Of(Static.Of(!operand.IsTrue)) : null;
        return Present(Arithmetic.Negate(operand.First));
    }

    private Value? Binary(BinaryExpression binary, TraceSpan span)
    {
        Value? left = Evaluate(binary.Left, span);
        if (binary.Operator == Operator.And) return Bool(left is { IsTrue: true } && Evaluate(binary.Right, span) is { IsTrue: true });
        if (binary.Operator == Operator.Or) return Bool(left is { IsTrue: true } || Evaluate(binary.Right, span) is { IsTrue: true });

        Value? right = Evaluate(binary.Right, span);
        if (IsNil(binary.Left) || IsNil(binary.Right))
        {
            Value? other = IsNil(binary.Left) ? right : left;
            bool both = IsNil(binary.Left) && IsNil(binary.Right);
            return Bool(!both && (other is null) == (binary.Operator == Operator.Equal));
        }
        if (binary.Operator.IsArithmetic())
            return left is { IsArray: false } && right is { IsArray: false } ? Present(Arithmetic.Calculate(binary.Operator, left.First, right.First)) : null;
        return Bool(left is not null && right is not null && Compare(binary.Operator, left, right));
    }

    // Of several values any may satisfy a comparison, but != and !~ must hold for all.
    private static bool Compare(Operator op, Value left, Value right)
    {
        var pairs = from a in left.Items from b in right.Items select (a, b);
        return op is Operator.NotEqual or Operator.NotMatch ? pairs.All(pair => Holds(op, pair.a, pair.b)) : pairs.Any(pair => Holds(op, pair.a, pair.b));
    }

    private static bool Holds(Operator op, Static left, Static right)
    {
        if (!op.IsRegex()) return Arithmetic.Holds(op, left, right);
        return left.Type == StaticType.String && right.Type == StaticType.String && RegexCache.Whole(right.Text!).IsMatch(left.Text!) == (op == Operator.Match);
    }

    private Value? OfIntrinsic(Intrinsic intrinsic, TraceSpan span) => intrinsic switch
    {
        Intrinsic.Duration => Value.Of(Static.Duration(span.DurationNano)),
        Intrinsic.Name => Value.Of(Static.Of(span.Name)),
        Intrinsic.Status => Value.Of(Static.Of(span.Status)),
        Intrinsic.StatusMessage => Value.Of(Static.Of(span.StatusMessage)),
        Intrinsic.Kind => Value.Of(Static.Of(span.Kind)),
        Intrinsic.SpanId => Value.Of(Static.Of(span.SpanId)),
        Intrinsic.ParentId => Value.Of(Static.Of(span.ParentId)),
        Intrinsic.ChildCount => Value.Of(Static.Of((long)_children[span.SpanId].Count())),
        Intrinsic.NestedSetLeft => Value.Of(Static.Of((long)_places.Of(span).Left)),
        Intrinsic.NestedSetRight => Value.Of(Static.Of((long)_places.Of(span).Right)),
        Intrinsic.NestedSetParent => Value.Of(Static.Of((long)_places.Of(span).Parent)),
        Intrinsic.RootName => _root is null ? null : Value.Of(Static.Of(_root.Name)),
        Intrinsic.RootServiceName => _root?.Resource.GetValueOrDefault("service.name"),
        Intrinsic.TraceDuration => Value.Of(Static.Duration(trace.Spans.Max(other => other.StartUnixNano + other.DurationNano) - trace.Spans.Min(other => other.StartUnixNano))),
        Intrinsic.TraceId => Value.Of(Static.Of(trace.TraceId)),
        Intrinsic.EventName => Several(span.Events.Select(item => Static.Of(item.Name))),
        Intrinsic.EventTimeSinceStart => Several(span.Events.Select(item => Static.Duration(item.UnixNano - span.StartUnixNano))),
        Intrinsic.LinkTraceId => Several(span.Links.Select(item => Static.Of(item.TraceId))),
        Intrinsic.LinkSpanId => Several(span.Links.Select(item => Static.Of(item.SpanId))),
        Intrinsic.InstrumentationName => Value.Of(Static.Of(span.InstrumentationName)),
        Intrinsic.InstrumentationVersion => Value.Of(Static.Of(span.InstrumentationVersion)),
        _ => throw new ArgumentOutOfRangeException(nameof(intrinsic), intrinsic, "Not an intrinsic of a span."),
    };

    private static Value? OfAttribute(AttributeScope scope, string name, TraceSpan span) => scope switch
    {
        AttributeScope.Span => span.Attributes.GetValueOrDefault(name),
        AttributeScope.Resource => span.Resource.GetValueOrDefault(name),
        AttributeScope.Instrumentation => span.Instrumentation.GetValueOrDefault(name),
        AttributeScope.Event => Several(span.Events.Select(item => item.Attributes), name),
        AttributeScope.Link => Several(span.Links.Select(item => item.Attributes), name),
        _ => span.Attributes.GetValueOrDefault(name) ?? span.Resource.GetValueOrDefault(name) ?? OfAttribute(AttributeScope.Event, name, span)
            ?? OfAttribute(AttributeScope.Link, name, span) ?? span.Instrumentation.GetValueOrDefault(name),
    };

    private static Value? Several(IEnumerable<AttributeSet> owners, string name) =>
        Several(owners.Select(owner => owner.GetValueOrDefault(name)).OfType<Value>().SelectMany(value => value.Items));

    private static Value? Several(IEnumerable<Static> values) => Value.Array([.. values]) is { Items.Count: > 0 } several ? several : null;

    private static bool IsNil(FieldExpression expression) => expression is Literal { Value.Type: StaticType.Nil };

    private static Value Bool(bool value) => Value.Of(Static.Of(value));

    private static Value? Present(Static value) => value.Type == StaticType.Nil ? null : Value.Of(value);
}
