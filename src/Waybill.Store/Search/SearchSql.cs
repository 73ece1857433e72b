using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>The statements of a search: which traces of a slice of time may have matched spans, newest first. The interpreter then says of each what matched.</summary>
/// <remarks>Parameters beside those of <see cref="Selection"/>: <c>before</c> and <c>before_id</c>, <c>limit</c>.</remarks>
public sealed class SearchSql
{
    private const string Page = "(at, trace_id) < ({before:DateTime64(9, 'UTC')}, unhex({before_id:String})) ORDER BY at DESC, trace_id DESC LIMIT {limit:UInt32}";

    private SearchSql(SpanSelection selection)
    {
        Selection = selection;
        if (selection.IsFlat)
        {
            Candidates = $"""
                SELECT trace_id, max(start) AS at FROM {SpanSelection.Rows(selection.Lead)}
                GROUP BY trace_id HAVING {Page}
                """;
            return;
        }
        Candidates = $"""
            SELECT trace_id, if({selection.Irregular}, lead_at, arrayMax(arrayMap((t, f) -> if(f AND t >= {"{since:DateTime64(9, 'UTC')}"} AND t < {"{until:DateTime64(9, 'UTC')}"}, t, toDateTime64(0, 9, 'UTC')), starts, {selection.Spanset!.Flags}))) AS at
            FROM ({selection.TraceRows}) WHERE at > toDateTime64(0, 9, 'UTC') AND {Page}
            """;
        LongTraces = $"""
            SELECT trace_id, max(start) AS at FROM {SpanSelection.Rows(selection.Lead, " AND trace_id IN (")}
              SELECT trace_id FROM trace_index
              WHERE tenant = {"{tenant:String}"} AND signal = 1 AND first >= {"{reach_since:DateTime64(9, 'UTC')}"} - INTERVAL 1 DAY AND first < {"{reach_until:DateTime64(9, 'UTC')}"} + INTERVAL 1 DAY
                AND trace_id IN (SELECT trace_id FROM {SpanSelection.Rows(selection.Lead)})
              GROUP BY trace_id HAVING min(first) < {"{reach_since:DateTime64(9, 'UTC')}"} OR max(last) >= {"{reach_until:DateTime64(9, 'UTC')}"})
            GROUP BY trace_id HAVING {Page}
            """;
    }

    public static SearchSql Of(Pipeline pipeline, KnownKeys known) => new(SpanSelection.Of(pipeline, known, new SqlParameters()));

    public SpanSelection Selection { get; }

    /// <summary>Traces of the slice with spans that match, or may match when the selection is not exact: <c>trace_id</c>, and <c>at</c>, the start of the newest such span.</summary>
    public string Candidates { get; }

    /// <summary>Those that reach farther than is looked at in bulk, whatever their spans; null when no trace is looked at as a whole.</summary>
    public string? LongTraces { get; }
}
