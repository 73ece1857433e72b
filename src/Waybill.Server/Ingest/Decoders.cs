using Waybill.Decoding;
using Waybill.Otlp;
using Waybill.Zipkin;

namespace Waybill.Ingest;

/// <summary>One function per signal and format, over the body in the batch's text.</summary>
internal static class Decoders
{
    public static DecodeResult Decode(Reception reception, Protocol protocol, DecodeLimits limits) => (reception.Signal, protocol) switch
    {
        (Signal.Traces, Protocol.ZipkinProtobuf) => ZipkinProtobuf.Decode(reception.Spans, limits, reception.Rejections),
        (Signal.Traces, Protocol.ZipkinJson) => ZipkinJson.Decode(reception.Spans, limits, reception.Rejections),
        (Signal.Traces, Protocol.OtlpHttpJson) => OtlpJson.DecodeTraces(reception.Spans, limits, reception.Rejections),
        (Signal.Traces, _) => OtlpProtobuf.DecodeTraces(reception.Spans, limits, reception.Rejections),
        (Signal.Logs, Protocol.OtlpHttpJson) => OtlpJson.DecodeLogs(reception.Logs, limits, reception.Rejections),
        (Signal.Logs, _) => OtlpProtobuf.DecodeLogs(reception.Logs, limits, reception.Rejections),
        (_, Protocol.OtlpHttpJson) => OtlpJson.DecodeMetrics(reception.Metrics, limits, reception.Rejections),
        _ => OtlpProtobuf.DecodeMetrics(reception.Metrics, limits, reception.Rejections),
    };
}
