using System.Text.Json;
using Waybill.Processes;
using static Waybill.RoundTrips.Values;

namespace Waybill.RoundTrips;

/// <summary>What a server has, in the words of <see cref="SentItems"/>: spans from its API, logs and metrics from its tables. Everything it has is read, so the server must be the test's own.</summary>
internal static class StoredItems
{
    public static async Task<string[]> Spans(WaybillServer server)
    {
        var spans = new List<string>();
        foreach (JsonElement row in await server.Rows("SELECT DISTINCT lower(hex(trace_id)) AS id FROM (SELECT trace_id FROM spans UNION ALL SELECT trace_id FROM spans_quarantine)"))
        {
            string id = row.GetProperty("id").GetString()!;
            using var trace = await server.Trace(id);
            Assert.True(trace is not null, $"The tables have spans of trace {id}, the API has not.");
            foreach (JsonElement span in trace.RootElement.GetProperty("spans").EnumerateArray()) spans.Add(Span(trace.RootElement, id, span));
        }
        return Ordered(spans);
    }

    public static async Task<string[]> Logs(WaybillServer server)
    {
        var origins = await Origins.Read(server);
        return Ordered((await server.Rows($"""
            SELECT {Nano("happened")}, {Nano("observed")}, severity, severity_text, event_name, body, char(body_type) AS letter, lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, flags, dropped,
                   toString(resource_id) AS resource, toString(scope_id) AS scope, {Attributes("attributes")}
            FROM logs
            """)).Select(row => $"""
            log {S(row, "happened_nano")} observed {S(row, "observed_nano")} severity {S(row, "severity")} [{S(row, "severity_text")}] event [{S(row, "event_name")}]
              body {S(row, "letter")}:[{S(row, "body")}]
              trace {S(row, "trace")} {S(row, "span")} flags {S(row, "flags")} dropped {S(row, "dropped")}
              attributes {Map1(row, "attributes")}
            {origins.Of(S(row, "resource"), S(row, "scope"))}
            """));
    }

    public static async Task<string[]> Points(WaybillServer server)
    {
        var origins = await Origins.Read(server);
        var series = (await server.Rows($"SELECT toString(series_id) AS id, metric, kind, unit, description, temporality, monotonic, toString(resource_id) AS resource, toString(scope_id) AS scope, {Attributes("attributes")}, {Attributes("metadata")} FROM metric_series FINAL"))
            .ToDictionary(row => S(row, "id"));
        var exemplars = (await server.Rows($"SELECT toString(series_id) AS id, {Nano("point_time")}, {Nano("time")}, toString(value) AS real, toString(int_value) AS whole, char(value_type) AS letter, lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, {Attributes("attributes")} FROM metric_exemplars"))
            .ToLookup(row => (S(row, "id"), S(row, "point_time_nano")), row => $"{S(row, "time_nano")} {Value(row)} {S(row, "trace")} {S(row, "span")} {Map1(row, "attributes")}");

        string Point(JsonElement row, string what)
        {
            JsonElement of = series[S(row, "id")];
            return $"""
                metric [{S(of, "metric")}] [{S(of, "description")}] [{S(of, "unit")}] kind {S(of, "kind")} temporality {S(of, "temporality")} monotonic {S(of, "monotonic")} metadata {Map1(of, "metadata")}
                  from {S(row, "start_nano")} at {S(row, "time_nano")} flags {S(row, "flags")} attributes {Map1(of, "attributes")}
                  {what}
                  exemplars {string.Join(" | ", exemplars[(S(row, "id"), S(row, "time_nano"))].Order(StringComparer.Ordinal))}
                {origins.Of(S(of, "resource"), S(of, "scope"))}
                """;
        }

        var numbers = await server.Rows($"SELECT toString(series_id) AS id, {Nano("time")}, {Nano("start")}, toString(value) AS real, toString(int_value) AS whole, char(value_type) AS letter, flags FROM metric_points");
        var distributions = await server.Rows($"""
            SELECT toString(series_id) AS id, {Nano("time")}, {Nano("start")}, flags, toString(count) AS observations, sum, min, max, present, bounds, counts, quantile_values, scale, toString(zero_count) AS zero,
                   zero_threshold, positive_offset, negative_offset, negative_counts
            FROM metric_distributions
            """);
        return Ordered(numbers.Select(row => Point(row, Value(row))).Concat(distributions.Select(row => Point(row, Distribution(row)))));
    }

    private static string Distribution(JsonElement row)
    {
        int present = row.GetProperty("present").GetInt32();
        string Part(int bit, string name) => (present & bit) != 0 ? R(row, name) : "-";
        return $"count {S(row, "observations")} sum {Part(1, "sum")} min {Part(2, "min")} max {Part(4, "max")} bounds {Reals(row, "bounds")} counts {Wholes(row, "counts")} quantiles {Reals(row, "quantile_values")} " +
            $"scale {S(row, "scale")} zero {S(row, "zero")} {R(row, "zero_threshold")} positive {S(row, "positive_offset")} negative {S(row, "negative_offset")} {Wholes(row, "negative_counts")}";
    }

