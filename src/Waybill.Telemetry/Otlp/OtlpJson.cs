using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>
/// OTLP/JSON from bytes to columns, into the same rows as <see cref="OtlpProtobuf"/>: ids are hexadecimal in either case, other bytes base64,
/// 64-bit integers strings or numbers, enums numbers, unknown fields ignored. The body must already lie in the batch's arena, alone.
/// </summary>
/// <remarks>Text that is not JSON fails the whole request and costs one caught exception; a field of the wrong type costs only its item.</remarks>
public static class OtlpJson
{
    private static readonly JsonFieldNames TraceNames = new("resourceSpans", "scopeSpans", "spans");
    private static readonly JsonFieldNames LogNames = new("resourceLogs", "scopeLogs", "logRecords");
    private static readonly JsonFieldNames MetricNames = new("resourceMetrics", "scopeMetrics", "metrics");

    /// <summary>Decodes an ExportTraceServiceRequest.</summary>
    public static DecodeResult DecodeTraces(SpanBatch batch, DecodeLimits limits, Rejections rejected)
    {
        var state = new DecodeState(batch.Text, limits, rejected);
        if (!JsonRequest.TryRead(ref state, batch, batch.Resources, batch.Scopes, TraceNames, JsonSpans.Read)) batch.Clear();
        return Result(ref state);
    }

    /// <summary>Decodes an ExportLogsServiceRequest.</summary>
    public static DecodeResult DecodeLogs(LogBatch batch, DecodeLimits limits, Rejections rejected)
    {
        var state = new DecodeState(batch.Text, limits, rejected);
        if (!JsonRequest.TryRead(ref state, batch, batch.Resources, batch.Scopes, LogNames, JsonLogs.Read)) batch.Clear();
        return Result(ref state);
    }

    /// <summary>Decodes an ExportMetricsServiceRequest.</summary>
    public static DecodeResult DecodeMetrics(MetricBatch batch, DecodeLimits limits, Rejections rejected)
    {
        var state = new DecodeState(batch.Text, limits, rejected);
        if (!JsonRequest.TryRead(ref state, batch, batch.Resources, batch.Scopes, MetricNames, JsonMetrics.Read)) batch.Clear();
        return Result(ref state);
    }

    internal static DecodeResult Result(ref DecodeState state)
    {
        if (state.Rejected is { FirstOffset: >= 0, FirstPath: "" }) state.Rejected.Locate(FieldPath.InJson(state.Body, state.JsonStart, state.Rejected.FirstOffset));
        string path = state.Fault == DecodeFault.None ? "" : FieldPath.InJson(state.Body, state.JsonStart, state.FaultAt);
        return new DecodeResult(state.Fault, state.FaultAt, path, state.Counts);
    }

    /// <summary>Where a syntax error lies, counted in bytes from the body's start.</summary>
    internal static bool Fail(ref DecodeState state, ref Utf8JsonReader json)
    {
        state.Fault = json.CurrentDepth >= JsonReading.DepthMax - 1 ? DecodeFault.Depth : DecodeFault.Json;
        state.FaultAt = state.JsonStart + (int)json.BytesConsumed;
        return false;
    }
}

/// <summary>The field names in which the three signals differ.</summary>
internal sealed class JsonFieldNames(string resources, string scopes, string items)
{
    public readonly byte[] Resources = System.Text.Encoding.ASCII.GetBytes(resources);
    public readonly byte[] Scopes = System.Text.Encoding.ASCII.GetBytes(scopes);
    public readonly byte[] Items = System.Text.Encoding.ASCII.GetBytes(items);
}
