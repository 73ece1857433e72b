using System.Globalization;
using System.Text;
using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>The lines of <see cref="Descriptions"/> computed from the messages themselves.</summary>
internal static class Expectations
{
    private const string NoTrace = "00000000000000000000000000000000", NoSpan = "0000000000000000";

    public static string OfTraces(Message request) => Items(request, "resourceSpans", "scopeSpans", "spans", s =>
        $"{Id(s, "traceId", NoTrace)} {Id(s, "spanId", NoSpan)} {Id(s, "parentSpanId", NoSpan)} [{T(s, "traceState")}] {s.Get("flags", 0u)} [{T(s, "name")}] {N(s, "kind")} " +
        $"{N(s, "startTimeUnixNano")} {N(s, "endTimeUnixNano")} {N(s.Child("status"), "code")} [{T(s.Child("status"), "message")}] {Attributes(s)} {N(s, "droppedAttributesCount")} " +
        $"events {Each(s.All("events"), e => $"{N(e, "timeUnixNano")} [{T(e, "name")}] {Attributes(e)}")} 0 " +
        $"links {Each(s.All("links"), l => $"{Id(l, "traceId", NoTrace)} {Id(l, "spanId", NoSpan)} [{T(l, "traceState")}] {l.Get("flags", 0u)} {Attributes(l)}")} 0");

    public static string OfLogs(Message request) => Items(request, "resourceLogs", "scopeLogs", "logRecords", r =>
        $"{N(r, "timeUnixNano")} {N(r, "observedTimeUnixNano")} {N(r, "severityNumber")} [{T(r, "severityText")}] {Value(r.Child("body"))} [{T(r, "eventName")}] " +
        $"{Id(r, "traceId", NoTrace)} {Id(r, "spanId", NoSpan)} {r.Get("flags", 0u)} {Attributes(r)} 0");

    public static string OfMetrics(Message request) => Items(request, "resourceMetrics", "scopeMetrics", "metrics", m =>
    {
        var kind = new[] { MetricKind.Gauge, MetricKind.Sum, MetricKind.Histogram, MetricKind.ExponentialHistogram, MetricKind.Summary }.First(k => m.Fields.Any(f => f.Number == (int)k));
        var data = (Message)m.Fields.First(f => f.Number == (int)kind).Value;
        return $"[{T(m, "name")}] [{T(m, "description")}] [{T(m, "unit")}] {kind} {(Temporality)N(data, "aggregationTemporality")} {data.Get("isMonotonic", false)} {Attributes(m, "metadata")} " +
            string.Concat(data.All("dataPoints").Select(p => $"\n  point {N(p, "startTimeUnixNano")} {N(p, "timeUnixNano")} {N(p, "flags")} {Attributes(p)} 0" + Point(kind, p)));
    });

    private static string Point(MetricKind kind, Message p) => kind switch
    {
        MetricKind.Histogram => $" {Parts(p)} {Each(p.Get<ulong[]>("bucketCounts", []), n => $"{n}")}{Each(p.Get<double[]>("explicitBounds", []), Descriptions.R)}{Exemplars(p)}",
        MetricKind.ExponentialHistogram => $" {Parts(p)} {p.Get("scale", 0)} {N(p, "zeroCount")} {D(p, "zeroThreshold")} {Buckets(p.Child("positive"))} {Buckets(p.Child("negative"))}{Exemplars(p)}",
        MetricKind.Summary => $" {N(p, "count")} {D(p, "sum")} {Each(p.All("quantileValues"), q => $"{D(q, "quantile")}={D(q, "value")}")}",
        _ => $" {Number(p)}{Exemplars(p)}",
    };

    private static string Parts(Message p)
    {
        var parts = (Has(p, "sum") ? HistogramParts.Sum : 0) | (Has(p, "min") ? HistogramParts.Min : 0) | (Has(p, "max") ? HistogramParts.Max : 0);
        return $"{N(p, "count")} {parts} {D(p, "sum")} {D(p, "min")} {D(p, "max")}";
    }

