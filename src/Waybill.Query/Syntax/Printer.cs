using System.Buffers;
using System.Globalization;
using System.Text;
using Waybill.Query.Parsing;

namespace Waybill.Query.Syntax;

/// <summary>Writes a tree as text, in one form whoever wrote it: reading that text gives an equal tree.</summary>
internal static class Printer
{
    private static readonly SearchValues<char> MustQuote = SearchValues.Create("{}()=~!<>&|^,\"\\");

    public static string Print(Node node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    private static StringBuilder Write(StringBuilder text, Node node) => node switch
    {
        FieldExpression field => Field(text, field),
        SpansetExpression spanset => Spanset(text, spanset),
        ScalarExpression scalar => Scalar(text, scalar),
        MetricsExpression metrics => Metrics(text, metrics),
        MetricsAggregate aggregate => Aggregate(text, aggregate),
        ScalarFilter filter => Scalar(Scalar(text, filter.Left).Append(' ').Append(filter.Operator.Text()).Append(' '), filter.Right),
        GroupBy group => Field(text.Append("by("), group.Key).Append(')'),
        Coalesce => text.Append("coalesce()"),
        Select select => List(text.Append("select"), select.Fields),
        Pipeline pipeline => Joined(text, pipeline.Stages, " | "),
        SearchQuery query => Hints(Write(text, query.Pipeline), query.Hints),
        MetricsQuery query => Hints(Write(text, query.Metrics), query.Hints),
        Hint hint => text.Append(hint.Name).Append('=').Append(hint.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node.GetType().Name, "Not a node of the language."),
    };

    private static StringBuilder Joined(StringBuilder text, IReadOnlyList<Node> nodes, string separator)
    {
        for (int i = 0; i < nodes.Count; i++) Write(i == 0 ? text : text.Append(separator), nodes[i]);
        return text;
    }

    private static StringBuilder List(StringBuilder text, IReadOnlyList<Node> nodes) => Joined(text.Append('('), nodes, ", ").Append(')');

    private static StringBuilder Hints(StringBuilder text, NodeList<Hint> hints) => hints.Count == 0 ? text : List(text.Append(" with "), hints);

    private static StringBuilder Field(StringBuilder text, FieldExpression field) => field switch
    {
        Literal literal => text.Append(literal.Value),
        IntrinsicReference intrinsic => text.Append(intrinsic.Intrinsic.Text()),
        AttributeReference attribute => Name(text.Append(attribute.OfParent ? attribute.Scope == AttributeScope.Any ? "parent" : "parent." : "").Append(attribute.Scope.Prefix()), attribute),
        UnaryExpression unary => Unary(text, unary),
        BinaryExpression binary => Binary(text, binary),
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    private static StringBuilder Name(StringBuilder text, AttributeReference attribute)
    {
        string name = attribute.Name;
        bool plain = !name.AsSpan().ContainsAny(MustQuote) && !name.Any(char.IsWhiteSpace) && !(attribute.Scope == AttributeScope.Any && (char.IsAsciiDigit(name[0]) || attribute.OfParent));
        return plain ? text.Append(name) : text.Append('"').Append(name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
    }

    private static StringBuilder Unary(StringBuilder text, UnaryExpression unary)
    {
        text.Append(unary.Operator == UnaryOperator.Not ? '!' : '-');
        // A minus before a number is a part of the number; before anything greater, parentheses keep it out.
        bool bare = unary.Operand is FieldReference or UnaryExpression || unary.Operator == UnaryOperator.Not && unary.Operand is Literal;
        return bare ? Field(text, unary.Operand) : Field(text.Append('('), unary.Operand).Append(')');
    }

    private static StringBuilder Binary(StringBuilder text, BinaryExpression binary)
    {
        int precedence = binary.Operator.Precedence();
        bool toTheRight = binary.Operator == Operator.Power;
        Operand(text, binary.Left, precedence + (toTheRight ? 1 : 0));
        text.Append(' ').Append(binary.Operator.Text()).Append(' ');
        return Operand(text, binary.Right, precedence + (toTheRight ? 0 : 1));
    }

    private static StringBuilder Operand(StringBuilder text, FieldExpression operand, int precedenceMin)
    {
        bool inside = operand switch
        {
            BinaryExpression binary => binary.Operator.Precedence() < precedenceMin,
            UnaryExpression unary => unary.Operator.Precedence() < precedenceMin - 1,
            _ => false,
        };
        return inside ? Field(text.Append('('), operand).Append(')') : Field(text, operand);
    }

    private static StringBuilder Spanset(StringBuilder text, SpansetExpression spanset) => spanset switch
    {
        SpansetFilter { Condition: null } => text.Append("{ }"),
        SpansetFilter filter => Field(text.Append("{ "), filter.Condition).Append(" }"),
        SubPipeline sub => Write(text.Append('('), sub.Pipeline).Append(')'),
        SpansetLogic logic => Sides(text, logic.Left, logic.Operator.Text(), logic.Right, logic.Operator.Precedence()),
        StructuralOperation operation => Sides(text, operation.Left, operation.Relation.Text(operation.Form), operation.Right, Operator.Equal.Precedence()),
        _ => throw new ArgumentOutOfRangeException(nameof(spanset)),
    };

    private static StringBuilder Sides(StringBuilder text, SpansetExpression left, string sign, SpansetExpression right, int precedence)
    {
        bool pipelines = left.JoinsPipelines || right.JoinsPipelines;
        Side(text, left, precedence, pipelines);
        text.Append(' ').Append(sign).Append(' ');
        return Side(text, right, precedence + 1, pipelines);
    }

    private static StringBuilder Side(StringBuilder text, SpansetExpression side, int precedenceMin, bool amongPipelines)
    {
        int own = side switch { SpansetLogic logic => logic.Operator.Precedence(), StructuralOperation => Operator.Equal.Precedence(), _ => int.MaxValue };
        bool inside = own < precedenceMin || amongPipelines && !side.JoinsPipelines;
        return inside ? Spanset(text.Append('('), side).Append(')') : Spanset(text, side);
    }

    private static StringBuilder Scalar(StringBuilder text, ScalarExpression scalar) => scalar switch
    {
        ScalarNumber number => text.Append(number.Value),
        Aggregate { Argument: null } => text.Append("count()"),
        Aggregate aggregate => Field(text.Append(aggregate.Function.ToString().ToLowerInvariant()).Append('('), aggregate.Argument).Append(')'),
        PipelineScalar pipeline => Scalar(Write(text.Append('('), pipeline.Pipeline).Append(" | "), pipeline.Aggregate).Append(')'),
        ScalarArithmetic arithmetic => ScalarSides(text, arithmetic),
        _ => throw new ArgumentOutOfRangeException(nameof(scalar)),
    };

    private static StringBuilder ScalarSides(StringBuilder text, ScalarArithmetic arithmetic)
    {
        int precedence = arithmetic.Operator.Precedence();
        bool toTheRight = arithmetic.Operator == Operator.Power;
        Side(arithmetic.Left, precedence + (toTheRight ? 1 : 0));
        text.Append(' ').Append(arithmetic.Operator.Text()).Append(' ');
        Side(arithmetic.Right, precedence + (toTheRight ? 0 : 1));
        return text;

        void Side(ScalarExpression side, int precedenceMin)
        {
            if (side is ScalarArithmetic inner && inner.Operator.Precedence() < precedenceMin) Scalar(text.Append('('), side).Append(')');
            else Scalar(text, side);
        }
    }

    private static StringBuilder Metrics(StringBuilder text, MetricsExpression metrics) => metrics switch
    {
        MetricsNumber number => text.Append(number.Value),
        MetricsPipeline pipeline => Aggregate(Write(text, pipeline.Source).Append(" | "), pipeline.Aggregate),
        RankStage rank => Metrics(text, rank.Source).Append(rank.Top ? " | topk(" : " | bottomk(").Append(rank.Count).Append(')'),
        SampleFilter filter => Metrics(text, filter.Source).Append(" | ").Append(filter.Operator.Text()).Append(' ').Append(filter.Value),
        MetricsArithmetic arithmetic => MetricsSides(text, arithmetic),
        _ => throw new ArgumentOutOfRangeException(nameof(metrics)),
    };

    private static StringBuilder MetricsSides(StringBuilder text, MetricsArithmetic arithmetic)
    {
        int precedence = arithmetic.Operator.Precedence();
        Side(arithmetic.Left, precedence);
        text.Append(' ').Append(arithmetic.Operator.Text()).Append(' ');
        Side(arithmetic.Right, precedence + 1);
        return text;

        void Side(MetricsExpression side, int precedenceMin)
        {
            bool bare = side is MetricsNumber || side is MetricsArithmetic inner && inner.Operator.Precedence() >= precedenceMin;
            if (bare) Metrics(text, side);
            else Metrics(text.Append('('), side).Append(')');
        }
    }

    private static StringBuilder Aggregate(StringBuilder text, MetricsAggregate aggregate)
    {
        if (aggregate is Compare compare)
        {
            Spanset(text.Append("compare("), compare.Selection);
            if (compare.Top != Compare.TopDefault || compare.StartUnixNano is not null) text.Append(CultureInfo.InvariantCulture, $", {compare.Top}");
            if (compare.StartUnixNano is not null) text.Append(CultureInfo.InvariantCulture, $", {compare.StartUnixNano}, {compare.EndUnixNano}");
            return text.Append(')');
        }
        var range = (RangeAggregate)aggregate;
        text.Append(range.Function.Text()).Append('(');
        if (range.Argument is not null) Field(text, range.Argument);
        foreach (double quantile in range.Quantiles) text.Append(", ").Append(Static.Of(quantile));
        text.Append(')');
        return range.By.Count == 0 ? text : List(text.Append(" by"), range.By);
    }
}
