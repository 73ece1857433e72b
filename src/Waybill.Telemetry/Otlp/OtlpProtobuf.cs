using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>
/// OTLP protobuf from bytes to columns. The body must already lie in the batch's arena, alone and decompressed
/// (<see cref="TextArena.Reserve"/> and read into it): its strings are used where they lie.
/// </summary>
/// <remarks>
/// One bad item inside good framing is refused into the given <see cref="Rejections"/> and the rest kept. Broken framing, or a resource or
/// scope that cannot be read, fails the whole request: the batch is then cleared. Nothing throws for bad input, and nothing is allocated
/// once the columns have grown to a sender's batch size.
/// </remarks>
public static class OtlpProtobuf
{
    /// <summary>Decodes an ExportTraceServiceRequest.</summary>
    public static DecodeResult DecodeTraces(SpanBatch batch, DecodeLimits limits, Rejections rejected)
    {
        var state = new DecodeState(batch.Text, limits, rejected);
        bool done = ProtoRequest.TryRead(ref state, batch, batch.Resources, batch.Scopes, ProtoSpans.Read);
        if (!done) batch.Clear();
        return Result(ref state, OtlpSchemas.Traces);
    }

    /// <summary>Decodes an ExportLogsServiceRequest.</summary>
    public static DecodeResult DecodeLogs(LogBatch batch, DecodeLimits limits, Rejections rejected)
    {
        var state = new DecodeState(batch.Text, limits, rejected);
        bool done = ProtoRequest.TryRead(ref state, batch, batch.Resources, batch.Scopes, ProtoLogs.Read);
        if (!done) batch.Clear();
        return Result(ref state, OtlpSchemas.Logs);
    }

    /// <summary>Decodes an ExportMetricsServiceRequest.</summary>
    public static DecodeResult DecodeMetrics(MetricBatch batch, DecodeLimits limits, Rejections rejected)
    {
        var state = new DecodeState(batch.Text, limits, rejected);
        bool done = ProtoRequest.TryRead(ref state, batch, batch.Resources, batch.Scopes, ProtoMetrics.Read);
        if (!done) batch.Clear();
        return Result(ref state, OtlpSchemas.Metrics);
    }

    /// <summary>Closes a decoding of any protobuf: names the fields where something was wrong, while the body is still there.</summary>
    internal static DecodeResult Result(ref DecodeState state, ProtoSchema schema)
    {
        if (state.Rejected is { FirstOffset: >= 0, FirstPath: "" }) state.Rejected.Locate(FieldPath.InProtobuf(state.Body, schema, state.Rejected.FirstOffset));
        string path = state.Fault == DecodeFault.None ? "" : FieldPath.InProtobuf(state.Body, schema, state.FaultAt);
        return new DecodeResult(state.Fault, state.FaultAt, path, state.Counts);
    }
}