    private static string Buckets(Message b) => $"{b.Get("offset", 0)} {Each(b.Get<ulong[]>("bucketCounts", []), n => $"{n}")}";
    private static string Exemplars(Message p) => " exemplars " + Each(p.All("exemplars"), e =>
        $"{N(e, "timeUnixNano")} {Number(e)} {Id(e, "traceId", NoTrace)} {Id(e, "spanId", NoSpan)} {Attributes(e, "filteredAttributes")}");
    private static string Number(Message p) => Has(p, "asInt") ? $"i:{p.Get("asInt", 0L)}" : $"d:{D(p, "asDouble")}";

    private static string Items(Message request, string resources, string scopes, string items, Func<Message, string> item) => string.Join("\n",
        from r in request.All(resources)
        from s in r.All(scopes)
        from i in s.All(items)
        select $"resource {Attributes(r.Child("resource"))} {N(r.Child("resource"), "droppedAttributesCount")} [{T(r, "schemaUrl")}] " +
            $"scope [{T(s.Child("scope"), "name")}] [{T(s.Child("scope"), "version")}] {Attributes(s.Child("scope"))} 0 [{T(s, "schemaUrl")}] {item(i)}");

    private static string Attributes(Message m, string name = "attributes") => Each(m.All(name), a => $"{T(a, "key")}={Value(a.Child("value"))}");

    private static string Value(Message v) => v.Fields is [] ? "n:" : v.Fields[^1] switch
    {
        { Value: string s } => $"s:{s}",
        { Value: bool b } => b ? "b:true" : "b:false",
        { Value: long n } => $"i:{n}",
        { Value: double d } => $"d:{Descriptions.R(d)}",
        { Value: byte[] b } => $"x:{Convert.ToBase64String(b)}",
        _ => $"j:{Json(v)}",
    };

    /// <summary>The compact JSON that nested values are kept as, written the slow and obvious way.</summary>
    public static string Json(Message v) => v.Fields is [] ? "null" : v.Fields[^1] switch
    {
        { Value: string s } => Quote(s),
        { Value: bool b } => b ? "true" : "false",
        { Value: long n } => n.ToString(CultureInfo.InvariantCulture),
        { Value: double d } when !double.IsFinite(d) => $$"""{"$double":"{{(double.IsNaN(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity")}}"}""",
        { Value: double d } => Descriptions.R(d) is var r && r.AsSpan().ContainsAny('.', 'E') ? r : r + ".0",
        { Value: byte[] b } => $$"""{"$bytes":"{{Convert.ToBase64String(b)}}"}""",
        { Name: "arrayValue", Value: Message a } => "[" + string.Join(",", a.All("values").Select(Json)) + "]",
        { Value: Message l } => "{" + string.Join(",", l.All("values").Select(p => Quote(T(p, "key") is ['$', ..] k ? "$" + k : T(p, "key")) + ":" + Json(p.Child("value")))) + "}",
        _ => throw new InvalidOperationException("No such value."),
    };

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
            quoted.Append(c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\t' => "\\t", '\r' => "\\r", < ' ' => $"\\u{(int)c:x4}", _ => c.ToString() });
        return quoted.Append('"').ToString();
    }

    private static bool Has(Message m, string name) => m.Fields.Any(f => f.Name == name);
    private static string T(Message m, string name) => m.Get(name, "");
    private static ulong N(Message m, string name) => m.Get(name, 0UL);
    private static string D(Message m, string name) => Descriptions.R(m.Get(name, 0.0));
    private static string Id(Message m, string name, string absent) => m.Get<byte[]?>(name, null) is { } id ? Convert.ToHexStringLower(id) : absent;
    private static string Each<T>(IEnumerable<T> items, Func<T, string> one) => "{" + string.Join("; ", items.Select(one)) + "}";
}
