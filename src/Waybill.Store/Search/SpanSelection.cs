using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>
/// The spans that a pipeline finds, as a condition over rows of <c>spans</c>. Its parameters beside <see cref="Parameters"/>: <c>tenant</c>; <c>since</c> and
/// <c>until</c>, in which the spans start; <c>reach_since</c> and <c>reach_until</c>, in which the rest of their traces is looked for (see <see cref="ReachNano"/>);
/// <c>excluded</c>, ids of traces that are evaluated otherwise.
/// </summary>
public sealed class SpanSelection
{
    /// <summary>How far outside the range other spans of its traces are looked for in bulk. Longer traces are told by <see cref="SearchSql.LongTraces"/>.</summary>
    public const long ReachNano = 300_000_000_000;

    internal const string Slice = "tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}";
    internal const string Reach = "tenant = {tenant:String} AND start >= {reach_since:DateTime64(9, 'UTC')} AND start < {reach_until:DateTime64(9, 'UTC')}";

    internal const string TraceReach = "tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} - INTERVAL 1 HOUR AND start < {until:DateTime64(9, 'UTC')} + INTERVAL 1 HOUR";

    private readonly SqlParameters _parameters;

    /// <summary>
    /// Rows of a slice that satisfy a predicate. The predicate is read first and the bounds of time only where it holds: parts and granules are chosen
    /// by the bounds all the same, and reading <c>start</c> of every row costs more than most predicates (measured, half of a search over a day).
    /// </summary>
    internal static string Rows(Predicate predicate, string and = "") => predicate.IsTrue ? $"spans WHERE {Slice}{and}" : $"spans PREWHERE {predicate.Where} WHERE {Slice}{and}";

    private SpanSelection(SqlParameters parameters, Predicate lead, SpansetSql? arrays, Spanset? spanset)
    {
        (_parameters, Lead, Arrays, Spanset) = (parameters, lead, arrays, spanset);
        IsExact = spanset?.IsExact ?? lead.IsExact;
        Related = spanset is null ? "" : $" AND trace_id NOT IN (SELECT toFixedString(unhex(arrayJoin({{excluded:Array(String)}})), 16)) AND (trace_id, reinterpretAsUInt64(span_id)) IN (SELECT trace_id, arrayJoin(arrayFilter((id, f) -> f, ids, {spanset.Flags})) FROM ({TraceRows}) WHERE NOT {Irregular})";
        Where = lead.Where + Related;
    }

    /// <param name="known">Which keys there are in the range; <see cref="KnownKeys.Unknown"/> is right too, and slower.</param>
    public static SpanSelection Of(Pipeline pipeline, KnownKeys known, SqlParameters parameters)
    {
        var conditions = new ConditionSql(parameters, known);
        // Groups, their joining and selected fields take no span away.
        if (pipeline.Stages.All(stage => stage is SpansetFilter or GroupBy or Coalesce or Select))
            return new(parameters, pipeline.Stages.OfType<SpansetFilter>().Select(filter => conditions.Of(filter.Condition)).Aggregate(Predicate.True, (left, right) => left & right), null, null);
        var arrays = new SpansetSql(conditions, parameters);
        Spanset spanset = arrays.Of(pipeline);
        return new(parameters, spanset.Lead, arrays, spanset);
    }

    /// <summary>The condition.</summary>
    public string Where { get; }

    /// <summary>Whether it holds for no other spans; else what it finds is to be checked by the language's interpreter.</summary>
    public bool IsExact { get; }

    /// <summary>Whether a span is chosen by its own row, and not by others of its trace.</summary>
    public bool IsFlat => Arrays is null;

    /// <summary>Whether the index over attributes tells where such spans can be.</summary>
    public bool HasIndex => Lead.Index is not null;

    public IReadOnlyList<KeyValuePair<string, string>> Parameters => _parameters.Bound;

    /// <summary>A condition over a row that every span it finds satisfies.</summary>
    internal Predicate Lead { get; }

    /// <summary>What follows from other spans of the trace, as <c> AND ...</c>; empty when nothing does.</summary>
    internal string Related { get; }

    internal SpansetSql? Arrays { get; }

    internal Spanset? Spanset { get; }

    /// <summary>One row a trace: what was gathered of its spans, and the steps over that.</summary>
    internal string TraceRows => Arrays!.Around($"""
        SELECT trace_id, count() AS n, groupArray({SpansetSql.TraceSpansMax + 1})(reinterpretAsUInt64(span_id)) AS ids,{(Arrays.HasTree ? $" groupArray({SpansetSql.TraceSpansMax + 1})(reinterpretAsUInt64(parent_id)) AS parents," : "")}
          groupArray({SpansetSql.TraceSpansMax + 1})(start) AS starts, {string.Concat(Arrays.Columns.Select(column => column + ", "))}maxIf(start, start >= {"{since:DateTime64(9, 'UTC')}"} AND start < {"{until:DateTime64(9, 'UTC')}"} AND {Lead.Sql}) AS lead_at
        FROM spans WHERE {Reach} AND trace_id IN (SELECT trace_id FROM {Rows(Lead)})
        GROUP BY trace_id HAVING n > {SpansetSql.TraceSpansMax} OR ({Spanset!.Needs})
        """);

    /// <summary>Traces with spans in the range that the condition leaves out, because they are to be judged by the interpreter; null when there are none.</summary>
    public string? IrregularTraces => IsFlat ? null : $"SELECT trace_id, lead_at AS at FROM ({TraceRows}) WHERE {Irregular} AND lead_at > toDateTime64(0, 9, 'UTC') LIMIT {{limit:UInt32}}";

    /// <summary>Whether SQL cannot judge the trace of such a row.</summary>
    internal string Irregular => $"(n > {SpansetSql.TraceSpansMax} OR length(arrayDistinct(ids)) < length(ids){(Arrays!.HasTree ? " OR deep" : "")})";
}
