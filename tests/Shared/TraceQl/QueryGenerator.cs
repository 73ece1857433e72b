using Waybill.Query.Syntax;

namespace Waybill.Query;

/// <summary>Random queries that pass the checker, about what <see cref="TraceGenerator"/> makes.</summary>
/// <param name="depth">Levels of operators in a condition, and between spansets.</param>
public sealed class QueryGenerator(Random random, int depth = 3)
{
    private static readonly Operator[] Comparisons = [Operator.Equal, Operator.NotEqual, Operator.Less, Operator.LessOrEqual, Operator.Greater, Operator.GreaterOrEqual];
    private static readonly Operator[] Calculations = [Operator.Add, Operator.Subtract, Operator.Multiply, Operator.Divide, Operator.Modulo];
    private static readonly string[] Patterns = ["x.*", "x|y", ".*y", "", "[^x]+", "(?i)X", "GET /.", "ca.t|shop"];

    public SearchQuery Search() => new(Pipeline(), []);

    public MetricsQuery Metrics()
    {
        MetricsExpression metrics = random.Next(4) > 0 ? First() : Arithmetic();
        if (random.Next(4) == 0) metrics = new SampleFilter(metrics, Pick(Comparisons), Static.Of((long)random.Next(5)));
        if (random.Next(4) == 0) metrics = new RankStage(metrics, random.Next(2) == 0, 1 + random.Next(3));
        return new MetricsQuery(metrics, []);
    }

    /// <summary>A condition for one span.</summary>
    public FieldExpression Condition(int levels)
    {
        if (levels > 0 && random.Next(3) > 0) return new BinaryExpression(random.Next(2) == 0 ? Operator.And : Operator.Or, Condition(levels - 1), Condition(levels - 1));
        return random.Next(12) switch
        {
            0 => new UnaryExpression(UnaryOperator.Not, Condition(Math.Max(0, levels - 1))),
            1 => Own(Pick(["flag", "any", "k"])),
            2 => new BinaryExpression(random.Next(2) == 0 ? Operator.Equal : Operator.NotEqual, Attribute(), new Literal(Static.Nil)),
            3 or 4 => new BinaryExpression(random.Next(2) == 0 ? Operator.Match : Operator.NotMatch, Text(), new Literal(Static.Of(Pick(Patterns)))),
            5 or 6 => Mirrored(new BinaryExpression(Pick(Comparisons), Text(), new Literal(Static.Of(Pick([.. TraceGenerator.Texts, .. TraceGenerator.Services, .. TraceGenerator.Names, "GET"]))))),
            7 or 8 => Mirrored(new BinaryExpression(Pick(Comparisons), Number(1), new Literal(Constant()))),
            9 => Keyword(),
            10 => new BinaryExpression(Pick(Comparisons), Duration(), new Literal(Static.Duration(Pick([0L, 1, 1000, 50_000_000, 1_000_000_000])))),
            _ => new BinaryExpression(random.Next(2) == 0 ? Operator.Equal : Operator.NotEqual, random.Next(2) == 0 ? Own("flag") : Own("any"), new Literal(Static.Of(random.Next(2) == 0))),
        };
    }

    private Pipeline Pipeline()
    {
        var stages = new List<PipelineStage> { Spansets(depth - 1) };
        bool grouped = false;
        for (int more = random.Next(4) - 1; more > 0; more--)
        {
            switch (random.Next(6))
            {
                case 0: stages.Add(Filter()); break;
                case 1: stages.Add(new ScalarFilter(Aggregate(), Pick(Comparisons), new ScalarNumber(Constant()))); break;
                case 2 when !grouped:
                    stages.Add(new GroupBy(Field()));
                    grouped = true;
                    break;
                case 3 when grouped:
                    stages.Add(new Coalesce());
                    grouped = false;
                    break;
                case 4: stages.Add(new Select([Field(), Field()])); break;
                default:
                    if (!grouped) stages.Add(Spansets(1));
                    break;
            }
        }
        return new Pipeline([.. stages]);
    }

    private SpansetExpression Spansets(int levels)
    {
        if (levels <= 0 || random.Next(2) == 0) return Filter();
        if (random.Next(3) == 0) return new SpansetLogic(random.Next(2) == 0 ? Operator.And : Operator.Or, Spansets(levels - 1), Spansets(levels - 1));
        return new StructuralOperation((Relation)random.Next(5), (RelationForm)random.Next(3), Spansets(levels - 1), Spansets(levels - 1));
    }

    private SpansetFilter Filter() => new(random.Next(5) == 0 ? null : Condition(random.Next(depth)));

