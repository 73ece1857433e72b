using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>What people write who come from another query language, and what it is called here.</summary>
internal static class Guesses
{
    /// <summary>The operator for a word: <c>and</c> is <c>&amp;&amp;</c>.</summary>
    public static string? WordOperator(string word) => word.ToLowerInvariant() switch
    {
        "and" => "&&",
        "or" => "||",
        "not" => "!",
        "is" or "eq" => "=",
        "isnot" or "ne" => "!=",
        "like" or "matches" or "regex" or "contains" or "in" => "=~",
        "gt" => ">",
        "lt" => "<",
        _ => null,
    };

    /// <summary>Names of resources in the semantic conventions: their attributes are found faster with the scope.</summary>
    private static readonly string[] ResourceNames =
        ["service.", "deployment.", "k8s.", "host.", "cloud.", "container.", "process.", "os.", "telemetry.", "device.", "faas.", "aws.", "gcp.", "azure.", "namespace", "cluster", "pod"];

    /// <summary>How a bare word in a condition is probably meant.</summary>
    public static (string Hint, string? Replacement) Field(Dialect dialect, string word)
    {
        if (word.Length == 0) return ("", null);
        string lower = word.ToLowerInvariant();
        if (Known(dialect, lower) is { } known) return ($"Write {known}.", known);
        IEnumerable<string> names = Intrinsics.Texts(dialect).Concat(Words.Statics(dialect).Keys);
        if (!word.Contains('.', StringComparison.Ordinal) && Nearest.To(word, names) is { } nearest) return ($"Did you mean {nearest}? An attribute is written .{word}.", nearest);
        if (ResourceNames.Any(name => lower.StartsWith(name, StringComparison.Ordinal))) return ($"An attribute has a scope or a dot before it: resource.{word} or .{word}.", $"resource.{word}");
        string own = dialect == Dialect.Traces ? "span" : "log";
        return ($"An attribute has a scope or a dot before it: {own}.{word} or .{word}. A text is written in double quotes.", $".{word}");
    }

    // Names from other systems and from OTLP.
    private static string? Known(Dialect dialect, string lower) => dialect == Dialect.Logs
        ? lower switch
        {
            "message" or "msg" => "body",
            "level" or "severity_text" or "severitynumber" => "severity",
            "event_name" or "event" => "eventName",
            "traceid" or "trace_id" => "trace:id",
            "spanid" or "span_id" => "span:id",
            "warning" => "warn",
            "err" => "error",
            "app" => "service",
            _ => null,
        }
        : lower switch
        {
            "service" or "servicename" or "service_name" => "resource.service.name",
            "operation" or "operationname" or "spanname" or "span_name" => "name",
            "traceid" or "trace_id" => "trace:id",
            "spanid" or "span_id" => "span:id",
            "parentid" or "parentspanid" or "parent_id" => "span:parentID",
            "statuscode" or "status_code" => "status",
            "status_message" => "statusMessage",
            "spankind" or "span_kind" => "kind",
            "latency" or "elapsed" => "duration",
            "err" => "error",
            "null" or "none" or "undefined" => "nil",
            _ => null,
        };
}
