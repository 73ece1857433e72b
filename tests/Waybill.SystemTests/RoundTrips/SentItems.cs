using System.Text.Json;
using static Waybill.RoundTrips.Values;

namespace Waybill.RoundTrips;

/// <summary>What a request says, item by item, every field in one line of text; from OTLP/JSON, the form in which every client can tell what it sent.</summary>
internal static class SentItems
{
    public static string[] Spans(JsonElement request) => Items(request, "resourceSpans", "scopeSpans", "spans", (span, origin) => [$"""
        span {Id(span, "traceId", 32)} {Id(span, "spanId", 16)} parent {Id(span, "parentSpanId", 16)} state [{Text(span, "traceState")}] flags {Number(span, "flags")}
          name [{Text(span, "name")}] kind {Number(span, "kind")} from {Number(span, "startTimeUnixNano")} to {Number(span, "endTimeUnixNano")} status {Number(Child(span, "status"), "code")} [{Text(Child(span, "status"), "message")}]
          attributes {Attributes(span)}
          events {string.Join(" | ", All(span, "events").Select(item => $"{Number(item, "timeUnixNano")} [{Text(item, "name")}] {Attributes(item)} dropped {Number(item, "droppedAttributesCount")}"))}
          links {string.Join(" | ", All(span, "links").Select(link => $"{Id(link, "traceId", 32)} {Id(link, "spanId", 16)} [{Text(link, "traceState")}] flags {Number(link, "flags")} {Attributes(link)} dropped {Number(link, "droppedAttributesCount")}"))}
          dropped {Number(span, "droppedAttributesCount")} {Number(span, "droppedEventsCount")} {Number(span, "droppedLinksCount")}
        {origin}
        """]);

    public static string[] Logs(JsonElement request) => Items(request, "resourceLogs", "scopeLogs", "logRecords", (record, origin) =>
    {
        var (letter, text) = OfOtlp(Child(record, "body"));
        return [$"""
            log {Number(record, "timeUnixNano")} observed {Number(record, "observedTimeUnixNano")} severity {Number(record, "severityNumber")} [{Text(record, "severityText")}] event [{Text(record, "eventName")}]
              body {letter}:[{text}]
              trace {Id(record, "traceId", 32)} {Id(record, "spanId", 16)} flags {Number(record, "flags")} dropped {Number(record, "droppedAttributesCount")}
              attributes {Attributes(record)}
            {origin}
            """];
    });

    /// <summary>One item a data point.</summary>
    public static string[] Points(JsonElement request) => Items(request, "resourceMetrics", "scopeMetrics", "metrics", (metric, origin) =>
    {
        var (field, number) = new[] { ("gauge", 5), ("sum", 7), ("histogram", 9), ("exponentialHistogram", 10), ("summary", 11) }.First(kind => metric.TryGetProperty(kind.Item1, out _));
        JsonElement data = metric.GetProperty(field);
        string head = $"metric [{Text(metric, "name")}] [{Text(metric, "description")}] [{Text(metric, "unit")}] kind {number} temporality {Number(data, "aggregationTemporality")} " +
            $"monotonic {(data.TryGetProperty("isMonotonic", out var monotonic) && monotonic.GetBoolean() ? 1 : 0)} metadata {Attributes(metric, "metadata")}";
        return All(data, "dataPoints").Select(point => $"""
            {head}
              from {Number(point, "startTimeUnixNano")} at {Number(point, "timeUnixNano")} flags {Number(point, "flags")} attributes {Attributes(point)}
              {(number <= 7 ? Value(point) : Distribution(point, number))}
              exemplars {Exemplars(point)}
            {origin}
            """);
    });

    private static string Distribution(JsonElement point, int kind)
    {
        JsonElement positive = Child(point, "positive"), negative = Child(point, "negative");
        string counts = Numbers(kind == 10 ? positive : point, "bucketCounts");
        string bounds = kind == 11 ? Each(All(point, "quantileValues").Select(q => RealOf(q, "quantile"))) : Each(All(point, "explicitBounds").Select(bound => Real(Double(bound))));
        string quantiles = Each(All(point, "quantileValues").Select(q => RealOf(q, "value")));
        // A summary always has a sum, and neither smallest nor largest value.
        return $"count {Number(point, "count")} sum {Part(point, "sum", kind == 11)} min {Part(point, "min", false)} max {Part(point, "max", false)} bounds {bounds} counts {counts} quantiles {quantiles} " +
            $"scale {Number(point, "scale")} zero {Number(point, "zeroCount")} {RealOf(point, "zeroThreshold")} positive {Number(positive, "offset")} negative {Number(negative, "offset")} {Numbers(negative, "bucketCounts")}";
    }

    private static string Exemplars(JsonElement point) => string.Join(" | ", All(point, "exemplars")
        .Select(e => $"{Number(e, "timeUnixNano")} {Value(e)} {Id(e, "traceId", 32)} {Id(e, "spanId", 16)} {Attributes(e, "filteredAttributes")}").Order(StringComparer.Ordinal));

    private static string Value(JsonElement point) =>
        point.TryGetProperty("asInt", out var whole) ? $"value i:{whole}" : point.TryGetProperty("asDouble", out var real) ? $"value d:{Real(Double(real))}" : "value n:";

    private static string[] Items(JsonElement request, string resources, string scopes, string items, Func<JsonElement, string, IEnumerable<string>> of) =>
    [.. (from resource in All(request, resources)
        from scope in All(resource, scopes)
        from item in All(scope, items)
        from line in of(item, Origin(resource, scope))
        select line).Order(StringComparer.Ordinal)];

    private static string Origin(JsonElement resource, JsonElement scope)
    {
        JsonElement source = Child(resource, "resource"), library = Child(scope, "scope");
        return $"  resource {Attributes(source)} dropped {Number(source, "droppedAttributesCount")} schema [{Text(resource, "schemaUrl")}]\n" +
            $"  scope [{Text(library, "name")}] [{Text(library, "version")}] {Attributes(library)} dropped {Number(library, "droppedAttributesCount")} schema [{Text(scope, "schemaUrl")}]";
    }

    private static string Attributes(JsonElement owner, string name = "attributes") => Sorted(All(owner, name).Select(pair =>
    {
        var (letter, text) = pair.TryGetProperty("value", out var value) ? OfOtlp(value) : ('n', "");
        return $"{letter}:{pair.GetProperty("key").GetString()}={text}";
    }));

    private static string Part(JsonElement point, string name, bool always) => always || point.TryGetProperty(name, out _) ? RealOf(point, name) : "-";
    private static string RealOf(JsonElement owner, string name) => owner.TryGetProperty(name, out var value) ? Real(Double(value)) : "0";
    private static string Numbers(JsonElement owner, string name) => Each(All(owner, name).Select(number => number.ToString()));
    private static string Each(IEnumerable<string> texts) => $"[{string.Join(",", texts)}]";
    private static string Number(JsonElement owner, string name) => Has(owner, name, out var value) ? value.ToString() : "0";
    private static string Text(JsonElement owner, string name) => Has(owner, name, out var value) ? value.GetString()! : "";
    private static string Id(JsonElement owner, string name, int digits) => Text(owner, name) is { Length: > 0 } hex ? hex.ToLowerInvariant() : new string('0', digits);
    private static JsonElement Child(JsonElement owner, string name) => Has(owner, name, out var value) ? value : default;
    private static JsonElement.ArrayEnumerator All(JsonElement owner, string name) => Has(owner, name, out var value) ? value.EnumerateArray() : default;

    private static bool Has(JsonElement owner, string name, out JsonElement value)
    {
        value = default;
        return owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out value);
    }
}
