using System.Collections.Frozen;

namespace Waybill.Query.Syntax;

/// <summary>Values that every span or log record has by itself.</summary>
public enum Intrinsic : byte
{
    Duration, Name, Status, StatusMessage, Kind, SpanId, ParentId, ChildCount, NestedSetLeft, NestedSetRight, NestedSetParent,
    RootName, RootServiceName, TraceDuration, TraceId,
    EventName, EventTimeSinceStart, LinkTraceId, LinkSpanId, InstrumentationName, InstrumentationVersion,

    /// <summary>The parent span itself; defined by the language, supported nowhere.</summary>
    Parent,

    // Of log records. TraceId and SpanId are shared.
    Body, Severity, SeverityText, Service, LogEventName,
}

/// <summary>Which names and fields a text may use.</summary>
public enum Dialect : byte { Traces, Logs }

/// <summary>How intrinsics are written and what type they have.</summary>
public static class Intrinsics
{
    private sealed record Entry(Intrinsic Intrinsic, StaticType Type, string Text, string? OtherText = null);

    // The first text is the one that is printed, and labels the results.
    private static readonly Entry[] OfTraces =
    [
        new(Intrinsic.Duration, StaticType.Duration, "duration", "span:duration"),
        new(Intrinsic.Name, StaticType.String, "name", "span:name"),
        new(Intrinsic.Status, StaticType.Status, "status", "span:status"),
        new(Intrinsic.StatusMessage, StaticType.String, "statusMessage", "span:statusMessage"),
        new(Intrinsic.Kind, StaticType.Kind, "kind", "span:kind"),
        new(Intrinsic.SpanId, StaticType.String, "span:id"),
        new(Intrinsic.ParentId, StaticType.String, "span:parentID"),
        new(Intrinsic.ChildCount, StaticType.Int, "span:childCount"),
        new(Intrinsic.NestedSetLeft, StaticType.Int, "nestedSetLeft"),
        new(Intrinsic.NestedSetRight, StaticType.Int, "nestedSetRight"),
        new(Intrinsic.NestedSetParent, StaticType.Int, "nestedSetParent"),
        new(Intrinsic.RootName, StaticType.String, "rootName", "trace:rootName"),
        new(Intrinsic.RootServiceName, StaticType.String, "rootServiceName", "trace:rootService"),
        new(Intrinsic.TraceDuration, StaticType.Duration, "traceDuration", "trace:duration"),
        new(Intrinsic.TraceId, StaticType.String, "trace:id"),
        new(Intrinsic.EventName, StaticType.String, "event:name"),
        new(Intrinsic.EventTimeSinceStart, StaticType.Duration, "event:timeSinceStart"),
        new(Intrinsic.LinkTraceId, StaticType.String, "link:traceID"),
        new(Intrinsic.LinkSpanId, StaticType.String, "link:spanID"),
        new(Intrinsic.InstrumentationName, StaticType.String, "instrumentation:name"),
        new(Intrinsic.InstrumentationVersion, StaticType.String, "instrumentation:version"),
        new(Intrinsic.Parent, StaticType.Nil, "parent"),
    ];

    private static readonly Entry[] OfLogs =
    [
        new(Intrinsic.Body, StaticType.String, "body", "log:body"),
        new(Intrinsic.Severity, StaticType.Severity, "severity", "level"),
        new(Intrinsic.SeverityText, StaticType.String, "severityText"),
        new(Intrinsic.Service, StaticType.String, "service"),
        new(Intrinsic.LogEventName, StaticType.String, "eventName", "event:name"),
        new(Intrinsic.TraceId, StaticType.String, "trace:id"),
        new(Intrinsic.SpanId, StaticType.String, "span:id"),
        new(Intrinsic.InstrumentationName, StaticType.String, "instrumentation:name"),
        new(Intrinsic.InstrumentationVersion, StaticType.String, "instrumentation:version"),
    ];

    private static readonly FrozenDictionary<Intrinsic, Entry> ByIntrinsic = OfLogs.Concat(OfTraces).DistinctBy(entry => entry.Intrinsic).ToFrozenDictionary(entry => entry.Intrinsic);
    private static readonly FrozenDictionary<string, Intrinsic> TracesByText = ByText(OfTraces);
    private static readonly FrozenDictionary<string, Intrinsic> LogsByText = ByText(OfLogs);

    public static string Text(this Intrinsic intrinsic) => ByIntrinsic[intrinsic].Text;

    public static StaticType Type(this Intrinsic intrinsic) => ByIntrinsic[intrinsic].Type;

    /// <summary>All texts of all intrinsics, for completion and for the nearest to a mistyped one.</summary>
    public static IReadOnlyCollection<string> Texts(Dialect dialect) => Table(dialect).Keys;

    public static bool TryFind(Dialect dialect, string text, out Intrinsic intrinsic) => Table(dialect).TryGetValue(text, out intrinsic);

    private static FrozenDictionary<string, Intrinsic> Table(Dialect dialect) => dialect == Dialect.Traces ? TracesByText : LogsByText;

    private static FrozenDictionary<string, Intrinsic> ByText(Entry[] entries) => entries
        .SelectMany(entry => entry.OtherText is null ? new[] { entry.Text } : [entry.Text, entry.OtherText], (entry, text) => (entry.Intrinsic, text))
        .ToFrozenDictionary(pair => pair.text, pair => pair.Intrinsic, StringComparer.Ordinal);
}
