namespace Waybill.Waterfalls;

/// <summary>What is doubtful about a span's place or time.</summary>
[Flags]
internal enum SpanDoubt : byte
{
    None = 0,
    Orphan = 1,
    Cycle = 2,
    SharedId = 4,
    Quarantined = 8,
}

/// <summary>A log record or span event. Times are nanoseconds since 1970.</summary>
/// <param name="Severity">OTLP severity number, 1 to 24; 0 for an event or when unknown.</param>
internal sealed record ShownLog(long TimeUnixNano, int Severity, string Level, string Service, string Text)
{
    /// <summary>OTLP: 13 is the lowest WARN, 17 the lowest ERROR.</summary>
    public const int Warn = 13, Error = 17;
}

/// <summary>A span as a waterfall needs it, in the order of the waterfall.</summary>
/// <param name="Failure">Type and message of its exception, or its status message; empty when it gave none.</param>
/// <param name="Attributes">As <c>key=value</c>, only when they were asked for.</param>
internal sealed record ShownSpan(
    int Depth, string Service, string Name, string SpanId, string ParentId, string Resource, long StartUnixNano, long DurationNano, bool IsError, string Failure,
    SpanDoubt Doubt, IReadOnlyList<ShownLog> Events, IReadOnlyList<string> Attributes)
{
    /// <summary>A span that ends before it begins has no length; its own duration shows as it is.</summary>
    public long EndUnixNano => StartUnixNano + Math.Max(0, DurationNano);
}

internal sealed record ShownService(string Name, long Spans, long Errors);

/// <summary>A resource's clock against the root's, as the server estimates it.</summary>
internal sealed record ShownSkew(string Service, long OffsetNano, long UncertaintyNano);

/// <summary>Why the trace may not be whole.</summary>
internal sealed record ShownReason(string Reason, string Detail);

/// <summary>A trace as it is shown.</summary>
internal sealed class ShownTrace
{
    public string Id { get; set; } = "";
    public string Status { get; set; } = "";
    public string RootService { get; set; } = "";
    public string RootName { get; set; } = "";
    public long StartUnixNano { get; set; }
    public long DurationNano { get; set; }
    public long SpanCount { get; set; }
    public long ErrorCount { get; set; }
    public List<ShownReason> Reasons { get; } = [];
    public List<ShownService> Services { get; } = [];

    /// <summary>By resource id.</summary>
    public Dictionary<string, ShownSkew> Skews { get; } = [];

    /// <summary>Fewer than <see cref="SpanCount"/> when there are more than were asked for.</summary>
    public List<ShownSpan> Spans { get; } = [];

    /// <summary>By span id; those without a span under the empty id.</summary>
    public Dictionary<string, List<ShownLog>> Logs { get; } = [];
}
