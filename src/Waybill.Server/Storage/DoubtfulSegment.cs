using Waybill.Engine;
using Waybill.Schema;
using Waybill.Spool;

namespace Waybill.Storage;

/// <summary>
/// Inserts the one segment of which nobody knows how much of it is stored: the first after a start, whose insert the end before may have met.
/// Killed processes leave the engine's memory of tokens whole, but a power cut does not: the engine syncs its parts and not its
/// <c>deduplication_logs</c> (26.7.3), so a token may be forgotten while its rows are there. Rows are compared instead, by all their columns.
/// </summary>
internal static class DoubtfulSegment
{
    // Against the rows of the same times only; a row equal to another in every column, its second of receipt too, is the same row.
    private const string RowHash = "sipHash128(*)";

    private static readonly EngineSettings WithoutTokens = new() { Others = new Dictionary<string, string> { ["insert_deduplicate"] = "0" } };

    /// <summary>Stores those rows of a table's section that are not stored yet. Can be cut off and repeated at any point.</summary>
    /// <returns>Rows written.</returns>
    public static async Task<long> Insert(EngineClient engine, SealedSegment segment, byte table, CancellationToken cancel)
    {
        string name = StoredTables.NameOf((StoredTable)table);
        if (Merges((StoredTable)table))
        {
            // A token of its own, so that it is stored even if an earlier one is remembered and its rows are not there.
            string again = $"{segment.Id}:{name}:{Guid.NewGuid():N}";
            return (await engine.Insert(name, again, (stream, cancel) => segment.CopyTableTo(table, stream, cancel), cancel)).WrittenRows;
        }

        string staging = $"{name}_in_doubt";
        await engine.Execute($"DROP TABLE IF EXISTS {staging} SYNC", cancel: cancel);
        await engine.Execute($"CREATE TABLE {staging} AS {name} ENGINE = MergeTree ORDER BY tuple()", cancel: cancel);
        await engine.Insert(staging, $"{segment.Id}:{staging}", (stream, cancel) => segment.CopyTableTo(table, stream, cancel), cancel);
        var summary = await engine.Execute($"""
            INSERT INTO {name} SELECT * FROM {staging} WHERE {RowHash} NOT IN
              (SELECT {RowHash} FROM {name} WHERE {Within("received", staging)} AND {Within(PartitionedBy((StoredTable)table), staging)})
            """, settings: WithoutTokens, cancel: cancel);
        await engine.Execute($"DROP TABLE IF EXISTS {staging} SYNC", cancel: cancel);
        return summary.WrittenRows;
    }

    private static string Within(string column, string staging) =>
        $"{column} >= (SELECT min({column}) FROM {staging}) AND {column} <= (SELECT max({column}) FROM {staging})";

    /// <summary>The column whose range leaves most partitions out of the comparison.</summary>
    private static string PartitionedBy(StoredTable table) => table switch
    {
        StoredTable.Spans => "start",
        StoredTable.Logs or StoredTable.MetricPoints or StoredTable.MetricDistributions or StoredTable.Exceptions or StoredTable.FlagEvaluations => "time",
        StoredTable.MetricExemplars => "point_time",
        _ => "received",
    };

    /// <summary>Tables that merge equal rows into one by themselves: for these, twice is once.</summary>
    private static bool Merges(StoredTable table) =>
        table is StoredTable.Resources or StoredTable.Scopes or StoredTable.MetricSeries or StoredTable.TraceIndex or StoredTable.TraceAliases or StoredTable.TraceLinks or StoredTable.ExceptionGroups;
}
