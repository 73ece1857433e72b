using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Waybill.Engine.Host;

/// <summary>The settings a connection carries while it is leased; connections of equal profile are interchangeable.</summary>
/// <param name="Statements">What makes a fresh connection one of this profile, in order.</param>
internal sealed partial record SessionProfile(string Key, IReadOnlyList<string> Statements)
{
    public static SessionProfile Create(EngineHostOptions options, bool readOnly, string? database, IEnumerable<KeyValuePair<string, string>> requested)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in readOnly ? Read(options) : Write(options)) settings[name] = value.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in requested)
        {
            if (!Name().IsMatch(name)) throw new EngineException(115, "UNKNOWN_SETTING", $"'{name}' is not the name of a setting: it must match [a-z0-9_]+.");
            settings[name] = value;
        }

        List<string> statements = [];
        if (database is not null)
        {
            if (!Identifier().IsMatch(database)) throw new EngineException(81, "UNKNOWN_DATABASE", $"'{database}' is not the name of a database here: it must match [A-Za-z0-9_]+.");
            statements.Add($"USE `{database}`");
        }

        statements.Add("SET " + string.Join(", ", settings.Select(s => $"{s.Key} = {Quote(s.Value)}")));
        if (readOnly) statements.Add("SET readonly = 1");   // last: afterwards nothing can be set
        return new SessionProfile(string.Join('\n', statements), statements);
    }

    private static IEnumerable<(string Name, long Value)> Common(EngineHostOptions options) =>
    [
        ("max_memory_usage", options.QueryMemoryBytesMax),
        ("max_bytes_before_external_group_by", options.QueryMemoryBytesMax / 3),
        ("max_bytes_before_external_sort", options.QueryMemoryBytesMax / 3),
        ("max_threads", options.QueryThreadsMax),
        ("use_top_k_dynamic_filtering", 0),   // wrong with text indexes on 26.5; the gain is small
    ];

    private static IEnumerable<(string Name, long Value)> Read(EngineHostOptions options) =>
    [
        .. Common(options),
        ("max_execution_time", options.ReadSecondsMax),
        ("max_result_rows", options.ResultRowsMax),
        ("max_result_bytes", options.ResultBytesMax),
        // The default, 1 GiB a thread, is more than the engine may use, so every read had one thread (0002). A read's memory has its own bound.
        ("max_threads_min_free_memory_per_thread", 0),
    ];

    // async_insert is on by default since 26.2 and would acknowledge or merge inserts on its own terms.
    private static IEnumerable<(string Name, long Value)> Write(EngineHostOptions options) =>
    [
        .. Common(options),
        ("async_insert", 0),
        ("insert_deduplicate", 1),
        ("deduplicate_blocks_in_dependent_materialized_views", 1),
        ("max_insert_threads", 1),
        ("min_insert_block_size_rows", 262_144),
        ("min_insert_block_size_bytes", 64 << 20),
        ("max_partitions_per_insert_block", options.PartitionsPerInsertMax),
    ];

    private static string Quote(string value)
    {
        var text = new StringBuilder("'");
        foreach (char c in value)
        {
            if (c is '\'' or '\\') text.Append('\\');
            text.Append(c);
        }

        return text.Append('\'').ToString();
    }

    [GeneratedRegex(@"\A[a-z0-9_]{1,100}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)] private static partial Regex Name();
    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,200}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)] private static partial Regex Identifier();
}
