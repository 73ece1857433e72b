using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Otlp;
using Waybill.Spans;

namespace Waybill.Zipkin;

/// <summary>Zipkin v2 JSON (POST /api/v2/spans, application/json). The body must already lie in the batch's arena, alone.</summary>
/// <remarks>
/// [{"traceId":"16 or 32 hex","id":"16 hex","parentId":"16 hex","name":"get /","kind":"CLIENT","timestamp":1 (µs),"duration":1 (µs),"debug":true,"shared":true,
///   "localEndpoint":{"serviceName":"a","ipv4":"192.0.2.1","ipv6":"2001:db8::1","port":80},"remoteEndpoint":{...},
///   "annotations":[{"timestamp":1,"value":"retry"}],"tags":{"key":"value"}}]
/// </remarks>
public static class ZipkinJson
{
    /// <summary>Decodes an array of spans into the same rows that OTLP gives.</summary>
    public static DecodeResult Decode(SpanBatch batch, DecodeLimits limits, Rejections rejected)
    {
        var state = new DecodeState(batch.Text, limits, rejected);
        if (!TryList(ref state, batch)) batch.Clear();
        return OtlpJson.Result(ref state);
    }

    private static bool TryList(ref DecodeState state, SpanBatch batch)
    {
        var json = JsonReading.Open(ref state);
        try
        {
            json.Read();
            if (json.TokenType != JsonTokenType.StartArray) return JsonReading.Fail(ref json, ref state, DecodeFault.Type);
            while (JsonReading.NextElement(ref json)) ReadSpan(ref json, ref state, batch);
            json.Read();   // throws when something follows
            return true;
        }
        catch (JsonException)
        {
            return OtlpJson.Fail(ref state, ref json);
        }
    }

    private static void ReadSpan(ref Utf8JsonReader json, ref DecodeState state, SpanBatch batch)
    {
        int level = json.CurrentDepth, at = JsonReading.At(ref json, ref state), textLength = state.Arena.Length;
        var before = state.Counts;
        var span = ZipkinRows.Begin(batch);
        var reason = Rejection.Malformed;
        bool isObject = json.TokenType == JsonTokenType.StartObject, read = isObject;
        while (read && JsonReading.NextProperty(ref json)) read = TryField(ref json, ref state, batch, ref span);
        if (read && ZipkinRows.TryAdd(ref state, batch, ref span, out reason))
        {
            state.Rows++;
            return;
        }
        if (isObject) JsonReading.SkipTo(ref json, level);
        else json.Skip();
        state.Counts = before;
        batch.DropUnfinished(textLength);
        state.Rejected.Add(reason, read || !isObject ? at : state.FaultAt, 1);
        state.Fault = DecodeFault.None;
    }

