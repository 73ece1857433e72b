using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>What two operands outside of braces and an operator make together.</summary>
internal sealed class Combiner(Cursor cursor)
{
    private static readonly SpansetFilter Nothing = new((FieldExpression?)null);

    public Node Combine(Node left, Token op, Node right)
    {
        if (left is SpansetExpression a && right is SpansetExpression b) return Spansets(a, op, b);
        if (op.Kind == TokenKind.Operator && left is ScalarExpression x && right is ScalarExpression y) return Scalars(x, op, y);
        if (op.Kind == TokenKind.Operator && AsMetrics(left) is { } m && AsMetrics(right) is { } n) return Metrics(m, op, n);
        bool spansets = op.Kind == TokenKind.Structural || op.Operator.IsLogic();
        string sign = cursor.Text(op.At);
        Node wrong = spansets && left is SpansetExpression ? right : left;
        if (spansets) cursor.Fail(DiagnosticCode.NeedsSpansets, wrong.At, $"{sign} joins spansets, and this is {Name(wrong)}.", "{ }", wrong is ScalarFilter ? "Aggregates belong behind a pipe: { } | count() > 2. To join two pipelines put each in parentheses." : null);
        else cursor.Fail(DiagnosticCode.NeedsNumbers, op.At, $"{sign} does not apply between {Name(left)} and {Name(right)}.", hint: Hint(left, op, right));
        return left;
    }

    /// <summary>A number that is a whole stage: an aggregate that nobody compares.</summary>
    public void Standalone(Node stage)
    {
        if (stage is ScalarExpression and not ScalarNumber)
            cursor.Fail(DiagnosticCode.StandaloneAggregate, stage.At, "An aggregate is compared with a number.", "a comparison", $"For example {(stage is Aggregate ? stage.ToString() : "count()")} > 2.");
        else cursor.Fail(DiagnosticCode.StandaloneAggregate, stage.At, $"This is {Name(stage)}, and a stage is expected.", "a stage");
    }

    private SpansetExpression Spansets(SpansetExpression left, Token op, SpansetExpression right)
    {
        var at = left.At.To(right.At);
        bool pipelines = left.JoinsPipelines || right.JoinsPipelines;
        if (pipelines && (!IsOperandOfPipelines(left) || !IsOperandOfPipelines(right)))
        {
            Node bare = IsOperandOfPipelines(left) ? right : left;
            cursor.Fail(DiagnosticCode.MixedPipelines, bare.At, "Beside a pipeline in parentheses the other side stands in parentheses too.", "(", $"Write ({DiagnosticList.Shortened(cursor.Text(bare.At))}).", $"({cursor.Text(bare.At)})");
        }
        if (op.TryStructural(out Relation relation, out RelationForm form)) return cursor.Made(new StructuralOperation(relation, form, left, right), at);
        if (op.Operator.IsLogic()) return cursor.Made(new SpansetLogic(op.Operator, left, right), at);
        cursor.Fail(DiagnosticCode.NeedsNumbers, op.At, $"{cursor.Text(op.At)} does not join spansets.", "&& || > >> < << ~",
            op.Operator switch { Operator.Equal or Operator.NotEqual => "Conditions stand in braces.", Operator.Add => "To have the spans of both write ||.", _ => null });
        return Nothing;
    }

    // "(pipeline)" is an operand between pipelines, and so is a spanset expression in parentheses, or what joins such.
    private bool IsOperandOfPipelines(SpansetExpression side) => side.JoinsPipelines || cursor.Text(side.At).StartsWith('(');

    private Node Scalars(ScalarExpression left, Token op, ScalarExpression right)
    {
        var at = left.At.To(right.At);
        if (op.Operator.IsArithmetic())
        {
            if (left is not ScalarNumber a || right is not ScalarNumber b) return cursor.Made(new ScalarArithmetic(op.Operator, left, right), at);
            if (a.Value.Type == StaticType.Duration || b.Value.Type == StaticType.Duration)
                cursor.Fail(DiagnosticCode.NeedsNumbers, op.At, "There is no arithmetic with durations outside of braces.", hint: "Write the result.");
            else if (Numbers.Folded(op.Operator, a.Value, b.Value) is { } value) return cursor.Made(new ScalarNumber(value), at);
            else cursor.Fail(DiagnosticCode.NeedsNumbers, op.At, op.Operator is Operator.Modulo or Operator.Power ? $"There is no {op.Operator.Text()} between two numbers outside of braces." : "The result is not a number.", hint: "Write the result.");
            return left;
        }
        if (op.Operator.IsComparison())
        {
            if (left is ScalarNumber && right is ScalarNumber) cursor.Fail(DiagnosticCode.NeedsNumbers, at, "Two constants are compared.", "an aggregate such as count()");
            return cursor.Made(new ScalarFilter(left, op.Operator, right), at);
        }
        cursor.Fail(DiagnosticCode.NeedsSpansets, op.At, $"{op.Operator.Text()} does not apply between numbers.", "a comparison", op.Operator.IsLogic() ? "Compare twice, with a pipe between: | count() > 2 | count() < 9." : null);
        return left;
    }

    private MetricsExpression Metrics(MetricsExpression left, Token op, MetricsExpression right)
    {
        if (op.Operator is Operator.Add or Operator.Subtract or Operator.Multiply or Operator.Divide)
        {
            foreach (MetricsExpression side in (ReadOnlySpan<MetricsExpression>)[left, right])
                if (side is MetricsNumber { Value.Type: StaticType.Duration }) cursor.Fail(DiagnosticCode.NeedsNumbers, side.At, "Series are calculated with numbers, not with durations.", "a number", "Durations in series are seconds.");
            return cursor.Made(new MetricsArithmetic(op.Operator, left, right), left.At.To(right.At));
        }
        bool compares = op.Operator.IsComparison();
        cursor.Fail(DiagnosticCode.NeedsNumbers, op.At, $"{op.Operator.Text()} does not apply between metrics.", "+ - * /", compares ? "To keep samples by value write a pipe before the comparison: | > 5." : null, compares ? "| " + op.Operator.Text() : null);
        return left;
    }

    private static MetricsExpression? AsMetrics(Node node) => node switch
    {
        MetricsExpression metrics => metrics,
        ScalarNumber number => new MetricsNumber(number.Value) { At = number.At },
        _ => null,
    };

    private static string? Hint(Node left, Token op, Node right)
    {
        if (left is SpansetExpression && right is ScalarNumber or Aggregate) return "Aggregates come behind a pipe: { } | count() > 2.";
        if (left is ScalarFilter && op.Operator.IsComparison()) return "Compare twice, with a pipe between.";
        return left is SpansetExpression && right is MetricsExpression || left is MetricsExpression && right is SpansetExpression ? "Arithmetic is between two metrics queries, each in parentheses." : null;
    }

    private static string Name(Node node) => node switch
    {
        SpansetExpression => "a spanset",
        ScalarFilter => "a comparison",
        ScalarNumber => "a number",
        ScalarExpression => "an aggregate",
        MetricsExpression => "a metrics query",
        _ => "a stage",
    };
}
