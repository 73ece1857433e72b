using System.Text.RegularExpressions;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>Which spans of a trace a stage gives, in SQL over the trace's arrays.</summary>
/// <param name="Flags">Array with 1 for every such span.</param>
/// <param name="IsExact">And 0 for all others.</param>
/// <param name="Lead">Over a row of spans: holds for every span that can be among them.</param>
/// <param name="Needs">Over a group of rows: holds for every trace that can have any.</param>
internal sealed record Spanset(string Flags, bool IsExact, Predicate Lead, string Needs);

/// <summary>
/// Turns spanset expressions and what follows them into array algebra over one row a trace: arrays of the spans' ids, parents, starts, and one array of
/// flags for each <c>{ }</c>. A relation between spans is then one between indexes. Lambdas hold whole arrays, so a step costs the square of a trace's
/// spans: traces with more than <see cref="TraceSpansMax"/> are left to the interpreter.
/// </summary>
internal sealed partial class SpansetSql(ConditionSql conditions, SqlParameters parameters)
{
    /// <summary>A thousand spans are a million pairs.</summary>
    public const int TraceSpansMax = 1000;

    /// <summary>Steps of doubling: 2^5 levels of ancestors. Deeper traces are left to the interpreter.</summary>
    private const int Doublings = 5;

    private readonly List<string> _columns = [];
    private readonly List<List<string>> _levels = [];
    private readonly Dictionary<string, string> _columnNames = [], _stepNames = [];
    private readonly Dictionary<string, int> _levelOf = [];
    private Spanset? _all;   // every span of the trace

    /// <summary>Expressions over rows to gather into arrays, each <c>groupArray(...) AS name</c>.</summary>
    public IReadOnlyList<string> Columns => _columns;

    /// <summary>Whether there are relations: parents are to be gathered, and deep tells traces with more levels than are looked through.</summary>
    public bool HasTree => _levelOf.ContainsKey("p0");

    /// <summary>Steps of array algebra around a statement of one row a trace. A subquery a level: what a step uses is computed once, and not once a use.</summary>
    public string Around(string rows) => _levels.Aggregate(rows, (inner, steps) => $"SELECT *, {string.Join(", ", steps)} FROM ({inner})");

    /// <summary>The spans that the whole pipeline gives.</summary>
    public Spanset Of(Pipeline pipeline) => Of(pipeline, _all ??= new(Step("arrayMap(i -> toUInt8(1), ids)"), true, Predicate.True, "1"));

    private Spanset Of(Pipeline pipeline, Spanset input)
    {
        Spanset set = input;
        bool grouped = false, exact = true;
        foreach (PipelineStage stage in pipeline.Stages)
        {
            switch (stage)
            {
                case SpansetFilter filter:
                    set = Of(filter, set);
                    break;
                case SpansetExpression expression when !grouped:
                    set = Of(expression, set);
                    break;
                case SpansetExpression:
                    exact = false;   // of each group alone
                    break;
                case ScalarFilter filter:
                    set = Of(filter, set, ref exact, grouped);
                    break;
                case GroupBy:
                    grouped = true;
                    break;
                case Coalesce:
                    grouped = false;
                    break;
            }
        }
        return set with { IsExact = set.IsExact && exact };
    }

    private Spanset Of(SpansetExpression expression, Spanset input) => expression switch
    {
        SpansetFilter filter => Of(filter, input),
        SubPipeline sub => Of(sub.Pipeline, input),
        SpansetLogic { Operator: Operator.And } logic => Both(Of(logic.Left, input), Of(logic.Right, input)),
        SpansetLogic logic => Either(Of(logic.Left, input), Of(logic.Right, input)),
        StructuralOperation structure => Related(structure, Of(structure.Left, input), Of(structure.Right, input)),
        _ => input with { IsExact = false },
    };

    private Spanset Of(SpansetFilter filter, Spanset input)
    {
        Predicate predicate = conditions.Of(filter.Condition);
        if (predicate.IsTrue) return input with { IsExact = input.IsExact && predicate.IsExact };
        string column = Column(predicate.Sql);
        string flags = input == _all ? column : Step($"arrayMap((a, b) -> a AND b, {input.Flags}, {column})");
        return new(flags, input.IsExact && predicate.IsExact, input.Lead & predicate, And(input.Needs, $"max({predicate.Sql})"));
    }

