using System.Text.Json;
using System.Text.Json.Serialization;

namespace Waybill.Tempo;

// What Grafana's data source decodes, member for member. Its reader of an instant answer refuses members that it does not know, so all of these do.

internal sealed record SearchResponse(TraceSearchMetadata[] Traces, SearchMetrics Metrics);

internal sealed record SearchMetrics
{
    public uint InspectedTraces { get; init; }
    public string? InspectedBytes { get; init; }
    public uint TotalBlocks { get; init; }
    public uint CompletedJobs { get; init; }
    public uint TotalJobs { get; init; }
    public string? TotalBlockBytes { get; init; }
    public string? InspectedSpans { get; init; }
}

internal sealed record TraceSearchMetadata(
    [property: JsonPropertyName("traceID")] string TraceId, string RootServiceName, string RootTraceName, string StartTimeUnixNano, uint DurationMs, SpanSet SpanSet, SpanSet[] SpanSets, Dictionary<string, ServiceStats> ServiceStats);

internal sealed record ServiceStats(uint SpanCount, uint ErrorCount);

internal sealed record SpanSet(FoundSpan[] Spans, uint Matched, KeyValue[]? Attributes = null);

internal sealed record FoundSpan([property: JsonPropertyName("spanID")] string SpanId, string Name, string StartTimeUnixNano, string DurationNanos, KeyValue[]? Attributes = null);

internal sealed record KeyValue(string Key, AnyValue Value);

internal sealed record AnyValue(string? StringValue = null, bool? BoolValue = null, string? IntValue = null, double? DoubleValue = null, ArrayValue? ArrayValue = null);

internal sealed record ArrayValue(AnyValue[] Values);

internal sealed record SearchTagsResponse(string[] TagNames, SearchMetrics Metrics);

internal sealed record SearchTagsV2Response(TagScope[] Scopes, SearchMetrics Metrics);

internal sealed record TagScope(string Name, string[] Tags);

internal sealed record SearchTagValuesResponse(string[] TagValues, SearchMetrics Metrics);

internal sealed record SearchTagValuesV2Response(TagValue[] TagValues, SearchMetrics Metrics);

internal sealed record TagValue(string Type, string Value);

internal sealed record QueryRangeResponse(TimeSeries[] Series, SearchMetrics Metrics, string? Status = null, string? Message = null);

internal sealed record TimeSeries(KeyValue[] Labels, Sample[] Samples, Exemplar[]? Exemplars = null);

internal sealed record Sample(string TimestampMs, double Value = 0);

internal sealed record Exemplar(KeyValue[] Labels, double Value, string TimestampMs);

internal sealed record QueryInstantResponse(InstantSeries[] Series, SearchMetrics Metrics);

internal sealed record InstantSeries(KeyValue[] Labels, double Value = 0);

internal static class GrafanaJson
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, NumberHandling = JsonNumberHandling.Strict, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    };

    public static T Read<T>(byte[] json) => JsonSerializer.Deserialize<T>(json, Strict)!;
}
