using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>Words that stand before a dot or a colon.</summary>
internal static class Scopes
{
    public static readonly string[] OfTraces = ["span", "resource", "event", "link", "instrumentation"];
    public static readonly string[] OfLogs = ["log", "resource", "instrumentation"];

    public static string[] Of(Dialect dialect) => dialect == Dialect.Traces ? OfTraces : OfLogs;

    public static bool TryFind(Dialect dialect, ReadOnlySpan<char> word, out AttributeScope scope)
    {
        scope = word switch
        {
            "resource" => AttributeScope.Resource,
            "instrumentation" => AttributeScope.Instrumentation,
            "span" when dialect == Dialect.Traces => AttributeScope.Span,
            "event" when dialect == Dialect.Traces => AttributeScope.Event,
            "link" when dialect == Dialect.Traces => AttributeScope.Link,
            "log" when dialect == Dialect.Logs => AttributeScope.Log,
            _ => AttributeScope.Any,
        };
        return scope != AttributeScope.Any;
    }

    public static bool HasIntrinsics(Dialect dialect, ReadOnlySpan<char> word) => dialect == Dialect.Traces
        ? word is "trace" or "span" or "event" or "link" or "instrumentation"
        : word is "log" or "trace" or "span" or "event" or "instrumentation";

    /// <summary>The scope as it is written before a name, with its dot.</summary>
    public static string Prefix(this AttributeScope scope) => scope switch
    {
        AttributeScope.Span => "span.",
        AttributeScope.Resource => "resource.",
        AttributeScope.Event => "event.",
        AttributeScope.Link => "link.",
        AttributeScope.Instrumentation => "instrumentation.",
        AttributeScope.Log => "log.",
        _ => ".",
    };
}
