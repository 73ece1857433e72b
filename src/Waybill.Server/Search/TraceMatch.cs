using System.Globalization;
using Waybill.Batches;
using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>What of a trace matched.</summary>
/// <param name="At">Start of the newest matched span in the range that is searched: the trace's place in the order.</param>
internal sealed record TraceMatch(WholeTrace Trace, long At, IReadOnlyList<StoredSpan> Matched, QueryFields Fields)
{
    public TraceId Id => Trace.Id;

    /// <returns>Null when no span that starts in the range matched.</returns>
    public static TraceMatch? Of(WholeTrace trace, SearchRequest request, QueryFields fields)
    {
        List<StoredSpan> matched = [.. trace.Spans.Where(span => span.Matched)];
        var inRange = matched.Where(span => span.StartUnixNano >= request.After.Range.SinceUnixNano && span.StartUnixNano < request.After.Range.UntilUnixNano).ToList();
        return inRange.Count == 0 ? null : new TraceMatch(trace, inRange.Max(span => span.StartUnixNano), matched, fields);
    }

    public FoundTrace ToFoundTrace(int spansPerSet)
    {
        IReadOnlyList<StoredSpan> spans = Trace.Spans;
        StoredSpan? root = spans.Where(span => span.ParentId.IsZero).MinBy(span => span.StartUnixNano);
        long start = spans.Min(span => span.StartUnixNano), end = spans.Max(span => Math.Max(span.StartUnixNano, span.EndUnixNano));
        return new FoundTrace(Id.ToString(), root?.Service, root?.Name, Text(start), end - start, spans.Count, spans.Count(IsError),
            [.. spans.GroupBy(span => span.Service).Select(of => new FoundService(of.Key, of.Count(), of.Count(IsError))).OrderByDescending(service => service.SpanCount).ThenBy(service => service.Service, StringComparer.Ordinal)],
            [new FoundSpanset(Matched.Count, new Dictionary<string, object?>(), [.. Matched.OrderBy(span => span.StartUnixNano).Take(spansPerSet).Select(ToFoundSpan)])]);
    }

    private FoundSpan ToFoundSpan(StoredSpan span)
    {
        var attributes = new Dictionary<string, object?>();
        foreach (AttributeReference field in Fields.All.OfType<AttributeReference>())
            if (span.Attribute(field.Scope, field.Name) is { } value) attributes[field.ToString()] = JsonValue.Of(value);
        return new FoundSpan(span.Id.ToString(), span.ParentId.IsZero ? "" : span.ParentId.ToString(), span.Service, span.Name, span.Kind.ToString().ToLowerInvariant(), span.Status.ToString().ToLowerInvariant(),
            Text(span.StartUnixNano), span.DurationNano, attributes);
    }

    private static bool IsError(StoredSpan span) => span.Status == SpanStatus.Error;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Values that JSON has no number for, as all of the API writes them.</summary>
internal static class JsonValue
{
    public static object? Of(object? value) => value is double real && !double.IsFinite(real)
        ? new Dictionary<string, string> { ["$double"] = real.ToString(CultureInfo.InvariantCulture) } : value;
}
