using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Logs;

namespace Waybill.Otlp;

/// <summary>Log records in protobuf.</summary>
/// <remarks>
/// LogRecord { fixed64 time_unix_nano = 1; SeverityNumber severity_number = 2; string severity_text = 3; AnyValue body = 5;
///   repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8; bytes trace_id = 9, span_id = 10;
///   fixed64 observed_time_unix_nano = 11; string event_name = 12 }
/// </remarks>
internal static class ProtoLogs
{
    public static readonly ReadProtoItem<LogBatch> Read = TryRead;

    private const uint LogFields = 0x1FEE;

    private static bool TryRead(ref ProtoReader reader, ref DecodeState state, LogBatch batch)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int textLength = state.Arena.Length;
        var before = state.Counts;
        if (TryFields(ref reader, ref state, batch, out Rejection reason))
        {
            state.Rows++;
            reader.Leave(frame);
            return true;
        }
        state.Counts = before;
        batch.DropUnfinished(textLength);
        state.Rejected.Add(reason, reason == Rejection.Malformed ? reader.FaultAt : frame.Start, 1);
        reader.Abandon(frame);
        return true;
    }

    private static bool TryFields(ref ProtoReader reader, ref DecodeState state, LogBatch batch, out Rejection reason)
    {
        ulong time = 0, observed = 0, bits;
        int severity = 0, offset, length, attributesFirst = batch.Attributes.Count;
        Text severityText = default, eventName = default;
        AnyValue body = default;
        uint dropped = 0, flags = 0;
        TraceId traceId = default;
        SpanId spanId = default;
        reason = Rejection.Malformed;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x09:
                    if (!reader.TryFixed64(out time)) return false;
                    break;
                case 0x10:
                    if (!reader.TryVarint(out bits)) return false;
                    severity = (int)bits;
                    break;
                case 0x1a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    severityText = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x2a:
                    if (!ProtoAnyValue.TryRead(ref reader, ref state, state.Limits.BodyBytesMax, out body)) return false;
                    break;
                case 0x32:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, batch.Attributes, attributesFirst, state.AttributesMax, ref dropped)) return false;
                    break;
                case 0x38:
                    if (!reader.TryVarint(out bits)) return false;
                    dropped = ProtoRequest.AddSaturated(dropped, (uint)bits);
                    break;
                case 0x45:
                    if (!reader.TryFixed32(out flags)) return false;
                    break;
                case 0x4a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    traceId = OptionalIds.Trace(ref state, reader.Slice(offset, length));
                    break;
                case 0x52:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    spanId = OptionalIds.Span(ref state, reader.Slice(offset, length));
                    break;
                case 0x59:
                    if (!reader.TryFixed64(out observed)) return false;
                    break;
                case 0x62:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    eventName = state.Take(offset, length, state.ValueBytesMax);
                    break;
                default:
                    if (!reader.TrySkip(tag, LogFields)) return false;
                    break;
            }
        }

        reason = Rejection.Items;
        if (state.Rows >= state.Limits.ItemsMax) return false;
        batch.Resource.Add(batch.Resources.Count);
        batch.Scope.Add(batch.Scopes.Count);
        batch.TimeUnixNano.Add(time);
        batch.ObservedUnixNano.Add(observed);
        batch.SeverityNumber.Add(severity);
        batch.SeverityText.Add(severityText);
        batch.Body.Add(body);
        batch.EventName.Add(eventName);
        batch.TraceId.Add(traceId);
        batch.SpanId.Add(spanId);
        batch.Flags.Add(flags);
        batch.AttributesEnd.Add(batch.Attributes.Count);
        batch.DroppedAttributes.Add(dropped);
        return true;
    }
}
