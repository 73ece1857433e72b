using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Waybill.Traces;

// What TraceJson and LogJson write, span by span, without ever making these objects: the OpenAPI document is made from them, and a test
// holds real answers against it. What has a default value here may be left out of an answer.

/// <summary>A trace in the order of a waterfall: depth first, siblings by start.</summary>
/// <param name="Root">The earliest span without a parent, else the earliest of all; left out when there are only log records.</param>
/// <param name="SpanCount">Spans of this answer, duplicates left out. Stored ones, not weighted.</param>
/// <param name="OrphanCount">Spans that name a parent that was not received.</param>
/// <param name="DuplicateCount">Exact repetitions of a span, left out.</param>
/// <param name="Resources">By id, as <c>spans[].resource</c> names them.</param>
/// <param name="Scopes">By id; left out of a skeleton.</param>
/// <param name="Logs">Log records that name the trace, by time; left out of a skeleton.</param>
public sealed record TraceDocument(
    string TraceId, [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, int SpanCount, int ErrorCount, int OrphanCount, int DuplicateCount,
    IReadOnlyList<TraceService> Services, IReadOnlyDictionary<string, TraceResource> Resources, IReadOnlyList<TraceSpan> Spans,
    TraceRoot? Root = null, string StartUnixNano = "", long DurationNano = 0, IReadOnlyDictionary<string, TraceScope>? Scopes = null, IReadOnlyList<LogDocument>? Logs = null);

public sealed record TraceRoot(string Service, string Name, string SpanId);

public sealed record TraceService(string Name, int SpanCount, int ErrorCount);

/// <param name="Attributes">Values keep their type: a double has a fraction or exponent, bytes are <c>{"$bytes":"base64"}</c>, NaN is <c>{"$double":"NaN"}</c>.</param>
/// <param name="ClockSkew">How far this resource's clock seems to be ahead of the root's; left out when nothing contradicts it. Times are never altered by it.</param>
public sealed record TraceResource(
    string Service, IReadOnlyDictionary<string, JsonElement> Attributes, string SchemaUrl = "", long DroppedAttributes = 0, SkewEstimate? ClockSkew = null);

public sealed record SkewEstimate(long OffsetNano, long UncertaintyNano);

public sealed record TraceScope(string Name, IReadOnlyDictionary<string, JsonElement> Attributes, string Version = "", string SchemaUrl = "", long DroppedAttributes = 0);

/// <param name="Depth">Levels below its root.</param>
/// <param name="DurationNano">End less start as sent; negative when the sender's clock ran back.</param>
/// <param name="Resource">Key of <c>resources</c>.</param>
/// <param name="ParentSpanId">Left out of a root.</param>
/// <param name="Orphan">Its parent was not received.</param>
/// <param name="Cycle">Following its parents led back to itself; the chain was cut here.</param>
/// <param name="SharedId">Another, different span of the trace has the same id.</param>
/// <param name="Quarantined">Its times cannot be right.</param>
/// <param name="Weight">How many spans it stands for; left out when it is 1.</param>
/// <param name="Scope">Key of <c>scopes</c>. This and what follows is left out of a skeleton.</param>
public sealed record TraceSpan(
    string SpanId, int Depth, string Service, string Name, [AllowedValues("unspecified", "internal", "server", "client", "producer", "consumer")] string Kind, string StartUnixNano, long DurationNano, [AllowedValues("unset", "ok", "error")] string Status, string Resource,
    string ParentSpanId = "", bool Orphan = false, bool Cycle = false, bool SharedId = false, bool Quarantined = false, string StatusMessage = "", string TraceState = "",
    uint Flags = 0, double Weight = 1, string Scope = "", uint DroppedAttributes = 0, uint DroppedEvents = 0, uint DroppedLinks = 0,
    IReadOnlyDictionary<string, JsonElement>? Attributes = null, IReadOnlyList<SpanEvent>? Events = null, IReadOnlyList<SpanLink>? Links = null);

public sealed record SpanEvent(string TimeUnixNano, string Name, IReadOnlyDictionary<string, JsonElement> Attributes, uint DroppedAttributes = 0);

public sealed record SpanLink(
    string TraceId, string SpanId, uint Flags, IReadOnlyDictionary<string, JsonElement> Attributes, string TraceState = "", uint DroppedAttributes = 0);

/// <param name="TimeUnixNano">When it happened, as sent; 0 when the sender did not say.</param>
/// <param name="Severity">OTLP SeverityNumber, 0 to 24; 17 and up are errors.</param>
/// <param name="Body">Text mostly, else any JSON.</param>
public sealed record LogDocument(
    string TimeUnixNano, string ObservedUnixNano, string Service, int Severity, JsonElement Body, uint Flags, string Resource, string Scope,
    IReadOnlyDictionary<string, JsonElement> Attributes, string SeverityText = "", string EventName = "", string SpanId = "", uint DroppedAttributes = 0);
