using System.Text.Json;
using System.Text.Json.Serialization;

namespace Waybill.Jaeger;

// What Jaeger's UI and Grafana's data source read, member for member; a member that is not theirs is a mistake.

internal sealed record Envelope<T>(T? Data, int Total, int Limit, int Offset, StructuredError[]? Errors);

internal sealed record StructuredError(int Code, string Msg, [property: JsonPropertyName("traceID")] string? TraceId = null);

internal sealed record UiTrace([property: JsonPropertyName("traceID")] string TraceId, UiSpan[] Spans, Dictionary<string, UiProcess> Processes, string[]? Warnings);

internal sealed record UiSpan(
    [property: JsonPropertyName("traceID")] string TraceId, [property: JsonPropertyName("spanID")] string SpanId, uint Flags, string OperationName, UiReference[] References,
    ulong StartTime, ulong Duration, UiTag[] Tags, UiLog[] Logs, [property: JsonPropertyName("processID")] string ProcessId, string[]? Warnings);

internal sealed record UiReference(string RefType, [property: JsonPropertyName("traceID")] string TraceId, [property: JsonPropertyName("spanID")] string SpanId);

internal sealed record UiTag(string Key, string Type, JsonElement Value);

internal sealed record UiLog(ulong Timestamp, UiTag[] Fields);

internal sealed record UiProcess(string ServiceName, UiTag[] Tags);

internal sealed record Operation(string Name, string SpanKind);

internal sealed record Dependency(string Parent, string Child, long CallCount);

internal sealed record Services3(string[] Services);

internal sealed record Operations3(Operation[] Operations);

internal sealed record Result3(TracesData Result);

internal sealed record TracesData(JsonElement[] ResourceSpans);

internal sealed record Summaries3(Summary[] Summaries);

internal sealed record Summary(
    string TraceId, string RootServiceName, string RootOperationName, string MinStartTimeUnixNano, string MaxEndTimeUnixNano, int SpanCount, int ErrorSpanCount, int OrphanSpanCount, ServiceSummary[] Services);

internal sealed record ServiceSummary(string Name, int SpanCount, int ErrorSpanCount);

internal sealed record Failure3(Failure3Error Error);

internal sealed record Failure3Error(int GrpcCode, int HttpCode, string Message, string HttpStatus);

internal static class JaegerJson
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, NumberHandling = JsonNumberHandling.Strict, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    };

    public static T Read<T>(byte[] json) => JsonSerializer.Deserialize<T>(json, Strict)!;
}
