using Waybill.Batches;
using Waybill.Spans;

namespace Waybill.Zipkin;

/// <summary>One side of a Zipkin span.</summary>
internal struct ZipkinEndpoint
{
    public Text ServiceName, Address;
    public uint Port;
}

/// <summary>A Zipkin v2 span while it is read: its fields, and what OpenTelemetry's Zipkin exporter hides in tags.</summary>
internal struct ZipkinSpan
{
    public TraceId TraceId;
    public SpanId Id, ParentId;
    public bool ParentFits, Shared, Debug, HasError;
    public SpanKind Kind;
    public Text Name, ErrorMessage, ScopeName, ScopeVersion;
    /// <summary>Microseconds since 1970, and microseconds.</summary>
    public ulong Timestamp, Duration;
    public SpanStatus Status;
    public uint DroppedAttributes, DroppedEvents;
    public ZipkinEndpoint Local, Remote;
    public int AttributesFirst, EventsFirst;
}
