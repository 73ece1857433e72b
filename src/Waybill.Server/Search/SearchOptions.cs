using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Search;

/// <summary>Bounds of searching. Section <c>Search</c>; read once, checked at start. What passes a bound is answered in part and says so.</summary>
public sealed class SearchOptions
{
    /// <summary>Longest search, seconds. Default 10, as any read.</summary>
    [Range(1, 3600)] public int SecondsMax { get; set; } = 10;

    /// <summary>Memory of one statement, bytes. Default 200 MB: half of what one may use, so that two searches leave the inserts theirs.</summary>
    [Range(16_000_000, 1_000_000_000_000)] public long StatementMemoryBytesMax { get; set; } = 200_000_000;

    /// <summary>Threads of one statement while no other search runs; several searches share them. Default 2: both cores of the smallest machine.</summary>
    [Range(1, 256)] public int StatementThreadsMax { get; set; } = 2;

    /// <summary>Statements of searches that run in the engine at a time. Default half of the cores, at least 1: the others stay with acknowledgements, measured in bench/results/search.md.</summary>
    [Range(1, 1_000)] public int StatementsMax { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Searches that run at a time. Default 2: each may hold 100 MB of spans, and on two cores more only wait for each other.</summary>
    [Range(1, 1_000)] public int RunningMax { get; set; } = 2;

    /// <summary>Searches that wait for their turn; one more is answered 429. Default 32.</summary>
    [Range(0, 100_000)] public int WaitingMax { get; set; } = 32;

    /// <summary>Longest wait for a turn, seconds, then 429. Default 10.</summary>
    [Range(1, 600)] public int WaitSecondsMax { get; set; } = 10;

    /// <summary>Traces that one search reads to check them, beyond those it answers. Default 5,000: about two seconds of reading.</summary>
    [Range(100, 10_000_000)] public int CandidatesMax { get; set; } = 5_000;

    /// <summary>Spans held in memory to check traces. Default 200,000: about 100 MB when they carry attributes.</summary>
    [Range(1_000, 100_000_000)] public int SpansHeldMax { get; set; } = 200_000;

    /// <summary>Spans of a trace whose relations are checked one with another by a structural query. Default 5,000: 25 million pairs take two seconds.</summary>
    [Range(100, 1_000_000)] public int RelatedSpansMax { get; set; } = 5_000;

    /// <summary>Series of one metrics answer. Default 1,000: more are no chart.</summary>
    [Range(1, 1_000_000)] public int SeriesMax { get; set; } = 1_000;

    /// <summary>Points of a series. Default 11,000: a week by the minute.</summary>
    [Range(10, 1_000_000)] public int PointsMax { get; set; } = 11_000;
}

[OptionsValidator]
internal sealed partial class SearchOptionsValidator : IValidateOptions<SearchOptions>;
