using System.Globalization;
using Waybill.Batches;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;
using Waybill.Web;

namespace Waybill.Search;

using TraceSpan = Waybill.Query.Evaluation.TraceSpan;
using Spanset = Waybill.Query.Evaluation.Spanset;

/// <summary>What of a trace matched, as the language's interpreter says.</summary>
/// <param name="At">Start of the newest matched span in the range that is searched: the trace's place in the order.</param>
internal sealed record TraceMatch(WholeTrace Whole, Interpreter Interpreter, IReadOnlyList<Spanset> Spansets, long At)
{
    public TraceId Id => Whole.Id;

    /// <returns>Null when no span that starts in the range matched.</returns>
    public static TraceMatch? Of(WholeTrace whole, Pipeline pipeline, TimeRange range)
    {
        if (whole.Trace.Spans.Count == 0) return null;
        var interpreter = new Interpreter(whole.Trace);
        IReadOnlyList<Spanset> spansets = interpreter.Search(pipeline);
        long at = spansets.SelectMany(set => set.Spans).Select(span => span.StartUnixNano)
            .Where(start => start >= range.SinceUnixNano && start < range.UntilUnixNano).DefaultIfEmpty(long.MinValue).Max();
        return at == long.MinValue ? null : new TraceMatch(whole, interpreter, spansets, at);
    }

    public FoundTrace ToFoundTrace(QueryFields fields, int spansPerSet)
    {
        IReadOnlyList<TraceSpan> spans = Whole.Trace.Spans;
        TraceSpan? root = spans.Where(span => span.ParentId.Length == 0).OrderBy(span => span.StartUnixNano).ThenBy(span => span.SpanId, StringComparer.Ordinal).FirstOrDefault();
        HashSet<string> ids = [.. spans.Select(span => span.SpanId)];
        long start = spans.Min(span => span.StartUnixNano), end = spans.Max(span => Math.Max(span.StartUnixNano, unchecked(span.StartUnixNano + span.DurationNano)));
        var services = spans.GroupBy(Whole.ServiceOf).Select(of => new FoundService(of.Key, of.Count(), of.Count(IsError)));
        return new FoundTrace(Id.ToString(), root is null ? null : Whole.ServiceOf(root), root?.Name, Text(start), end - start, spans.Count, spans.Count(IsError), spans.Count(span => span.ParentId.Length > 0 && !ids.Contains(span.ParentId)),
            [.. services.OrderByDescending(service => service.SpanCount).ThenBy(service => service.Service, StringComparer.Ordinal)],
            [.. Spansets.Select(set => ToFoundSpanset(set, fields, spansPerSet))]);
    }

    private FoundSpanset ToFoundSpanset(Spanset set, QueryFields fields, int spansPerSet)
    {
        var attributes = new Dictionary<string, object?>();
        foreach (var (name, value) in set.Attributes) attributes[name] = JsonValue.Of(value);
        return new FoundSpanset(set.Spans.Count, attributes, [.. set.Spans.OrderBy(span => span.StartUnixNano).Take(spansPerSet).Select(span => ToFoundSpan(span, fields))]);
    }

    private FoundSpan ToFoundSpan(TraceSpan span, QueryFields fields)
    {
        var attributes = new Dictionary<string, object?>();
        foreach (FieldReference field in fields.All)
            if (!IsShown(field) && Interpreter.Value(field, span) is { } value) attributes[field.ToString()] = JsonValue.Of(value);
        return new FoundSpan(span.SpanId, span.ParentId, Whole.ServiceOf(span), span.Name, Static.Of(span.Kind).ToString(), Static.Of(span.Status).ToString(), Text(span.StartUnixNano), span.DurationNano, attributes);
    }

    // What every span shows by itself.
    private static bool IsShown(FieldReference field) => field is IntrinsicReference { Intrinsic: Intrinsic.Name or Intrinsic.Kind or Intrinsic.Status or Intrinsic.Duration or Intrinsic.SpanId or Intrinsic.ParentId or Intrinsic.TraceId };

    private static bool IsError(TraceSpan span) => span.Status == SpanStatus.Error;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
