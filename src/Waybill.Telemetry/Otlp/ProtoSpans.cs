using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Spans in protobuf.</summary>
/// <remarks>
/// Span { bytes trace_id = 1, span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; SpanKind kind = 6;
///   fixed64 start_time_unix_nano = 7, end_time_unix_nano = 8; repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
///   repeated Event events = 11; uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14;
///   Status status = 15; fixed32 flags = 16 }
/// Status { string message = 2; StatusCode code = 3 }
/// </remarks>
internal static class ProtoSpans
{
    public static readonly ReadProtoItem<SpanBatch> Read = TryRead;

    private const uint SpanFields = 0x1FFFE, StatusFields = 0b1100;

    private static bool TryRead(ref ProtoReader reader, ref DecodeState state, SpanBatch batch)
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

    private static bool TryFields(ref ProtoReader reader, ref DecodeState state, SpanBatch batch, out Rejection reason)
    {
        TraceId traceId = default;
        SpanId spanId = default, parentId = default;
        Text traceState = default, name = default, statusMessage = default;
        ulong bits, start = 0, end = 0;
        uint flags = 0, droppedAttributes = 0, droppedEvents = 0, droppedLinks = 0;
        byte kind = 0, status = 0;
        int offset, length, attributesFirst = batch.Attributes.Count, eventsFirst = batch.Events.Count, linksFirst = batch.Links.Count;
        bool parentFits = true;
        reason = Rejection.Malformed;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x4a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, batch.Attributes, attributesFirst, state.AttributesMax, ref droppedAttributes)) return false;
                    break;
                case 0x0a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    traceId = length == TraceId.Size ? new TraceId(reader.Slice(offset, TraceId.Size)) : default;
                    break;
                case 0x12:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    spanId = length == SpanId.Size ? new SpanId(reader.Slice(offset, SpanId.Size)) : default;
                    break;
                case 0x1a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    traceState = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x22:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    parentFits = length is 0 or SpanId.Size;
                    parentId = length == SpanId.Size ? new SpanId(reader.Slice(offset, SpanId.Size)) : default;
                    break;
                case 0x2a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    name = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x30:
                    if (!reader.TryVarint(out bits)) return false;
                    kind = state.KnownEnum(bits, (int)SpanKind.Consumer);
                    break;
                case 0x39:
                    if (!reader.TryFixed64(out start)) return false;
                    break;
                case 0x41:
                    if (!reader.TryFixed64(out end)) return false;
                    break;
                case 0x50:
                    if (!reader.TryVarint(out bits)) return false;
                    droppedAttributes = ProtoRequest.AddSaturated(droppedAttributes, (uint)bits);
                    break;
                case 0x5a:
                    if (!ProtoSpanParts.TryEvent(ref reader, ref state, batch.Events, eventsFirst, ref droppedEvents)) return false;
                    break;
                case 0x60:
                    if (!reader.TryVarint(out bits)) return false;
                    droppedEvents = ProtoRequest.AddSaturated(droppedEvents, (uint)bits);
                    break;
                case 0x6a:
                    if (!ProtoSpanParts.TryLink(ref reader, ref state, batch.Links, linksFirst, ref droppedLinks)) return false;
                    break;
                case 0x70:
                    if (!reader.TryVarint(out bits)) return false;
                    droppedLinks = ProtoRequest.AddSaturated(droppedLinks, (uint)bits);
                    break;
                case 0x7a:
                    if (!TryStatus(ref reader, ref state, ref status, ref statusMessage)) return false;
                    break;
                case 0x85:
                    if (!reader.TryFixed32(out flags)) return false;
                    break;
                default:
                    if (!reader.TrySkip(tag, SpanFields)) return false;
                    break;
            }
        }

        if (!SpanRules.Accept(ref state, traceId, spanId, parentFits, out reason)) return false;
        batch.Resource.Add(batch.Resources.Count);
        batch.Scope.Add(batch.Scopes.Count);
        batch.TraceId.Add(traceId);
        batch.SpanId.Add(spanId);
        batch.ParentId.Add(parentId);
        batch.TraceState.Add(traceState);
        batch.Flags.Add(flags);
        batch.Name.Add(name);
        batch.Kind.Add(kind);
        batch.StartUnixNano.Add(start);
        batch.EndUnixNano.Add(end);
        batch.StatusCode.Add(status);
        batch.StatusMessage.Add(statusMessage);
        batch.AttributesEnd.Add(batch.Attributes.Count);
        batch.DroppedAttributes.Add(droppedAttributes);
        batch.EventsEnd.Add(batch.Events.Count);
        batch.DroppedEvents.Add(droppedEvents);
        batch.LinksEnd.Add(batch.Links.Count);
        batch.DroppedLinks.Add(droppedLinks);
        return true;
    }

    private static bool TryStatus(ref ProtoReader reader, ref DecodeState state, ref byte code, ref Text message)
    {
        if (!reader.TryEnter(out var frame)) return false;
        while (reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x12:
                    if (!reader.TryBytes(out int offset, out int length)) return false;
                    message = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x18:
                    if (!reader.TryVarint(out ulong bits)) return false;
                    code = state.KnownEnum(bits, (int)SpanStatus.Error);
                    break;
                default:
                    if (!reader.TrySkip(tag, StatusFields)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        return true;
    }
}
