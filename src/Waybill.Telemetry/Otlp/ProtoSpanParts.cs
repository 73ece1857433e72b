using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Events and links of spans in protobuf.</summary>
/// <remarks>
/// Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4 }
/// Link { bytes trace_id = 1, span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5; fixed32 flags = 6 }
/// </remarks>
internal static class ProtoSpanParts
{
    private const uint EventFields = 0b1_1110, LinkFields = 0b111_1110;

    public static bool TryEvent(ref ProtoReader reader, ref DecodeState state, EventColumns events, int first, ref uint droppedEvents)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int attributesFirst = events.Attributes.Count;
        ulong time = 0, bits;
        Text name = default;
        uint dropped = 0;
        bool full = events.Count - first >= state.Limits.EventsMax;
        while (!full && reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x09:
                    if (!reader.TryFixed64(out time)) return false;
                    break;
                case 0x12:
                    if (!reader.TryBytes(out int offset, out int length)) return false;
                    name = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x1a:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, events.Attributes, attributesFirst, state.AttributesMax, ref dropped)) return false;
                    break;
                case 0x20:
                    if (!reader.TryVarint(out bits)) return false;
                    dropped = ProtoRequest.AddSaturated(dropped, (uint)bits);
                    break;
                default:
                    if (!reader.TrySkip(tag, EventFields)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        SpanParts.AddEvent(ref state, events, time, name, attributesFirst, dropped, full, ref droppedEvents);
        return true;
    }

    public static bool TryLink(ref ProtoReader reader, ref DecodeState state, LinkColumns links, int first, ref uint droppedLinks)
    {
        if (!reader.TryEnter(out var frame)) return false;
        int attributesFirst = links.Attributes.Count, offset, length;
        TraceId traceId = default;
        SpanId spanId = default;
        Text traceState = default;
        uint dropped = 0, flags = 0;
        bool full = links.Count - first >= state.Limits.LinksMax;
        while (!full && reader.More)
        {
            if (!reader.TryTag(out uint tag)) return false;
            switch (tag)
            {
                case 0x0a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    traceId = OptionalIds.Trace(ref state, reader.Slice(offset, length));
                    break;
                case 0x12:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    spanId = OptionalIds.Span(ref state, reader.Slice(offset, length));
                    break;
                case 0x1a:
                    if (!reader.TryBytes(out offset, out length)) return false;
                    traceState = state.Take(offset, length, state.ValueBytesMax);
                    break;
                case 0x22:
                    if (!ProtoAnyValue.TryAttribute(ref reader, ref state, links.Attributes, attributesFirst, state.AttributesMax, ref dropped)) return false;
                    break;
                case 0x28:
                    if (!reader.TryVarint(out ulong bits)) return false;
                    dropped = ProtoRequest.AddSaturated(dropped, (uint)bits);
                    break;
                case 0x35:
                    if (!reader.TryFixed32(out flags)) return false;
                    break;
                default:
                    if (!reader.TrySkip(tag, LinkFields)) return false;
                    break;
            }
        }
        reader.Leave(frame);
        SpanParts.AddLink(ref state, links, traceId, spanId, traceState, flags, attributesFirst, dropped, full, ref droppedLinks);
        return true;
    }
}
