using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Spans in OTLP/JSON.</summary>
/// <remarks>
/// {"traceId":"32 hex","spanId":"16 hex","parentSpanId":"","traceState":"","flags":0,"name":"","kind":2,"startTimeUnixNano":"1","endTimeUnixNano":"2",
///   "attributes":[...],"droppedAttributesCount":0,"events":[...],"droppedEventsCount":0,"links":[...],"droppedLinksCount":0,"status":{"message":"","code":2}}
/// </remarks>
internal static class JsonSpans
{
    public static readonly ReadJsonItem<SpanBatch> Read = ReadSpan;

    private static void ReadSpan(ref Utf8JsonReader json, ref DecodeState state, SpanBatch batch)
    {
        int level = json.CurrentDepth, at = JsonReading.At(ref json, ref state), textLength = state.Arena.Length;
        var before = state.Counts;
        var span = new SpanFields { ParentFits = true };
        int attributesFirst = batch.Attributes.Count, eventsFirst = batch.Events.Count, linksFirst = batch.Links.Count;
        var reason = Rejection.Malformed;
        bool read = true;
        while (read && JsonReading.NextProperty(ref json)) read = TryField(ref json, ref state, batch, ref span, attributesFirst, eventsFirst, linksFirst);
        if (read && SpanRules.Accept(ref state, span.TraceId, span.SpanId, span.ParentFits, out reason))
        {
            SpanRules.Add(batch, span);
            state.Rows++;
            return;
        }
        JsonReading.SkipTo(ref json, level);
        state.Counts = before;
        batch.DropUnfinished(textLength);
        state.Rejected.Add(reason, read ? at : state.FaultAt, 1);
        state.Fault = DecodeFault.None;
    }

    private static bool TryField(
        ref Utf8JsonReader json, ref DecodeState state, SpanBatch batch, ref SpanFields span, int attributesFirst, int eventsFirst, int linksFirst)
    {
        uint count;
        if (JsonReading.Is(ref json, "traceId"u8)) return JsonReading.TryTraceId(ref json, ref state, out span.TraceId, out _);
        if (JsonReading.Is(ref json, "spanId"u8)) return JsonReading.TrySpanId(ref json, ref state, out span.SpanId, out _);
        if (JsonReading.Is(ref json, "parentSpanId"u8)) return JsonReading.TrySpanId(ref json, ref state, out span.ParentId, out span.ParentFits);
        if (JsonReading.Is(ref json, "name"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out span.Name);
        if (JsonReading.Is(ref json, "kind"u8)) return JsonReading.TryEnum(ref json, ref state, (int)SpanKind.Consumer, out span.Kind);
        if (JsonReading.Is(ref json, "startTimeUnixNano"u8)) return JsonReading.TryUInt64(ref json, ref state, out span.Start);
        if (JsonReading.Is(ref json, "endTimeUnixNano"u8)) return JsonReading.TryUInt64(ref json, ref state, out span.End);
        if (JsonReading.Is(ref json, "attributes"u8))
            return JsonAnyValue.TryAttributes(ref json, ref state, batch.Attributes, attributesFirst, state.AttributesMax, ref span.DroppedAttributes);
        if (JsonReading.Is(ref json, "status"u8)) return TryStatus(ref json, ref state, ref span);
        if (JsonReading.Is(ref json, "events"u8)) return JsonSpanParts.TryEvents(ref json, ref state, batch.Events, eventsFirst, ref span.DroppedEvents);
        if (JsonReading.Is(ref json, "links"u8)) return JsonSpanParts.TryLinks(ref json, ref state, batch.Links, linksFirst, ref span.DroppedLinks);
        if (JsonReading.Is(ref json, "traceState"u8)) return JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out span.TraceState);
        if (JsonReading.Is(ref json, "flags"u8)) return JsonReading.TryUInt32(ref json, ref state, out span.Flags);
        if (JsonReading.Is(ref json, "droppedAttributesCount"u8))
        {
            if (!JsonReading.TryUInt32(ref json, ref state, out count)) return false;
            span.DroppedAttributes = ProtoRequest.AddSaturated(span.DroppedAttributes, count);
        }
        else if (JsonReading.Is(ref json, "droppedEventsCount"u8))
        {
            if (!JsonReading.TryUInt32(ref json, ref state, out count)) return false;
            span.DroppedEvents = ProtoRequest.AddSaturated(span.DroppedEvents, count);
        }
        else if (JsonReading.Is(ref json, "droppedLinksCount"u8))
        {
            if (!JsonReading.TryUInt32(ref json, ref state, out count)) return false;
            span.DroppedLinks = ProtoRequest.AddSaturated(span.DroppedLinks, count);
        }
        else json.Skip();
        return true;
    }

    private static bool TryStatus(ref Utf8JsonReader json, ref DecodeState state, ref SpanFields span)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
        while (present && JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "code"u8))
            {
                if (!JsonReading.TryEnum(ref json, ref state, (int)SpanStatus.Error, out span.Status)) return false;
            }
            else if (JsonReading.Is(ref json, "message"u8))
            {
                if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out span.StatusMessage)) return false;
            }
            else json.Skip();
        }
        return true;
    }
}
