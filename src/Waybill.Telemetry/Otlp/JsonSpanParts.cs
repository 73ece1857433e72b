using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Events and links of spans in OTLP/JSON.</summary>
/// <remarks>
/// {"timeUnixNano":"1","name":"","attributes":[...],"droppedAttributesCount":0}
/// {"traceId":"","spanId":"","traceState":"","flags":0,"attributes":[...],"droppedAttributesCount":0}
/// </remarks>
internal static class JsonSpanParts
{
    public static bool TryEvents(ref Utf8JsonReader json, ref DecodeState state, EventColumns events, int first, ref uint droppedEvents)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any && JsonReading.NextElement(ref json))
        {
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            int attributesFirst = events.Attributes.Count;
            ulong time = 0;
            Text name = default;
            uint dropped = 0;
            bool full = events.Count - first >= state.Limits.EventsMax;
            if (full) json.Skip();
            while (!full && JsonReading.NextProperty(ref json))
            {
                if (JsonReading.Is(ref json, "timeUnixNano"u8))
                {
                    if (!JsonReading.TryUInt64(ref json, ref state, out time)) return false;
                }
                else if (JsonReading.Is(ref json, "name"u8))
                {
                    if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out name)) return false;
                }
                else if (JsonReading.Is(ref json, "attributes"u8))
                {
                    if (!JsonAnyValue.TryAttributes(ref json, ref state, events.Attributes, attributesFirst, state.AttributesMax, ref dropped)) return false;
                }
                else if (JsonReading.Is(ref json, "droppedAttributesCount"u8))
                {
                    if (!JsonReading.TryUInt32(ref json, ref state, out uint count)) return false;
                    dropped = ProtoRequest.AddSaturated(dropped, count);
                }
                else json.Skip();
            }
            SpanParts.AddEvent(ref state, events, time, name, attributesFirst, dropped, full, ref droppedEvents);
        }
        return true;
    }

    public static bool TryLinks(ref Utf8JsonReader json, ref DecodeState state, LinkColumns links, int first, ref uint droppedLinks)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any && JsonReading.NextElement(ref json))
        {
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            int attributesFirst = links.Attributes.Count;
            var link = new LinkFields();
            bool full = links.Count - first >= state.Limits.LinksMax;
            if (full) json.Skip();
            while (!full && JsonReading.NextProperty(ref json))
                if (!TryLinkField(ref json, ref state, links, attributesFirst, ref link)) return false;
            SpanParts.AddLink(ref state, links, link.TraceId, link.SpanId, link.TraceState, link.Flags, attributesFirst, link.Dropped, full, ref droppedLinks);
        }
        return true;
    }

    private struct LinkFields
    {
        public TraceId TraceId;
        public SpanId SpanId;
        public Text TraceState;
        public uint Flags, Dropped;
    }

    private static bool TryLinkField(ref Utf8JsonReader json, ref DecodeState state, LinkColumns links, int attributesFirst, ref LinkFields link)
    {
        if (JsonReading.Is(ref json, "traceId"u8)) return OptionalIds.TryTrace(ref json, ref state, out link.TraceId);
        if (JsonReading.Is(ref json, "spanId"u8)) return OptionalIds.TrySpan(ref json, ref state, out link.SpanId);
        if (JsonReading.Is(ref json, "traceState"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out link.TraceState);
        if (JsonReading.Is(ref json, "flags"u8)) return JsonReading.TryUInt32(ref json, ref state, out link.Flags);
        if (JsonReading.Is(ref json, "attributes"u8))
            return JsonAnyValue.TryAttributes(ref json, ref state, links.Attributes, attributesFirst, state.AttributesMax, ref link.Dropped);
        if (JsonReading.Is(ref json, "droppedAttributesCount"u8))
        {
            if (!JsonReading.TryUInt32(ref json, ref state, out uint count)) return false;
            link.Dropped = ProtoRequest.AddSaturated(link.Dropped, count);
        }
        else json.Skip();
        return true;
    }
}
