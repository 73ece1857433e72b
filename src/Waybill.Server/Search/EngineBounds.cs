using Waybill.Engine;

namespace Waybill.Search;

/// <summary>What one statement of a search may use, and how the engine says that it was not enough.</summary>
internal static class EngineBounds
{
    private const int TimeoutExceeded = 159, MemoryLimitExceeded = 241;
    private const double SecondsMin = 0.05;

    private static readonly IReadOnlyDictionary<string, string> Others = new Dictionary<string, string>
    {
        // Blocks of a few thousand rows: the array steps multiply a row's bytes by the spans of its trace.
        ["max_block_size"] = "8192",
        // Merging the levels of array steps into one copies what they share, again and again (26.7.3: 1.2 s instead of 0.1).
        ["query_plan_merge_expressions"] = "0",
        // Handing each small read to a pool costs a third of the processor's time when the pages are there.
        ["local_filesystem_read_method"] = "pread",
    };

    /// <summary>For a look into a small table: one thread, since starting more costs more than it saves.</summary>
    public static readonly EngineSettings LookUp = new() { ThreadsMax = 1, ExecutionSecondsMax = 5, Others = new Dictionary<string, string> { ["local_filesystem_read_method"] = "pread" } };

    public static EngineSettings Of(SearchOptions options, SearchStatement statement, double secondsLeft) => new()
    {
        ExecutionSecondsMax = Math.Max(SecondsMin, secondsLeft),
        MemoryBytesMax = options.StatementMemoryBytesMax,
        ThreadsMax = statement.Threads,
        Others = Others,
    };

    public static bool IsTime(EngineException e) => e.Code == TimeoutExceeded;

    public static bool IsMemory(EngineException e) => e.Code == MemoryLimitExceeded;
}
