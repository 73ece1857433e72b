using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>A trace in memory, as the interpreter reads it.</summary>
public sealed record Trace(string TraceId, IReadOnlyList<TraceSpan> Spans);

public sealed record TraceSpan
{
    /// <summary>16 lower-case hexadecimal digits.</summary>
    public required string SpanId { get; init; }

    /// <summary>Empty for a root.</summary>
    public string ParentId { get; init; } = "";

    public string Name { get; init; } = "";
    public SpanKind Kind { get; init; }
    public SpanStatus Status { get; init; }
    public string StatusMessage { get; init; } = "";
    public long StartUnixNano { get; init; }
    public long DurationNano { get; init; }

    /// <summary>How many spans it stands for.</summary>
    public double Weight { get; init; } = 1;

    public AttributeSet Attributes { get; init; } = AttributeSet.None;
    public AttributeSet Resource { get; init; } = AttributeSet.None;
    public string InstrumentationName { get; init; } = "";
    public string InstrumentationVersion { get; init; } = "";
    public AttributeSet Instrumentation { get; init; } = AttributeSet.None;
    public IReadOnlyList<TraceEvent> Events { get; init; } = [];
    public IReadOnlyList<TraceLink> Links { get; init; } = [];

    public override string ToString() =>
        $"{SpanId} under '{ParentId}' {Name} {Kind} {Status} '{StatusMessage}' at {StartUnixNano} for {DurationNano} span{Attributes} resource{Resource} " +
        $"scope {InstrumentationName} {InstrumentationVersion}{Instrumentation} events[{string.Join(", ", Events)}] links[{string.Join(", ", Links)}]";
}

public sealed record TraceEvent(string Name, long UnixNano, AttributeSet Attributes);

public sealed record TraceLink(string TraceId, string SpanId, AttributeSet Attributes);

/// <summary>Names and values of one owner.</summary>
public sealed class AttributeSet : Dictionary<string, Value>
{
    public static readonly AttributeSet None = [];

    public AttributeSet() : base(StringComparer.Ordinal) { }

    public void Add(string name, Static value) => Add(name, Value.Of(value));

    public override string ToString() => $"({string.Join(", ", this.Select(pair => $"{pair.Key}={pair.Value}"))})";
}
