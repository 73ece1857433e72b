using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Otlp;
using Waybill.Spans;

namespace Waybill.Ingest;

/// <summary>How decoding a whole body ended. Single bad items are in <see cref="Rejections"/>, not here.</summary>
/// <param name="Field">Where the body stops making sense; null when it was read to its end.</param>
/// <param name="Problem">What is wrong there.</param>
/// <param name="Remark">What was changed to be kept (cut, repaired); null when nothing was.</param>
internal readonly record struct Decoded(int Items, string? Field = null, string? Problem = null, string? Remark = null);

/// <summary>One function per signal and format, over the body in the batch's text.</summary>
internal static class Decoders
{
    public static Decoded Decode(Reception reception, Protocol protocol) => (reception.Signal, protocol) switch
    {
        (Signal.Traces, Protocol.ZipkinProtobuf) => ZipkinProtobuf(reception.Spans, reception.Rejections),
        (Signal.Traces, Protocol.ZipkinJson) => ZipkinJson(reception.Spans, reception.Rejections),
        (Signal.Traces, Protocol.OtlpHttpJson) => TracesJson(reception.Spans, reception.Rejections),
        (Signal.Traces, _) => TracesProtobuf(reception.Spans, reception.Rejections),
        (Signal.Logs, Protocol.OtlpHttpJson) => LogsJson(reception.Logs, reception.Rejections),
        (Signal.Logs, _) => LogsProtobuf(reception.Logs, reception.Rejections),
        (_, Protocol.OtlpHttpJson) => MetricsJson(reception.Metrics, reception.Rejections),
        _ => MetricsProtobuf(reception.Metrics, reception.Rejections),
    };

    private static Decoded TracesProtobuf(SpanBatch batch, Rejections rejected) => Of(OtlpProtobuf.DecodeTraces(batch, Limits, rejected), batch.Count);
    private static Decoded TracesJson(SpanBatch batch, Rejections rejected) => Of(OtlpJson.DecodeTraces(batch, Limits, rejected), batch.Count);
    private static Decoded LogsProtobuf(LogBatch batch, Rejections rejected) => Of(OtlpProtobuf.DecodeLogs(batch, Limits, rejected), batch.Count);
    private static Decoded LogsJson(LogBatch batch, Rejections rejected) => Of(OtlpJson.DecodeLogs(batch, Limits, rejected), batch.Count);
    private static Decoded MetricsProtobuf(MetricBatch batch, Rejections rejected) => Of(OtlpProtobuf.DecodeMetrics(batch, Limits, rejected), batch.PointCount);
    private static Decoded MetricsJson(MetricBatch batch, Rejections rejected) => Of(OtlpJson.DecodeMetrics(batch, Limits, rejected), batch.PointCount);
    private static Decoded ZipkinProtobuf(SpanBatch batch, Rejections rejected) => Of(Zipkin.ZipkinProtobuf.Decode(batch, Limits, rejected), batch.Count);
    private static Decoded ZipkinJson(SpanBatch batch, Rejections rejected) => Of(Zipkin.ZipkinJson.Decode(batch, Limits, rejected), batch.Count);

    private static readonly DecodeLimits Limits = new();

    private static Decoded Of(DecodeResult result, int items) => result.Ok ? new(items) : new(0, result.Path, result.Message);
}
