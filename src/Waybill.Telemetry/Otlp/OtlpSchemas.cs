using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>The names of OTLP's and Zipkin's fields, for error texts. Numbers from opentelemetry-proto 1.11 and zipkin-api 1.0.</summary>
internal static class OtlpSchemas
{
    public static readonly ProtoSchema AnyValue = Of((1, "string_value"), (2, "bool_value"), (3, "int_value"), (4, "double_value"),
        (5, "array_value", false, () => ArrayValue!), (6, "kvlist_value", false, () => KeyValueList!), (7, "bytes_value"));
    public static readonly ProtoSchema KeyValue = Of((1, "key"), (2, "value", false, () => AnyValue));
    public static readonly ProtoSchema ArrayValue = Of((1, "values", true, () => AnyValue));
    public static readonly ProtoSchema KeyValueList = Of((1, "values", true, () => KeyValue));
    private static readonly ProtoSchema Resource = Of(Attributes(1), (2, "dropped_attributes_count"), (3, "entity_refs", true, null));
    private static readonly ProtoSchema Scope = Of((1, "name"), (2, "version"), Attributes(3), (4, "dropped_attributes_count"));

    private static readonly ProtoSchema Event = Of((1, "time_unix_nano"), (2, "name"), Attributes(3), (4, "dropped_attributes_count"));
    private static readonly ProtoSchema Link = Of((1, "trace_id"), (2, "span_id"), (3, "trace_state"), Attributes(4), (5, "dropped_attributes_count"), (6, "flags"));
    private static readonly ProtoSchema Status = Of((2, "message"), (3, "code"));
    private static readonly ProtoSchema Span = Of((1, "trace_id"), (2, "span_id"), (3, "trace_state"), (4, "parent_span_id"), (5, "name"), (6, "kind"),
        (7, "start_time_unix_nano"), (8, "end_time_unix_nano"), Attributes(9), (10, "dropped_attributes_count"), (11, "events", true, () => Event),
        (12, "dropped_events_count"), (13, "links", true, () => Link), (14, "dropped_links_count"), (15, "status", false, () => Status), (16, "flags"));
    private static readonly ProtoSchema LogRecord = Of((1, "time_unix_nano"), (2, "severity_number"), (3, "severity_text"), (5, "body", false, () => AnyValue),
        Attributes(6), (7, "dropped_attributes_count"), (8, "flags"), (9, "trace_id"), (10, "span_id"), (11, "observed_time_unix_nano"), (12, "event_name"));

    private static readonly ProtoSchema Exemplar = Of((2, "time_unix_nano"), (3, "as_double"), (4, "span_id"), (5, "trace_id"), (6, "as_int"),
        (7, "filtered_attributes", true, () => KeyValue));
    private static readonly ProtoSchema NumberPoint = Of((2, "start_time_unix_nano"), (3, "time_unix_nano"), (4, "as_double"), Exemplars(5), (6, "as_int"),
        Attributes(7), (8, "flags"));
    private static readonly ProtoSchema HistogramPoint = Of((2, "start_time_unix_nano"), (3, "time_unix_nano"), (4, "count"), (5, "sum"), (6, "bucket_counts"),
        (7, "explicit_bounds"), Exemplars(8), Attributes(9), (10, "flags"), (11, "min"), (12, "max"));
    private static readonly ProtoSchema Buckets = Of((1, "offset"), (2, "bucket_counts"));
    private static readonly ProtoSchema ExponentialPoint = Of(Attributes(1), (2, "start_time_unix_nano"), (3, "time_unix_nano"), (4, "count"), (5, "sum"),
        (6, "scale"), (7, "zero_count"), (8, "positive", false, () => Buckets), (9, "negative", false, () => Buckets), (10, "flags"), Exemplars(11),
        (12, "min"), (13, "max"), (14, "zero_threshold"));
    private static readonly ProtoSchema SummaryPoint = Of((2, "start_time_unix_nano"), (3, "time_unix_nano"), (4, "count"), (5, "sum"),
        (6, "quantile_values", true, () => Of((1, "quantile"), (2, "value"))), Attributes(7), (8, "flags"));
    private static readonly ProtoSchema Metric = Of((1, "name"), (2, "description"), (3, "unit"), Data(5, "gauge", NumberPoint), Data(7, "sum", NumberPoint),
        Data(9, "histogram", HistogramPoint), Data(10, "exponential_histogram", ExponentialPoint), Data(11, "summary", SummaryPoint),
        (12, "metadata", true, () => KeyValue));

    public static readonly ProtoSchema Traces = Request("resource_spans", "scope_spans", "spans", Span);
    public static readonly ProtoSchema Logs = Request("resource_logs", "scope_logs", "log_records", LogRecord);
    public static readonly ProtoSchema Metrics = Request("resource_metrics", "scope_metrics", "metrics", Metric);

    private static readonly ProtoSchema Endpoint = Of((1, "service_name"), (2, "ipv4"), (3, "ipv6"), (4, "port"));
    public static readonly ProtoSchema Zipkin = Of((1, "spans", true, () => Of((1, "trace_id"), (2, "parent_id"), (3, "id"), (4, "kind"), (5, "name"),
        (6, "timestamp"), (7, "duration"), (8, "local_endpoint", false, () => Endpoint), (9, "remote_endpoint", false, () => Endpoint),
        (10, "annotations", true, () => Of((1, "timestamp"), (2, "value"))), (11, "tags", true, () => Of((1, "key"), (2, "value"))), (12, "debug"), (13, "shared"))));

    private static ProtoSchema Request(string resources, string scopes, string items, ProtoSchema item) =>
        Of((1, resources, true, () => Of((1, "resource", false, () => Resource), (3, "schema_url"),
            (2, scopes, true, () => Of((1, "scope", false, () => Scope), (2, items, true, () => item), (3, "schema_url"))))));

    private static Field Attributes(int number) => (number, "attributes", true, () => KeyValue);
    private static Field Exemplars(int number) => (number, "exemplars", true, () => Exemplar);
    private static Field Data(int number, string name, ProtoSchema point) =>
        (number, name, false, () => Of((1, "data_points", true, () => point), (2, "aggregation_temporality"), (3, "is_monotonic")));

    private static ProtoSchema Of(params Field[] fields) => new() { Fields = Array.ConvertAll(fields, f => (f.Number, f.Name, f.Repeated, f.Message)) };

    private readonly record struct Field(int Number, string Name, bool Repeated, Func<ProtoSchema>? Message)
    {
        public static implicit operator Field((int Number, string Name) f) => new(f.Number, f.Name, false, null);
        public static implicit operator Field((int Number, string Name, bool Repeated, Func<ProtoSchema>? Message) f) => new(f.Number, f.Name, f.Repeated, f.Message);
    }
}