    private Spanset Both(Spanset left, Spanset right) => new(
        Step($"if(has({left.Flags}, 1) AND has({right.Flags}, 1), arrayMap((a, b) -> a OR b, {left.Flags}, {right.Flags}), arrayMap(a -> toUInt8(0), {left.Flags}))"),
        left.IsExact && right.IsExact, left.Lead | right.Lead, And(left.Needs, right.Needs));

    private Spanset Either(Spanset left, Spanset right) => new(
        Step($"arrayMap((a, b) -> a OR b, {left.Flags}, {right.Flags})"), left.IsExact && right.IsExact, left.Lead | right.Lead,
        left.Needs == "1" || right.Needs == "1" ? "1" : $"({left.Needs} OR {right.Needs})");

    private Spanset Related(StructuralOperation structure, Spanset left, Spanset right)
    {
        AddTree();
        bool exact = left.IsExact && right.IsExact;
        // "None such on the left" with too many on the left would lose spans: without certainty, every span of the right may be one.
        if (structure.Form == RelationForm.Negated && !left.IsExact) return right with { IsExact = false };
        string related = RelatedTo(structure.Relation, left.Flags, right.Flags);
        return structure.Form switch
        {
            RelationForm.Plain => new(related, exact, right.Lead, And(left.Needs, right.Needs)),
            RelationForm.Negated => new(Step($"arrayMap((r, x) -> r AND NOT x, {right.Flags}, {related})"), exact, right.Lead, right.Needs),
            _ => new(Step($"arrayMap((a, b) -> a OR b, {related}, {RelatedTo(Inverse(structure.Relation), right.Flags, left.Flags)})"), exact, left.Lead | right.Lead, And(left.Needs, right.Needs)),
        };
    }

    /// <summary>Those of the right whose relation to some of the left is this. A span that no chain of parents joins to a root is related to none.</summary>
    private string RelatedTo(Relation relation, string left, string right) => Step(relation switch
    {
        Relation.Child => $"arrayMap((r, i, ok) -> r AND ok AND i > 0 AND {left}[i], {right}, p0, rooted)",
        Relation.Parent => $"arrayMap((r, k, ok) -> r AND ok AND has(arrayFilter((i, l) -> l AND i > 0, p0, {left}), k), {right}, arrayEnumerate({right}), rooted)",
        Relation.Descendant => $"arrayMap((r, a, ok) -> r AND ok AND a, {right}, {Ancestry(left)}, rooted)",
        Relation.Ancestor => $"arrayMap((r, a, ok) -> r AND ok AND a, {right}, {Descent(left)}, rooted)",
        _ => $"arrayMap((r, k, l) -> r AND k != 0 AND countEqual(arrayFilter((x, y) -> y AND x != 0, siblings, {left}), k) > l, {right}, siblings, {left})",
    });

    private static Relation Inverse(Relation relation) => relation switch
    {
        Relation.Child => Relation.Parent,
        Relation.Parent => Relation.Child,
        Relation.Descendant => Relation.Ancestor,
        Relation.Ancestor => Relation.Descendant,
        _ => relation,
    };

    /// <summary>Flags of the spans that have a flagged ancestor: after step k, one among the 2^k nearest.</summary>
    private string Ancestry(string flags)
    {
        string found = Step(AtParent(flags, "p0"));
        for (int k = 0; k < Doublings; k++) found = Step($"arrayMap((i, a) -> a OR (i > 0 AND {found}[i]), p{k}, {found})");
        return found;
    }

    /// <summary>Flags of the spans that have a flagged descendant.</summary>
    private string Descent(string flags)
    {
        string found = Step(AtChild(flags, "p0"));
        for (int k = 0; k < Doublings; k++) found = Step($"arrayMap((s, x) -> s OR x, {found}, {Step(AtChild(found, $"p{k}"))})");
        return found;
    }

