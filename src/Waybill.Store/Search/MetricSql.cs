using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>
/// The statement of a metrics query's first stage: one row a bucket of time and set of labels, with what can be added to rows of other slices of time.
/// Columns: <c>bucket</c>; <c>l0</c>, <c>l1</c>, ... as <see cref="Labels"/>; <c>bound</c>, the power of two of a histogram or quantile; <c>number</c> and
/// <c>weights</c>; <c>exemplars</c>.
/// </summary>
/// <remarks>Parameters beside those of <see cref="Selection"/>: <c>origin</c>, after which the first bucket begins, <c>step</c> and <c>exemplar_count</c>.</remarks>
public sealed class MetricSql
{
    private MetricSql(SpanSelection selection, IReadOnlyList<LabelSql> labels, string statement) => (Selection, Labels, Statement) = (selection, labels, statement);

    public SpanSelection Selection { get; }

    public IReadOnlyList<LabelSql> Labels { get; }

    public string Statement { get; }

    /// <returns>Null when SQL cannot say the whole of it: then the interpreter evaluates it over the traces.</returns>
    public static MetricSql? Of(Pipeline source, RangeAggregate range, KnownKeys known)
    {
        var parameters = new SqlParameters();
        SpanSelection selection = SpanSelection.Of(source, known, parameters);
        if (!selection.IsExact) return null;
        LabelSql?[] labels = [.. range.By.Select(field => LabelSql.Of(field, parameters, known))];
        if (Array.Exists(labels, label => label is null) || Measure.Of(range, new ConditionSql(parameters, known)) is not { } measure) return null;

        string names = string.Concat(labels.Select((_, i) => $", l{i}"));
        string statement = $"""
            SELECT intDiv(toUnixTimestamp64Nano(start) - {"{origin:Int64}"} - 1, {"{step:Int64}"}) AS bucket{string.Concat(labels.Select((label, i) => $", {label!.Sql} AS l{i}"))},
              {measure.Columns}, groupArray({"{exemplar_count:UInt8}"})((trace_id, span_id, start, {measure.Exemplar})) AS exemplars
            FROM {SpanSelection.Rows(selection.Lead, selection.Related + (measure.Where is null ? "" : $" AND {measure.Where}"))}
            GROUP BY bucket{names}{(measure.IsBucketed ? ", bound" : "")}
            """;
        return new(selection, labels!, statement);
    }

    /// <summary>What is counted, added up or compared.</summary>
    private sealed record Measure(string Columns, string Exemplar, string? Where = null, bool IsBucketed = false)
    {
        public static Measure? Of(RangeAggregate range, ConditionSql conditions)
        {
            if (range.Argument is null) return new("sum(weight) AS number, sum(weight) AS weights", "toFloat64(duration) / 1e9");
            bool seconds = range.Argument is IntrinsicReference { Intrinsic: Intrinsic.Duration };
            if (range.Function is RangeFunction.HistogramOverTime or RangeFunction.QuantileOverTime)
            {
                if (conditions.Whole(range.Argument) is not { } whole) return null;
                string power = $"if(roundToExp2({whole}) = {whole}, toFloat64({whole}), 2 * toFloat64(roundToExp2({whole})))";
                return new($"assumeNotNull({power}) AS bound, sum(weight) AS number, sum(weight) AS weights", $"assumeNotNull(toFloat64({whole})){(seconds ? " / 1e9" : "")}", $"ifNull({whole} >= 2, 0)", IsBucketed: true);
            }
            if (conditions.Number(range.Argument) is not { } number) return null;
            string value = $"assumeNotNull(toFloat64({number})){(seconds ? " / 1e9" : "")}";
            string combined = range.Function switch
            {
                RangeFunction.MinOverTime => $"min({value})",
                RangeFunction.MaxOverTime => $"max({value})",
                _ => $"sum({value} * weight)",
            };
            return new($"{combined} AS number, sum(weight) AS weights", value, $"{number} IS NOT NULL");
        }
    }
}
