using System.Globalization;

namespace Waybill.Engine;

/// <summary>Limits of one statement. Null leaves the engine's default, see <see cref="EngineHostOptions"/>.</summary>
public sealed record EngineSettings
{
    /// <summary>Longest run in seconds, then code 159.</summary>
    public double? ExecutionSecondsMax { get; init; }

    /// <summary>Memory in bytes, then code 241.</summary>
    public long? MemoryBytesMax { get; init; }

    /// <summary>Rows of the answer, then code 396.</summary>
    public long? ResultRowsMax { get; init; }

    /// <summary>Bytes of the answer in the engine's memory, then code 396.</summary>
    public long? ResultBytesMax { get; init; }

    public int? ThreadsMax { get; init; }

    /// <summary>Comes back in <c>X-ClickHouse-Query-Id</c> and, on a server, stands in its query log. Printable ASCII, at most 200 characters.</summary>
    public string? QueryId { get; init; }

    /// <summary>Any other ClickHouse setting by its name.</summary>
    public IReadOnlyDictionary<string, string>? Others { get; init; }

    internal IEnumerable<KeyValuePair<string, string>> ToUrl()
    {
        if (ExecutionSecondsMax is { } seconds) yield return new("max_execution_time", seconds.ToString(CultureInfo.InvariantCulture));
        if (MemoryBytesMax is { } memory) yield return new("max_memory_usage", memory.ToString(CultureInfo.InvariantCulture));
        if (ResultRowsMax is { } rows) yield return new("max_result_rows", rows.ToString(CultureInfo.InvariantCulture));
        if (ResultBytesMax is { } bytes) yield return new("max_result_bytes", bytes.ToString(CultureInfo.InvariantCulture));
        if (ThreadsMax is { } threads) yield return new("max_threads", threads.ToString(CultureInfo.InvariantCulture));
        if (QueryId is { } id) yield return new("query_id", id);
        foreach (var other in Others ?? new Dictionary<string, string>()) yield return other;
    }
}
