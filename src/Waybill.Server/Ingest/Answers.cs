using System.Text.Json;
using Waybill.Blocks;

namespace Waybill.Ingest;

/// <summary>The bodies of answers: OTLP's Export…ServiceResponse and google.rpc.Status, as protobuf and as JSON.</summary>
internal static class Answers
{
    private const string RetryInfo = "type.googleapis.com/google.rpc.RetryInfo";
    private const string BadRequest = "type.googleapis.com/google.rpc.BadRequest";

    // ExportTraceServiceResponse { partial_success = 1 { int64 rejected_spans = 1, string error_message = 2 } }; the other signals alike.
    public static ReadOnlyMemory<byte> ResponseProtobuf(in Reply reply) => reply.Remark is null
        ? default
        : new ProtobufWriter().Message(1, new ProtobufWriter().Int(1, reply.Rejected).String(2, reply.Remark)).Written.ToArray();

    public static ReadOnlyMemory<byte> ResponseJson(Signal signal, in Reply reply)
    {
        if (reply.Remark is null) return "{}"u8.ToArray();
        var buffer = new ByteBuffer(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartObject("partialSuccess");
        if (reply.Rejected > 0) json.WriteString(RejectedField(signal), reply.Rejected.ToString()); // 64-bit numbers are strings in proto3 JSON.
        json.WriteString("errorMessage", reply.Remark);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.Memory;
    }

    // Status { int32 code = 1, string message = 2, repeated Any details = 3 }, Any { string type_url = 1, bytes value = 2 },
    // RetryInfo { Duration retry_delay = 1 { int64 seconds = 1, int32 nanos = 2 } },
    // BadRequest { repeated FieldViolation field_violations = 1 { string field = 1, string description = 2, string reason = 3 } }
    public static ReadOnlyMemory<byte> StatusProtobuf(Refusal refusal)
    {
        var status = new ProtobufWriter().Int(1, (int)refusal.GrpcStatus).String(2, refusal.Message);
        if (refusal.Field is { } field)
        {
            var violation = new ProtobufWriter().String(1, field).String(2, refusal.Message).String(3, Reason(refusal));
            Detail(status, BadRequest, new ProtobufWriter().Message(1, violation));
        }
        if (refusal.RetryAfter is { } delay)
        {
            var duration = new ProtobufWriter().Int(1, (long)delay.TotalSeconds).Int(2, delay.Ticks % TimeSpan.TicksPerSecond * 100);
            Detail(status, RetryInfo, new ProtobufWriter().Message(1, duration));
        }
        return status.Written.ToArray();

        static void Detail(ProtobufWriter status, string type, ProtobufWriter value) => status.Message(3, new ProtobufWriter().String(1, type).Message(2, value));
    }

    public static ReadOnlyMemory<byte> StatusJson(Refusal refusal)
    {
        var buffer = new ByteBuffer(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteNumber("code", (int)refusal.GrpcStatus);
        json.WriteString("message", refusal.Message);
        if (refusal.Field is not null || refusal.RetryAfter is not null) json.WriteStartArray("details");
        if (refusal.Field is { } field)
        {
            json.WriteStartObject();
            json.WriteString("@type", BadRequest);
            json.WriteStartArray("fieldViolations");
            json.WriteStartObject();
            json.WriteString("field", field);
            json.WriteString("description", refusal.Message);
            json.WriteString("reason", Reason(refusal));
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        if (refusal.RetryAfter is { } delay)
        {
            json.WriteStartObject();
            json.WriteString("@type", RetryInfo);
            json.WriteString("retryDelay", $"{delay.TotalSeconds:0.#########}s");
            json.WriteEndObject();
        }
        if (refusal.Field is not null || refusal.RetryAfter is not null) json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.Memory;
    }

    // AIP-193: reasons are UPPER_SNAKE_CASE.
    private static string Reason(Refusal refusal) => refusal.Label.ToUpperInvariant();

    private static string RejectedField(Signal signal) => signal switch
    {
        Signal.Traces => "rejectedSpans",
        Signal.Logs => "rejectedLogRecords",
        _ => "rejectedDataPoints",
    };
}
