using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Logs;

namespace Waybill.Otlp;

/// <summary>Log records in OTLP/JSON.</summary>
/// <remarks>
/// {"timeUnixNano":"1","observedTimeUnixNano":"2","severityNumber":9,"severityText":"","body":{...},"attributes":[...],"droppedAttributesCount":0,
///   "flags":1,"traceId":"","spanId":"","eventName":""}
/// </remarks>
internal static class JsonLogs
{
    public static readonly ReadJsonItem<LogBatch> Read = ReadRecord;

    private struct LogFields
    {
        public ulong Time, Observed;
        public int Severity;
        public Text SeverityText, EventName;
        public AnyValue Body;
        public TraceId TraceId;
        public SpanId SpanId;
        public uint Flags, Dropped;
    }

    private static void ReadRecord(ref Utf8JsonReader json, ref DecodeState state, LogBatch batch)
    {
        int level = json.CurrentDepth, at = JsonReading.At(ref json, ref state), textLength = state.Arena.Length;
        var before = state.Counts;
        var record = new LogFields();
        int attributesFirst = batch.Attributes.Count;
        bool read = true;
        while (read && JsonReading.NextProperty(ref json)) read = TryField(ref json, ref state, batch, ref record, attributesFirst);
        if (read && state.Rows < state.Limits.ItemsMax)
        {
            Add(batch, record);
            state.Rows++;
            return;
        }
        JsonReading.SkipTo(ref json, level);
        state.Counts = before;
        batch.DropUnfinished(textLength);
        state.Rejected.Add(read ? Rejection.Items : Rejection.Malformed, read ? at : state.FaultAt, 1);
        state.Fault = DecodeFault.None;
    }

    private static bool TryField(ref Utf8JsonReader json, ref DecodeState state, LogBatch batch, ref LogFields record, int attributesFirst)
    {
        if (JsonReading.Is(ref json, "timeUnixNano"u8)) return JsonReading.TryUInt64(ref json, ref state, out record.Time);
        if (JsonReading.Is(ref json, "observedTimeUnixNano"u8)) return JsonReading.TryUInt64(ref json, ref state, out record.Observed);
        if (JsonReading.Is(ref json, "severityNumber"u8)) return JsonReading.TryInt32(ref json, ref state, out record.Severity);
        if (JsonReading.Is(ref json, "severityText"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out record.SeverityText);
        if (JsonReading.Is(ref json, "body"u8)) return JsonAnyValue.TryRead(ref json, ref state, state.Limits.BodyBytesMax, out record.Body);
        if (JsonReading.Is(ref json, "attributes"u8))
            return JsonAnyValue.TryAttributes(ref json, ref state, batch.Attributes, attributesFirst, state.AttributesMax, ref record.Dropped);
        if (JsonReading.Is(ref json, "traceId"u8)) return OptionalIds.TryTrace(ref json, ref state, out record.TraceId);
        if (JsonReading.Is(ref json, "spanId"u8)) return OptionalIds.TrySpan(ref json, ref state, out record.SpanId);
        if (JsonReading.Is(ref json, "flags"u8)) return JsonReading.TryUInt32(ref json, ref state, out record.Flags);
        if (JsonReading.Is(ref json, "eventName"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out record.EventName);
        if (JsonReading.Is(ref json, "droppedAttributesCount"u8))
        {
            if (!JsonReading.TryUInt32(ref json, ref state, out uint count)) return false;
            record.Dropped = ProtoRequest.AddSaturated(record.Dropped, count);
        }
        else json.Skip();
        return true;
    }

    private static void Add(LogBatch batch, in LogFields record)
    {
        batch.Resource.Add(batch.Resources.Count);
        batch.Scope.Add(batch.Scopes.Count);
        batch.TimeUnixNano.Add(record.Time);
        batch.ObservedUnixNano.Add(record.Observed);
        batch.SeverityNumber.Add(record.Severity);
        batch.SeverityText.Add(record.SeverityText);
        batch.Body.Add(record.Body);
        batch.EventName.Add(record.EventName);
        batch.TraceId.Add(record.TraceId);
        batch.SpanId.Add(record.SpanId);
        batch.Flags.Add(record.Flags);
        batch.AttributesEnd.Add(batch.Attributes.Count);
        batch.DroppedAttributes.Add(record.Dropped);
    }
}