    private static string AtParent(string flags, string parents) => $"arrayMap(i -> i > 0 AND {flags}[i], {parents})";

    private static string AtChild(string flags, string parents) => $"arrayMap(k -> has(arrayFilter((i, s) -> s AND i > 0, {parents}, {flags}), k), arrayEnumerate({flags}))";

    private void AddTree()
    {
        if (HasTree) return;
        Add("p0", "arrayMap(parent -> indexOf(ids, parent), parents)");
        for (int k = 1; k <= Doublings; k++) Add($"p{k}", $"arrayMap(i -> if(i = 0, 0, p{k - 1}[i]), p{k - 1})");
        Add("deep", $"arrayExists(i -> i > 0, p{Doublings})");
        // Of which node each span is a child: -1 for that of the roots, 0 for none.
        Add("below", "arrayMap((parent, i) -> if(parent = 0, -1, toInt64(i)), parents, p0)");
        Add("r0", "arrayMap(node -> node = -1, below)");
        for (int k = 0; k < Doublings; k++) Add($"r{k + 1}", $"arrayMap((i, a) -> a OR (i > 0 AND r{k}[i]), p{k}, r{k})");
        Add("rooted", $"r{Doublings}");
        Add("siblings", "arrayMap((node, ok) -> if(ok, node, 0), below, rooted)");
    }

    private Spanset Of(ScalarFilter filter, Spanset set, ref bool exact, bool grouped)
    {
        if (filter.Left is not Aggregate aggregate || filter.Right is not ScalarNumber { Value: var bound } || Number(aggregate, set) is not { } number || !bound.IsNumeric)
        {
            exact = false;
            return set;
        }
        // Groups are smaller than the whole: that a group has more than so many, the whole must have.
        bool follows = aggregate.Function == AggregateFunction.Count && filter.Operator is Operator.Greater or Operator.GreaterOrEqual;
        if (grouped || !set.IsExact)
        {
            exact = false;
            if (!follows) return set;
        }
        string kept = Step($"if({number} {filter.Operator.Text()} {parameters.Float(bound.Number)}, {set.Flags}, arrayMap(a -> toUInt8(0), {set.Flags}))");
        return set with { Flags = kept };
    }

    /// <summary>An aggregate of the flagged spans; NaN, for which no comparison holds but !=, where none has a value. Null when SQL has no such value.</summary>
    private string? Number(Aggregate aggregate, Spanset set)
    {
        if (aggregate.Function == AggregateFunction.Count) return $"arrayCount({set.Flags})";
        if (conditions.Number(aggregate.Argument!) is not { } argument) return null;
        string column = Column($"toFloat64(ifNull({argument}, nan))");
        string values = Step($"arrayFilter((v, f) -> f AND NOT isNaN(v), {column}, {set.Flags})");
        string function = aggregate.Function switch { AggregateFunction.Min => "Min", AggregateFunction.Max => "Max", AggregateFunction.Avg => "Avg", _ => "Sum" };
        return $"NOT empty({values}) AND array{function}({values})";
    }

    private string Column(string sql)
    {
        if (_columnNames.TryGetValue(sql, out string? name)) return name;
        name = _columnNames[sql] = $"f{_columns.Count}";
        _columns.Add($"groupArray({TraceSpansMax + 1})({sql}) AS {name}");
        return name;
    }

    private string Step(string sql)
    {
        if (_stepNames.TryGetValue(sql, out string? name)) return name;
        name = _stepNames[sql] = $"s{_stepNames.Count}";
        Add(name, sql);
        return name;
    }

    // A step stands above all steps that it uses.
    private void Add(string name, string sql)
    {
        int level = Name().Matches(sql).Select(match => _levelOf.GetValueOrDefault(match.Value, -1)).DefaultIfEmpty(-1).Max() + 1;
        _levelOf[name] = level;
        if (_levels.Count == level) _levels.Add([]);
        _levels[level].Add($"{sql} AS {name}");
    }

    [GeneratedRegex(@"\b[a-z]+[0-9]*\b")] private static partial Regex Name();

    private static string And(string left, string right) => left == "1" ? right : right == "1" ? left : $"{left} AND {right}";
}
