namespace Waybill.Schema;

/// <summary>The tables that the spool fills. Numbers are in spool files: never reuse one. A segment is inserted in their order, so that what rows point to is there before them.</summary>
public enum StoredTable : byte
{
    Resources = 1,
    Scopes = 2,
    MetricSeries = 3,
    Spans = 10,
    Logs = 11,
    MetricPoints = 12,
    MetricDistributions = 13,
    MetricExemplars = 14,
    SpansQuarantine = 20,
    LogsQuarantine = 21,
    MetricPointsQuarantine = 22,
    MetricDistributionsQuarantine = 23,
    MetricExemplarsQuarantine = 24,
    TraceIndex = 30,
    TraceAliases = 31,
    TraceLinks = 32,
    ExceptionGroups = 70,
    Exceptions = 71,
    FlagEvaluations = 72,
    Changes = 73,
}

public static class StoredTables
{
    /// <summary>The table's name in the engine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number that this version does not know: the spool was written by a newer one.</exception>
    public static string NameOf(StoredTable table) => table switch
    {
        StoredTable.Resources => "resources",
        StoredTable.Scopes => "scopes",
        StoredTable.MetricSeries => "metric_series",
        StoredTable.Spans => "spans",
        StoredTable.Logs => "logs",
        StoredTable.MetricPoints => "metric_points",
        StoredTable.MetricDistributions => "metric_distributions",
        StoredTable.MetricExemplars => "metric_exemplars",
        StoredTable.SpansQuarantine => "spans_quarantine",
        StoredTable.LogsQuarantine => "logs_quarantine",
        StoredTable.MetricPointsQuarantine => "metric_points_quarantine",
        StoredTable.MetricDistributionsQuarantine => "metric_distributions_quarantine",
        StoredTable.MetricExemplarsQuarantine => "metric_exemplars_quarantine",
        StoredTable.TraceIndex => "trace_index",
        StoredTable.TraceAliases => "trace_aliases",
        StoredTable.TraceLinks => "trace_links",
        StoredTable.ExceptionGroups => "exception_groups",
        StoredTable.Exceptions => "exceptions",
        StoredTable.FlagEvaluations => "flag_evaluations",
        StoredTable.Changes => "changes",
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, "The spool holds a table that this version does not know. Start the newer version that wrote it."),
    };
}