    private static string Span(JsonElement trace, string traceId, JsonElement span)
    {
        ulong start = ulong.Parse(S(span, "startUnixNano"));
        string[] kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"], statuses = ["unset", "ok", "error"];
        return $"""
            span {traceId} {S(span, "spanId")} parent {S(span, "parentSpanId", "0000000000000000")} state [{S(span, "traceState", "")}] flags {S(span, "flags")}
              name [{S(span, "name")}] kind {Array.IndexOf(kinds, S(span, "kind"))} from {start} to {unchecked(start + (ulong)span.GetProperty("durationNano").GetInt64())} status {Array.IndexOf(statuses, S(span, "status"))} [{S(span, "statusMessage", "")}]
              attributes {Json(span)}
              events {string.Join(" | ", All(span, "events").Select(item => $"{S(item, "timeUnixNano")} [{S(item, "name")}] {Json(item)} dropped {S(item, "droppedAttributes", "0")}"))}
              links {string.Join(" | ", All(span, "links").Select(link => $"{S(link, "traceId")} {S(link, "spanId")} [{S(link, "traceState", "")}] flags {S(link, "flags")} {Json(link)} dropped {S(link, "droppedAttributes", "0")}"))}
              dropped {S(span, "droppedAttributes", "0")} {S(span, "droppedEvents", "0")} {S(span, "droppedLinks", "0")}
            {Origin(trace.GetProperty("resources").GetProperty(S(span, "resource")), trace.GetProperty("scopes").GetProperty(S(span, "scope")))}
            """;
    }

    private static string Origin(JsonElement resource, JsonElement scope) =>
        $"  resource {Json(resource)} dropped {S(resource, "droppedAttributes", "0")} schema [{S(resource, "schemaUrl", "")}]\n" +
        $"  scope [{S(scope, "name", "")}] [{S(scope, "version", "")}] {Json(scope)} dropped {S(scope, "droppedAttributes", "0")} schema [{S(scope, "schemaUrl", "")}]";

    private static string Json(JsonElement owner) => Sorted(owner.GetProperty("attributes").EnumerateObject().Select(attribute =>
    {
        var (letter, text) = OfApi(attribute.Value);
        return $"{letter}:{attribute.Name}={text}";
    }));

    private static string Value(JsonElement row) => S(row, "letter") switch
    {
        "i" => $"value i:{S(row, "whole")}",
        "d" => $"value d:{R(row, "real")}",
        var other => $"value {other}:",
    };

    private static string Nano(string column) => $"toString(reinterpretAsUInt64(toUnixTimestamp64Nano({column}))) AS {column}_nano";
    private static string Attributes(string column) => $"arrayMap((k, v) -> concat(k, '=', v), mapKeys({column}), mapValues({column})) AS {column}_pairs";
    private static string[] Ordered(IEnumerable<string> items) => [.. items.Order(StringComparer.Ordinal)];
    private static string Map1(JsonElement row, string name) => Sorted(row.GetProperty(name + "_pairs").EnumerateArray().Select(pair => pair.GetString()!));
    private static string S(JsonElement row, string name) => row.GetProperty(name).ToString();
    private static string S(JsonElement row, string name, string otherwise) => row.TryGetProperty(name, out var value) ? value.ToString() : otherwise;
    private static JsonElement.ArrayEnumerator All(JsonElement owner, string name) => owner.TryGetProperty(name, out var items) ? items.EnumerateArray() : default;
    private static string R(JsonElement row, string name) => Real(Engine(row.GetProperty(name)));
    private static string Reals(JsonElement row, string name) => $"[{string.Join(",", row.GetProperty(name).EnumerateArray().Select(value => Real(Engine(value))))}]";
    private static string Wholes(JsonElement row, string name) => $"[{string.Join(",", row.GetProperty(name).EnumerateArray().Select(value => value.ToString()))}]";

    // The engine writes nan, inf and -inf.
    private static double Engine(JsonElement value) => value.ToString() switch { "nan" or "-nan" => double.NaN, "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, var text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) };

    /// <summary>Resources and scopes by their ids.</summary>
    private sealed record Origins(Dictionary<string, string> Resources, Dictionary<string, string> Scopes)
    {
        public string Of(string resource, string scope) => Resources[resource] + "\n" + Scopes[scope];

        public static async Task<Origins> Read(WaybillServer server) => new(
            (await server.Rows($"SELECT toString(resource_id) AS id, {Attributes("attributes")}, schema_url, dropped FROM resources FINAL"))
                .ToDictionary(row => S(row, "id"), row => $"  resource {Map1(row, "attributes")} dropped {S(row, "dropped")} schema [{S(row, "schema_url")}]"),
            (await server.Rows($"SELECT toString(scope_id) AS id, name, version, {Attributes("attributes")}, schema_url, dropped FROM scopes FINAL"))
                .ToDictionary(row => S(row, "id"), row => $"  scope [{S(row, "name")}] [{S(row, "version")}] {Map1(row, "attributes")} dropped {S(row, "dropped")} schema [{S(row, "schema_url")}]"));
    }
}
