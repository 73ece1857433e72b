using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Query;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Tempo;

/// <summary>The answer of <c>/api/search</c>.</summary>
internal sealed record TempoSearchAnswer(IReadOnlyList<TempoTrace> Traces, TempoMetrics Metrics);

/// <summary>What an answer cost.</summary>
internal sealed record TempoMetrics(int InspectedTraces, string InspectedBytes, int CompletedJobs = 1, int TotalJobs = 1);

/// <param name="SpanSet">The first of <paramref name="SpanSets"/> again, for older clients.</param>
internal sealed record TempoTrace(
    string TraceID, string RootServiceName, string RootTraceName, string StartTimeUnixNano, uint DurationMs, TempoSpanSet? SpanSet, IReadOnlyList<TempoSpanSet> SpanSets, IReadOnlyDictionary<string, TempoServiceStats> ServiceStats);

internal sealed record TempoServiceStats(int SpanCount, int ErrorCount);

internal sealed record TempoSpanSet(IReadOnlyList<TempoSpan> Spans, int Matched, IReadOnlyList<TempoAttribute>? Attributes);

internal sealed record TempoSpan(string SpanID, string Name, string StartTimeUnixNano, string DurationNanos, IReadOnlyList<TempoAttribute>? Attributes);

internal static class TempoSearch
{
    private const int TracesDefault = 20, TracesMax = 1_000, SpansDefault = 3, SpansMax = 1_000;

    public static void MapTempoSearch(this IEndpointRouteBuilder tempo) => tempo.MapGet("/api/search", Search);

    private static async Task Search(HttpContext http, SpanSearch search, TimeProvider clock)
    {
        if (await ReadQuery(http) is not { } query) return;
        if (TempoTime.Read(http, clock, wholeSeconds: true, out TimeRange range) is { } badTime)
        {
            await Problems.BadRequest(http, badTime.Parameter, badTime.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, TracesMax, TracesDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        if (Problems.ReadInt(http, "spss", 0, SpansMax, SpansDefault, out int spans) is { } badSpans)
        {
            await Problems.BadRequest(http, "spss", badSpans);
            return;
        }
        await SearchEndpoints.Answer(http, async () =>
        {
            SearchResult result = await search.Run(new SearchRequest(http.Tenant(), query, range, limit, spans == 0 ? SpansMax : spans), http.RequestAborted);
            PartialHeader.Write(http, result.Reasons);
            return ToAnswer(query, result);
        }, TempoEndpoints.Json);
    }

    /// <returns>Null when it was wrong, and answered so.</returns>
    private static async Task<SearchQuery?> ReadQuery(HttpContext http)
    {
        string? text = TempoTime.One(http, "q");
        if (LegacyTags.Read(http, out SearchQuery? ofTags) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return null;
        }
        if (ofTags is not null)
        {
            if (text is null) return ofTags;
            await Problems.BadRequest(http, "q", "Send q or tags, not both.");
            return null;
        }
        QueryResult<TraceQuery> parsed = TraceQl.Parse(text ?? "{}");
        if (parsed.Query is SearchQuery query) return query;
        if (parsed.IsValid) await Problems.BadRequest(http, "q", "It is a metrics query: ask /api/metrics/query_range.");
        else await QueryProblem.Write(http, parsed);
        return null;
    }

    private static TempoSearchAnswer ToAnswer(SearchQuery query, SearchResult result)
    {
        var names = new AttributeNames(query.Pipeline);
        return new([.. result.Traces.Select(trace => ToTrace(trace, names))],
            new TempoMetrics(result.Scanned.Candidates, result.Scanned.Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static TempoTrace ToTrace(FoundTrace trace, AttributeNames names)
    {
        TempoSpanSet[] sets = [.. trace.SpanSets.Select(set => new TempoSpanSet(
            [.. set.Spans.Select(span => new TempoSpan(span.SpanId, span.Name, span.StartUnixNano, span.DurationNano.ToString(System.Globalization.CultureInfo.InvariantCulture), names.Of(span)))],
            set.Matched, AttributeNames.Of(set)))];
        return new TempoTrace(trace.TraceId.TrimStart('0'), trace.RootService ?? "<root span not yet received>", trace.RootName ?? "", trace.StartUnixNano,
            (uint)Math.Clamp(trace.DurationNano / 1_000_000, 0, uint.MaxValue), sets.FirstOrDefault(), sets,
            trace.Services.ToDictionary(service => service.Service, service => new TempoServiceStats(service.SpanCount, service.ErrorCount)));
    }
}

/// <summary>What a query shows of its spans under the names that Tempo gives: an attribute without its scope, and the state and kind if they are asked for.</summary>
internal sealed class AttributeNames(Pipeline pipeline)
{
    private readonly IReadOnlyList<FieldReference> _fields = QueryFields.Of(pipeline).All;

    public IReadOnlyList<TempoAttribute>? Of(FoundSpan span)
    {
        var shown = new List<TempoAttribute>();
        foreach (FieldReference field in _fields)
        {
            object? value = field switch
            {
                IntrinsicReference { Intrinsic: Intrinsic.Status } => span.Status,
                IntrinsicReference { Intrinsic: Intrinsic.Kind } => span.Kind,
                IntrinsicReference { Intrinsic: Intrinsic.TraceDuration or Intrinsic.RootName or Intrinsic.RootServiceName } => null,   // the trace says it
                _ => span.Attributes.GetValueOrDefault(field.ToString()),
            };
            if (value is null) continue;
            bool isDuration = field is IntrinsicReference { Intrinsic: Intrinsic.EventTimeSinceStart };
            shown.Add(new(field is AttributeReference attribute ? attribute.Name : field.ToString(), isDuration && value is long nano ? TempoValue.Duration(nano) : TempoValue.Of(value)));
        }
        return shown.Count == 0 ? null : shown;
    }

    /// <summary>What the pipeline computed of a set. Durations are told by the name, since the answer has numbers.</summary>
    public static IReadOnlyList<TempoAttribute>? Of(FoundSpanset set) => set.Attributes.Count == 0 ? null :
        [.. set.Attributes.Select(pair => new TempoAttribute(pair.Key, pair.Key.EndsWith("uration)", StringComparison.Ordinal) && pair.Value is long nano ? TempoValue.Duration(nano) : TempoValue.Of(pair.Value)))];
}
