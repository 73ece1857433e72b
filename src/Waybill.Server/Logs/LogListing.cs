using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Waybill.Traces;

namespace Waybill.Logs;

// What LogListingJson and LogTail write; see TraceDocument. What has a default value here may be left out of an answer.

/// <summary>A page of log records.</summary>
/// <param name="Resources">By id, as <c>logs[].resource</c> names them.</param>
/// <param name="Scopes">By id, as <c>logs[].scope</c> names them.</param>
/// <param name="NextCursor">To be sent as cursor for the next page; null when there is none.</param>
public sealed record LogListing(
    [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, string SinceUnixNano, string UntilUnixNano,
    IReadOnlyDictionary<string, LogOrigin> Resources, IReadOnlyDictionary<string, LogScope> Scopes, IReadOnlyList<LogLine> Logs, string? NextCursor);

/// <summary>The records around one, oldest first.</summary>
/// <param name="Position">Index in logs of the record that was asked for.</param>
public sealed record LogContext(
    [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons,
    IReadOnlyDictionary<string, LogOrigin> Resources, IReadOnlyDictionary<string, LogScope> Scopes, IReadOnlyList<LogLine> Logs, int Position);

public sealed record LogOrigin(string Service, IReadOnlyDictionary<string, JsonElement> Attributes);

public sealed record LogScope(string Name, string Version, IReadOnlyDictionary<string, JsonElement> Attributes);

/// <param name="Id">For /api/logs/context.</param>
/// <param name="TimeUnixNano">When it happened, or when it was observed if the sender did not say; records are sorted by it.</param>
/// <param name="ObservedUnixNano">When it was observed, as sent; 0 when the sender did not say.</param>
/// <param name="Severity">OTLP SeverityNumber: 1 to 4 trace, 5 debug, 9 info, 13 warn, 17 error, 21 to 24 fatal; 0 when unknown.</param>
/// <param name="Body">Text mostly, else any JSON.</param>
public sealed record LogLine(
    string Id, string TimeUnixNano, string ObservedUnixNano, string Service, int Severity, JsonElement Body, uint Flags, string Resource, string Scope,
    IReadOnlyDictionary<string, JsonElement> Attributes, string SeverityText = "", string EventName = "", string TraceId = "", string SpanId = "", uint DroppedAttributes = 0);

/// <summary>Counts of log records over time.</summary>
/// <param name="StepNano">Length of a bucket.</param>
/// <param name="Weighted">Counts are sums of the records' weights.</param>
/// <param name="TimestampsUnixNano">Where each bucket begins: it holds that time and is open at its end.</param>
public sealed record LogHistogram(
    [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, string SinceUnixNano, string UntilUnixNano, long StepNano, bool Weighted, double Total,
    IReadOnlyList<string> TimestampsUnixNano, IReadOnlyList<LogCounts> Series);

/// <param name="Counts">One for each timestamp.</param>
public sealed record LogCounts([AllowedValues("unknown", "trace", "debug", "info", "warn", "error", "fatal")] string Severity, double[] Counts);
