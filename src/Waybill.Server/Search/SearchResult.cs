using System.ComponentModel.DataAnnotations;
using Waybill.Query.Syntax;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>A search for traces.</summary>
/// <param name="After">Where the page before ended; <see cref="SearchCursor.Start"/> for the first.</param>
/// <param name="Limit">Traces at most.</param>
/// <param name="SpansPerSet">Spans listed of each spanset; all are counted.</param>
public sealed record SearchRequest(string Tenant, SearchQuery Query, SearchCursor After, int Limit, int SpansPerSet)
{
    public SearchRequest(string tenant, SearchQuery query, TimeRange range, int limit, int spansPerSet) : this(tenant, query, SearchCursor.Start(range), limit, spansPerSet) { }
}

/// <summary>One page of traces, the one with the newest matched span first.</summary>
/// <param name="Status">complete, or partial with the reasons.</param>
/// <param name="NextCursor">For the next page; null when there is none.</param>
public sealed record SearchResult([AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, string SinceUnixNano, string UntilUnixNano, IReadOnlyList<FoundTrace> Traces, string? NextCursor, Scanned Scanned);

/// <summary>What the engine read for an answer.</summary>
/// <param name="Candidates">Traces that were read whole and checked.</param>
public sealed record Scanned(long Rows, long Bytes, int Candidates, double Milliseconds);

/// <summary>A trace with matched spans. Counts are of stored spans, not weighted.</summary>
/// <param name="RootService">Null when no root span was received.</param>
/// <param name="OrphanCount">Spans that name a parent that was not received.</param>
public sealed record FoundTrace(
    string TraceId, string? RootService, string? RootName, string StartUnixNano, long DurationNano, int SpanCount, int ErrorCount, int OrphanCount, IReadOnlyList<FoundService> Services, IReadOnlyList<FoundSpanset> SpanSets);

public sealed record FoundService(string Service, int SpanCount, int ErrorCount);

/// <param name="Matched">Spans in the set; <paramref name="Spans"/> may list fewer.</param>
/// <param name="Attributes">What the pipeline computed of the set, as <c>by(name)</c> and <c>count()</c>.</param>
public sealed record FoundSpanset(int Matched, IReadOnlyDictionary<string, object?> Attributes, IReadOnlyList<FoundSpan> Spans);

/// <param name="Attributes">The fields that the query mentions or selects, under the names it uses.</param>
public sealed record FoundSpan(
    string SpanId, string ParentId, string Service, string Name, string Kind, string Status, string StartUnixNano, long DurationNano, IReadOnlyDictionary<string, object?> Attributes);
