using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Adds an event or link in any encoding, or counts it as dropped when the span is full or nothing is in it.</summary>
internal static class SpanParts
{
    public static void AddEvent(
        ref DecodeState state, EventColumns events, ulong time, Text name, int attributesFirst, uint dropped, bool full, ref uint droppedEvents)
    {
        if (full || (time == 0 && name.IsEmpty && events.Attributes.Count == attributesFirst))
        {
            state.Counts.DroppedEvents++;
            droppedEvents = ProtoRequest.AddSaturated(droppedEvents, 1);
            return;
        }
        events.TimeUnixNano.Add(time);
        events.Name.Add(name);
        events.AttributesEnd.Add(events.Attributes.Count);
        events.DroppedAttributes.Add(dropped);
    }

    public static void AddLink(
        ref DecodeState state, LinkColumns links, TraceId traceId, SpanId spanId, Text traceState, uint flags, int attributesFirst, uint dropped, bool full,
        ref uint droppedLinks)
    {
        if (full || (traceId.IsZero && spanId.IsZero && traceState.IsEmpty && links.Attributes.Count == attributesFirst))
        {
            state.Counts.DroppedLinks++;
            droppedLinks = ProtoRequest.AddSaturated(droppedLinks, 1);
            return;
        }
        links.TraceId.Add(traceId);
        links.SpanId.Add(spanId);
        links.TraceState.Add(traceState);
        links.Flags.Add(flags);
        links.AttributesEnd.Add(links.Attributes.Count);
        links.DroppedAttributes.Add(dropped);
    }
}