    private static bool TryField(ref Utf8JsonReader json, ref DecodeState state, SpanBatch batch, ref ZipkinSpan span)
    {
        if (JsonReading.Is(ref json, "traceId"u8)) return TryTraceId(ref json, ref state, out span.TraceId);
        if (JsonReading.Is(ref json, "id"u8)) return JsonReading.TrySpanId(ref json, ref state, out span.Id, out _);
        if (JsonReading.Is(ref json, "parentId"u8)) return JsonReading.TrySpanId(ref json, ref state, out span.ParentId, out span.ParentFits);
        if (JsonReading.Is(ref json, "name"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out span.Name);
        if (JsonReading.Is(ref json, "kind"u8)) return TryKind(ref json, ref state, ref span);
        if (JsonReading.Is(ref json, "timestamp"u8)) return JsonReading.TryUInt64(ref json, ref state, out span.Timestamp);
        if (JsonReading.Is(ref json, "duration"u8)) return JsonReading.TryUInt64(ref json, ref state, out span.Duration);
        if (JsonReading.Is(ref json, "tags"u8)) return TryTags(ref json, ref state, batch, ref span);
        if (JsonReading.Is(ref json, "localEndpoint"u8)) return TryEndpoint(ref json, ref state, ref span.Local);
        if (JsonReading.Is(ref json, "remoteEndpoint"u8)) return TryEndpoint(ref json, ref state, ref span.Remote);
        if (JsonReading.Is(ref json, "annotations"u8)) return TryAnnotations(ref json, ref state, batch, ref span);
        if (JsonReading.Is(ref json, "debug"u8)) return JsonReading.TryBool(ref json, ref state, out span.Debug);
        if (JsonReading.Is(ref json, "shared"u8)) return JsonReading.TryBool(ref json, ref state, out span.Shared);
        json.Skip();
        return true;
    }

    /// <summary>32 hexadecimal digits, or 16 with zeros put before them.</summary>
    private static bool TryTraceId(ref Utf8JsonReader json, ref DecodeState state, out TraceId id)
    {
        id = default;
        if (!JsonReading.TryHex(ref json, ref state, out var hex)) return false;
        Span<byte> bytes = stackalloc byte[TraceId.Size];
        bytes.Clear();
        if (hex.Length is TraceId.Size or 2 * TraceId.Size &&
            Convert.FromHexString(hex, bytes[(TraceId.Size - hex.Length / 2)..], out _, out _) == System.Buffers.OperationStatus.Done) id = new TraceId(bytes);
        return true;
    }

    private static bool TryKind(ref Utf8JsonReader json, ref DecodeState state, ref ZipkinSpan span)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return true;
        if (json.TokenType != JsonTokenType.String) return JsonReading.Fail(ref json, ref state, DecodeFault.Type);
        if (JsonReading.Is(ref json, "CLIENT"u8)) span.Kind = SpanKind.Client;
        else if (JsonReading.Is(ref json, "SERVER"u8)) span.Kind = SpanKind.Server;
        else if (JsonReading.Is(ref json, "PRODUCER"u8)) span.Kind = SpanKind.Producer;
        else if (JsonReading.Is(ref json, "CONSUMER"u8)) span.Kind = SpanKind.Consumer;
        else state.Counts.UnknownEnums++;
        return true;
    }

    private static bool TryTags(ref Utf8JsonReader json, ref DecodeState state, SpanBatch batch, ref ZipkinSpan span)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
        while (present && JsonReading.NextProperty(ref json))
        {
            Text key = json.ValueIsEscaped
                ? JsonText.Unescape(ref state, json.ValueSpan, state.KeyBytesMax)
                : state.Take(JsonReading.At(ref json, ref state) + 1, json.ValueSpan.Length, state.KeyBytesMax);
            if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out Text value)) return false;
            ZipkinRows.AddTag(ref state, batch, ref span, key, value);
        }
        return true;
    }

    private static bool TryEndpoint(ref Utf8JsonReader json, ref DecodeState state, ref ZipkinEndpoint endpoint)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
        while (present && JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "serviceName"u8))
            {
                if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out endpoint.ServiceName)) return false;
            }
            else if (JsonReading.Is(ref json, "ipv4"u8) || JsonReading.Is(ref json, "ipv6"u8))
            {
                if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out Text address)) return false;
                if (endpoint.Address.IsEmpty) endpoint.Address = address;
            }
            else if (JsonReading.Is(ref json, "port"u8))
            {
                if (!JsonReading.TryUInt32(ref json, ref state, out endpoint.Port)) return false;
            }
            else json.Skip();
        }
        return true;
    }

    private static bool TryAnnotations(ref Utf8JsonReader json, ref DecodeState state, SpanBatch batch, ref ZipkinSpan span)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any && JsonReading.NextElement(ref json))
        {
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            ulong timestamp = 0;
            Text value = default;
            while (JsonReading.NextProperty(ref json))
            {
                if (JsonReading.Is(ref json, "timestamp"u8))
                {
                    if (!JsonReading.TryUInt64(ref json, ref state, out timestamp)) return false;
                }
                else if (JsonReading.Is(ref json, "value"u8))
                {
                    if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out value)) return false;
                }
                else json.Skip();
            }
            ZipkinRows.AddAnnotation(ref state, batch, ref span, timestamp, value);
        }
        return true;
    }
}
