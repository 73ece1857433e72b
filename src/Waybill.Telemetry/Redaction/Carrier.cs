namespace Waybill.Redaction;

/// <summary>Whose text it is.</summary>
public enum RedactedSignal : byte { Traces, Logs, Metrics, Changes, Audit }

/// <summary>Where in an item a text stands.</summary>
public enum Carrier : byte
{
    ResourceAttribute, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttribute, ScopeSchemaUrl,
    SpanName, SpanAttribute, SpanStatusMessage, SpanTraceState, EventName, EventAttribute, LinkAttribute, LinkTraceState,
    LogBody, LogSeverityText, LogEventName, LogAttribute,
    MetricName, MetricDescription, MetricUnit, MetricMetadata, PointAttribute, ExemplarAttribute,
    /// <summary>A text of another room.</summary>
    Text,
}

public static class Carriers
{
    private static readonly string[] Names =
    [
        "resource.attributes", "resource.schema_url", "scope.name", "scope.version", "scope.attributes", "scope.schema_url",
        "span.name", "span.attributes", "span.status_message", "span.trace_state", "event.name", "event.attributes", "link.attributes", "link.trace_state",
        "log.body", "log.severity_text", "log.event_name", "log.attributes",
        "metric.name", "metric.description", "metric.unit", "metric.metadata", "point.attributes", "exemplar.attributes",
        "text",
    ];

    private static readonly string[] SignalNames = ["traces", "logs", "metrics", "changes", "audit"];

    public static int Count => Names.Length;
    public static IReadOnlyList<string> AllNames => Names;
    public static IReadOnlyList<string> AllSignalNames => SignalNames;

    public static string Name(this Carrier carrier) => Names[(int)carrier];
    public static string Name(this RedactedSignal signal) => SignalNames[(int)signal];

    public static bool TryParse(string name, out Carrier carrier)
    {
        int index = Array.IndexOf(Names, name);
        carrier = (Carrier)Math.Max(0, index);
        return index >= 0;
    }

    public static bool TryParse(string name, out RedactedSignal signal)
    {
        int index = Array.IndexOf(SignalNames, name);
        signal = (RedactedSignal)Math.Max(0, index);
        return index >= 0;
    }

    /// <summary>Free text and attributes, which an allow-list must name; names of spans, metrics and scopes are vocabulary and pass.</summary>
    public static bool NeedsAllowing(this Carrier carrier) => carrier is
        Carrier.ResourceAttribute or Carrier.ScopeAttribute or Carrier.SpanAttribute or Carrier.EventAttribute or Carrier.LinkAttribute or Carrier.LogAttribute or
        Carrier.MetricMetadata or Carrier.PointAttribute or Carrier.ExemplarAttribute or Carrier.LogBody or Carrier.SpanStatusMessage;
}
