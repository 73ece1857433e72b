using Waybill.Search;
using Waybill.Web;

namespace Waybill.Metrics;

/// <summary>Which series of one metric are asked for.</summary>
internal sealed record SeriesSelection(string Tenant, string Metric, TimeRange Range)
{
    // A series is noted once an hour, and its points may be an hour ahead of the time they arrive at. When it was noted first tells nothing: points may be older.
    private const long NotedEverySeconds = 2 * 3600;

    public IReadOnlyList<SeriesFilter> Filters { get; init; } = [];

    /// <summary>Null for any.</summary>
    public MetricKind? Kind { get; init; }

    /// <summary>Null for any.</summary>
    public string? Unit { get; init; }

    /// <summary>Null for any.</summary>
    public SeriesFamily? Family { get; init; }

    /// <summary>A statement that gives the series, a row each: <c>series_id</c>, <c>service</c>, what <c>metric_series</c> says of them, and <c>labels</c>.</summary>
    /// <param name="by">Keys whose values are the labels, in this order.</param>
    public string Rows(IReadOnlyList<SeriesKey> by, SqlParameters parameters)
    {
        bool needsResource = by.Any(key => key.IsOfResource) || Filters.Any(filter => filter.Key.IsOfResource);
        string labels = by.Count == 0 ? "emptyArrayString()" : $"[{string.Join(", ", by.Select(key => $"toString({key.Sql(parameters)})"))}]";
        List<string> conditions = [.. Filters.Select(filter => filter.Sql(parameters))];
        if (Kind is { } kind) conditions.Add($"kind = {parameters.Int((int)kind)}");
        if (Unit is { } unit) conditions.Add($"unit = {parameters.Text(unit)}");
        if (Family is { } family) conditions.Add(SeriesFamilies.Sql(family));
        return $$"""
            SELECT series_id, service, kind, unit, temporality, monotonic, attributes, resource_id, first_noted, last_noted, {{labels}} AS labels
            FROM (
              SELECT service, series_id, anyLast(kind) AS kind, anyLast(unit) AS unit, anyLast(temporality) AS temporality, anyLast(monotonic) AS monotonic,
                anyLast(attributes) AS attributes, anyLast(resource_id) AS resource_id, min(first_seen) AS first_noted, max(last_seen) AS last_noted
              FROM metric_series WHERE tenant = {tenant:String} AND metric = {metric:String} GROUP BY service, series_id
              HAVING last_noted >= toDateTime({noted:UInt32}, 'UTC')
            ) AS known{{(needsResource ? Resources : "")}}
            WHERE {{(conditions.Count == 0 ? "1" : string.Join(" AND ", conditions))}}
            """;
    }

    private const string Resources = """

        LEFT ANY JOIN (SELECT resource_id, anyLast(attributes) AS resource FROM resources WHERE tenant = {tenant:String} GROUP BY resource_id) AS senders USING (resource_id)
        """;

    /// <summary>What every statement with <see cref="Rows"/> binds, beside the values of the keys.</summary>
    public IEnumerable<KeyValuePair<string, string>> Parameters =>
    [
        Engine.EngineParameter.String("tenant", Tenant), Engine.EngineParameter.String("metric", Metric),
        Engine.EngineParameter.Int("noted", Math.Max(0, Range.SinceUnixNano / 1_000_000_000 - NotedEverySeconds)),
    ];
}
