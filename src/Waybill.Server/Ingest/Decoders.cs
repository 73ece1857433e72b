using System.Text.Json;
using Waybill.Batches;
using Waybill.Logs;
using Waybill.Metrics;
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

    private static Decoded TracesProtobuf(SpanBatch batch, Rejections rejected) => CountProtobuf(batch.Text.Bytes);
    private static Decoded TracesJson(SpanBatch batch, Rejections rejected) => CountJson(batch.Text.Bytes);
    private static Decoded LogsProtobuf(LogBatch batch, Rejections rejected) => CountProtobuf(batch.Text.Bytes);
    private static Decoded LogsJson(LogBatch batch, Rejections rejected) => CountJson(batch.Text.Bytes);
    private static Decoded MetricsProtobuf(MetricBatch batch, Rejections rejected) => CountProtobuf(batch.Text.Bytes);
    private static Decoded MetricsJson(MetricBatch batch, Rejections rejected) => CountJson(batch.Text.Bytes);
    private static Decoded ZipkinProtobuf(SpanBatch batch, Rejections rejected) => CountProtobuf(batch.Text.Bytes);
    private static Decoded ZipkinJson(SpanBatch batch, Rejections rejected) => CountJson(batch.Text.Bytes);

    // Stand-ins until the decoders are merged: one item per outermost message.
    private static Decoded CountProtobuf(ReadOnlySpan<byte> body)
    {
        int items = 0;
        while (!body.IsEmpty)
        {
            if (body[0] != 0x0a || body.Length < 2) return new(0, "resource", "Not a protobuf message.");
            int length = 0, at = 1;
            for (int shift = 0; ; shift += 7)
            {
                if (at == body.Length || shift > 28) return new(0, "resource", "A length is cut off.");
                byte b = body[at++];
                length |= (b & 0x7f) << shift;
                if (b < 0x80) break;
            }
            if (length < 0 || length > body.Length - at) return new(0, "resource", "A message runs past its end.");
            body = body[(at + length)..];
            items++;
        }
        return new(items);
    }

    private static Decoded CountJson(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            int objects = 0;
            while (reader.Read()) if (reader.TokenType == JsonTokenType.StartObject) objects++;
            return new(Math.Max(0, objects - 1));
        }
        catch (JsonException e)
        {
            return new(0, "", $"Not JSON at line {e.LineNumber}, byte {e.BytePositionInLine}.");
        }
    }
}