    private Aggregate Aggregate() => random.Next(3) == 0 ? new Aggregate(AggregateFunction.Count, null) : new Aggregate((AggregateFunction)(1 + random.Next(4)), random.Next(2) == 0 ? Duration() : Number(0));

    private MetricsPipeline First()
    {
        var source = new Pipeline([random.Next(4) == 0 ? Spansets(1) : Filter()]);
        var function = (RangeFunction)random.Next(8);
        FieldReference? argument = function is RangeFunction.Rate or RangeFunction.CountOverTime ? null : random.Next(2) == 0 ? new IntrinsicReference(Intrinsic.Duration) : Own(Pick(["num", "real", "any"]));
        NodeList<double> quantiles = function == RangeFunction.QuantileOverTime ? [0.5, 0.9] : [];
        FieldReference[] by = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Field()).DistinctBy(field => field.ToString())];
        return new MetricsPipeline(source, new RangeAggregate(function, argument, quantiles, [.. by]));
    }

    private MetricsArithmetic Arithmetic()
    {
        MetricsExpression left = First();
        MetricsExpression right = random.Next(2) == 0 ? new MetricsNumber(Static.Of((long)random.Next(1, 9))) : First();
        return new MetricsArithmetic(Pick([Operator.Add, Operator.Subtract, Operator.Multiply, Operator.Divide]), left, right);
    }

    private BinaryExpression Keyword()
    {
        Operator op = random.Next(2) == 0 ? Operator.Equal : Operator.NotEqual;
        return random.Next(2) == 0
            ? new BinaryExpression(op, new IntrinsicReference(Intrinsic.Status), new Literal(Static.Of((SpanStatus)random.Next(3))))
            : new BinaryExpression(op, new IntrinsicReference(Intrinsic.Kind), new Literal(Static.Of((SpanKind)random.Next(6))));
    }

    private FieldReference Text() => random.Next(9) switch
    {
        0 => new AttributeReference(AttributeScope.Resource, "service.name"),
        1 => new IntrinsicReference(Intrinsic.Name),
        2 => new IntrinsicReference(Pick([Intrinsic.RootName, Intrinsic.RootServiceName, Intrinsic.StatusMessage, Intrinsic.EventName, Intrinsic.InstrumentationName, Intrinsic.ParentId])),
        3 => new AttributeReference(Pick([AttributeScope.Event, AttributeScope.Link, AttributeScope.Resource, AttributeScope.Instrumentation]), Pick(["k", "text"])),
        _ => Attribute(),
    };

    private FieldExpression Number(int levels)
    {
        if (levels > 0 && random.Next(4) == 0) return new BinaryExpression(Pick(Calculations), Number(levels - 1), random.Next(2) == 0 ? Number(levels - 1) : new Literal(Static.Of((long)random.Next(1, 4))));
        return random.Next(8) switch
        {
            0 => new IntrinsicReference(Pick([Intrinsic.ChildCount, Intrinsic.NestedSetParent])),
            1 => Own("real"),
            2 => Own("http.response.status_code"),
            3 => Attribute(),
            _ => Own("num"),
        };
    }

    private IntrinsicReference Duration() => new IntrinsicReference(random.Next(4) switch { 0 => Intrinsic.TraceDuration, 1 => Intrinsic.EventTimeSinceStart, _ => Intrinsic.Duration });

    private FieldReference Field() => random.Next(4) switch { 0 => new IntrinsicReference(Intrinsic.Name), 1 => new AttributeReference(AttributeScope.Resource, "service.name"), 2 => new IntrinsicReference(Intrinsic.Status), _ => Own(Pick(["text", "num", "flag"])) };

    private AttributeReference Attribute() => new(Pick([AttributeScope.Any, AttributeScope.Span, AttributeScope.Any, AttributeScope.Span, AttributeScope.Resource]), Pick(TraceGenerator.SpanKeys));

    private AttributeReference Own(string name) => new(random.Next(2) == 0 ? AttributeScope.Span : AttributeScope.Any, name);

    private Static Constant() => random.Next(3) == 0 ? Static.Of(random.Next(4) * 0.5) : Static.Of(Pick([0L, 1, 2, 3, 404, 500, -1]));

    private BinaryExpression Mirrored(BinaryExpression comparison) =>
        random.Next(6) == 0 ? new BinaryExpression(comparison.Operator.Mirrored(), comparison.Right, comparison.Left) : comparison;

    private T Pick<T>(T[] values) => values[random.Next(values.Length)];
}
