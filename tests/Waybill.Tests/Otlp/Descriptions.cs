using System.Globalization;
using System.Text;
using Waybill.Batches;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Every field of a batch as text, one line an item: from columns here, from messages in <see cref="Expectations"/>.</summary>
internal static class Descriptions
{
    public static string Of(SpanBatch b) => Lines(b.Count, i => $"{Origin(b.Text, b.Resources, b.Resource[i], b.Scopes, b.Scope[i])} " +
        $"{b.TraceId[i]} {b.SpanId[i]} {b.ParentId[i]} [{S(b.Text, b.TraceState[i])}] {b.Flags[i]} [{S(b.Text, b.Name[i])}] {b.Kind[i]} {b.StartUnixNano[i]} {b.EndUnixNano[i]} " +
        $"{b.StatusCode[i]} [{S(b.Text, b.StatusMessage[i])}] {Attributes(b.Text, b.Attributes, b.AttributesOf(i))} {b.DroppedAttributes[i]} " +
        $"events {Each(b.EventsOf(i), e => $"{b.Events.TimeUnixNano[e]} [{S(b.Text, b.Events.Name[e])}] {Attributes(b.Text, b.Events.Attributes, b.Events.AttributesOf(e))}")} {b.DroppedEvents[i]} " +
        $"links {Each(b.LinksOf(i), l => $"{b.Links.TraceId[l]} {b.Links.SpanId[l]} [{S(b.Text, b.Links.TraceState[l])}] {b.Links.Flags[l]} {Attributes(b.Text, b.Links.Attributes, b.Links.AttributesOf(l))}")} {b.DroppedLinks[i]}");

    public static string Of(LogBatch b) => Lines(b.Count, i => $"{Origin(b.Text, b.Resources, b.Resource[i], b.Scopes, b.Scope[i])} " +
        $"{b.TimeUnixNano[i]} {b.ObservedUnixNano[i]} {b.SeverityNumber[i]} [{S(b.Text, b.SeverityText[i])}] {Value(b.Text, b.Body[i])} [{S(b.Text, b.EventName[i])}] " +
        $"{b.TraceId[i]} {b.SpanId[i]} {b.Flags[i]} {Attributes(b.Text, b.Attributes, b.AttributesOf(i))} {b.DroppedAttributes[i]}");

    public static string Of(MetricBatch b) =>
        Lines(b.Count, i => $"{Origin(b.Text, b.Resources, b.Resource[i], b.Scopes, b.Scope[i])} [{S(b.Text, b.Name[i])}] [{S(b.Text, b.Description[i])}] [{S(b.Text, b.Unit[i])}] " +
            $"{b.Kind[i]} {b.Temporality[i]} {b.IsMonotonic[i]} {Attributes(b.Text, b.Metadata, b.MetadataOf(i))} " +
            Points(b, i));

    private static string Points(MetricBatch b, int metric)
    {
        var text = new StringBuilder();
        for (int i = 0; i < b.Numbers.Count; i++)
            if (b.Numbers.Point.Metric[i] == metric) text.Append(Point(b, b.Numbers.Point, i)).Append(' ').Append(Value(b.Text, b.Numbers.Value[i])).Append(Exemplars(b, b.Numbers.Exemplars, b.Numbers.ExemplarsOf(i)));
        var h = b.Histograms;
        for (int i = 0; i < h.Count; i++)
            if (h.Point.Metric[i] == metric)
                text.Append(Point(b, h.Point, i)).Append(CultureInfo.InvariantCulture, $" {h.Observations[i]} {h.Parts[i]} {h.Sum[i]:R} {h.Min[i]:R} {h.Max[i]:R} ")
                    .Append(Each(h.BucketCountsOf(i), n => $"{h.BucketCounts[n]}")).Append(Each(h.BoundsOf(i), n => R(h.Bounds[n]))).Append(Exemplars(b, h.Exemplars, h.ExemplarsOf(i)));
        var x = b.Exponentials;
        for (int i = 0; i < x.Count; i++)
            if (x.Point.Metric[i] == metric)
                text.Append(Point(b, x.Point, i)).Append(CultureInfo.InvariantCulture, $" {x.Observations[i]} {x.Parts[i]} {x.Sum[i]:R} {x.Min[i]:R} {x.Max[i]:R} {x.Scale[i]} {x.ZeroCount[i]} {x.ZeroThreshold[i]:R} {x.PositiveOffset[i]} ")
                    .Append(Each(x.PositiveCountsOf(i), n => $"{x.PositiveCounts[n]}")).Append(CultureInfo.InvariantCulture, $" {x.NegativeOffset[i]} ")
                    .Append(Each(x.NegativeCountsOf(i), n => $"{x.NegativeCounts[n]}")).Append(Exemplars(b, x.Exemplars, x.ExemplarsOf(i)));
        var s = b.Summaries;
        for (int i = 0; i < s.Count; i++)
            if (s.Point.Metric[i] == metric)
                text.Append(Point(b, s.Point, i)).Append(CultureInfo.InvariantCulture, $" {s.Observations[i]} {s.Sum[i]:R} ")
                    .Append(Each(s.QuantilesOf(i), n => $"{R(s.Quantile[n])}={R(s.QuantileValue[n])}"));
        return text.ToString();
    }

    private static string Point(MetricBatch b, PointColumns p, int i) =>
        $"\n  point {p.StartUnixNano[i]} {p.TimeUnixNano[i]} {p.Flags[i]} {Attributes(b.Text, p.Attributes, p.AttributesOf(i))} {p.DroppedAttributes[i]}";

    private static string Exemplars(MetricBatch b, ExemplarColumns e, Range range) => " exemplars " +
        Each(range, i => $"{e.TimeUnixNano[i]} {Value(b.Text, e.Value[i])} {e.TraceId[i]} {e.SpanId[i]} {Attributes(b.Text, e.Attributes, e.AttributesOf(i))}");

    private static string Origin(TextArena t, ResourceColumns r, int i, ScopeColumns s, int j) =>
        $"resource {Attributes(t, r.Attributes, r.AttributesOf(i))} {r.DroppedAttributes[i]} [{S(t, r.SchemaUrl[i])}] " +
        $"scope [{S(t, s.Name[j])}] [{S(t, s.Version[j])}] {Attributes(t, s.Attributes, s.AttributesOf(j))} {s.DroppedAttributes[j]} [{S(t, s.SchemaUrl[j])}]";

    public static string Attributes(TextArena t, AttributeColumns a, Range range) => Each(range, i => $"{S(t, a.Key[i])}={Value(t, a.Value[i])}");

    public static string Value(TextArena t, AnyValue v) => (char)v.TypeCode + ":" + v.Type switch
    {
        Batches.ValueType.Empty => "",
        Batches.ValueType.Bool => v.Bool ? "true" : "false",
        Batches.ValueType.Int => v.Int.ToString(CultureInfo.InvariantCulture),
        Batches.ValueType.Double => R(v.Double),
        _ => S(t, v.Text),
    };

    public static string R(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string S(TextArena t, Text text) => t.GetString(text);

    private static string Each(Range range, Func<int, string> one)
    {
        var parts = new List<string>();
        for (int i = range.Start.Value; i < range.End.Value; i++) parts.Add(one(i));
        return "{" + string.Join("; ", parts) + "}";
    }

    private static string Lines(int count, Func<int, string> one) => string.Join("\n", Enumerable.Range(0, count).Select(one));
}
