using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;
using Waybill.Zipkin;

namespace Waybill.Otlp;

/// <summary>A body through one of the decoders.</summary>
internal static class Decode
{
    public static (SpanBatch Batch, DecodeResult Result, Rejections Rejected) Traces(byte[] body, DecodeLimits? limits = null)
    {
        var batch = new SpanBatch();
        var rejected = new Rejections();
        batch.Text.Append(body);
        return (batch, OtlpProtobuf.DecodeTraces(batch, limits ?? DecodeLimits.Default, rejected), rejected);
    }

    public static (SpanBatch Batch, DecodeResult Result, Rejections Rejected) Traces(string json, DecodeLimits? limits = null)
    {
        var batch = new SpanBatch();
        var rejected = new Rejections();
        batch.Text.Append(System.Text.Encoding.UTF8.GetBytes(json));
        return (batch, OtlpJson.DecodeTraces(batch, limits ?? DecodeLimits.Default, rejected), rejected);
    }

    public static (MetricBatch Batch, DecodeResult Result, Rejections Rejected) Metrics(byte[] body)
    {
        var batch = new MetricBatch();
        var rejected = new Rejections();
        batch.Text.Append(body);
        return (batch, OtlpProtobuf.DecodeMetrics(batch, DecodeLimits.Default, rejected), rejected);
    }

    public static (LogBatch Batch, DecodeResult Result, Rejections Rejected) Logs(byte[] body)
    {
        var batch = new LogBatch();
        var rejected = new Rejections();
        batch.Text.Append(body);
        return (batch, OtlpProtobuf.DecodeLogs(batch, DecodeLimits.Default, rejected), rejected);
    }

    public static (SpanBatch Batch, DecodeResult Result, Rejections Rejected) Zipkin(string json)
    {
        var batch = new SpanBatch();
        var rejected = new Rejections();
        batch.Text.Append(System.Text.Encoding.UTF8.GetBytes(json));
        return (batch, ZipkinJson.Decode(batch, DecodeLimits.Default, rejected), rejected);
    }

    public static (SpanBatch Batch, DecodeResult Result, Rejections Rejected) Zipkin(byte[] body)
    {
        var batch = new SpanBatch();
        var rejected = new Rejections();
        batch.Text.Append(body);
        return (batch, ZipkinProtobuf.Decode(batch, DecodeLimits.Default, rejected), rejected);
    }

    /// <summary>A request of one resource, one scope and these spans.</summary>
    public static Message Request(params Message[] spans) => new Message().AddAll(1, "resourceSpans", [new Message().AddAll(2, "scopeSpans", [new Message().AddAll(2, "spans", spans)])]);

    public static Message Span(byte[]? traceId = null, byte[]? spanId = null) => new Message()
        .Add(1, "traceId", Wire.Id, traceId ?? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]).Add(2, "spanId", Wire.Id, spanId ?? [1, 2, 3, 4, 5, 6, 7, 8]);

    public static Message With(this Message span, string key, Message value) =>
        span.AddAll(9, "attributes", [new Message().Add(1, "key", Wire.Text, key).Add(2, "value", Wire.Message, value)]);

    public static Message String(string text) => new Message().Add(1, "stringValue", Wire.Text, text);
}
