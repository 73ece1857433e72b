using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Fields of a span, while it is read.</summary>
internal struct SpanFields
{
    public TraceId TraceId;
    public SpanId SpanId, ParentId;
    public Text TraceState, Name, StatusMessage;
    public uint Flags, DroppedAttributes, DroppedEvents, DroppedLinks;
    public byte Kind, Status;
    public ulong Start, End;
    public bool ParentFits;
}

/// <summary>What makes a span acceptable, and the row it becomes, in any encoding.</summary>
internal static class SpanRules
{
    public static bool Accept(ref DecodeState state, TraceId traceId, SpanId spanId, bool parentFits, out Rejection reason)
    {
        reason = traceId.IsZero ? Rejection.TraceId
            : spanId.IsZero ? Rejection.SpanId
            : !parentFits ? Rejection.ParentSpanId
            : Rejection.Items;
        return reason == Rejection.Items && state.Rows < state.Limits.ItemsMax;
    }

    /// <summary>Adds the span whose attributes, events and links were just appended.</summary>
    public static void Add(SpanBatch batch, in SpanFields span)
    {
        batch.Resource.Add(batch.Resources.Count);
        batch.Scope.Add(batch.Scopes.Count);
        batch.TraceId.Add(span.TraceId);
        batch.SpanId.Add(span.SpanId);
        batch.ParentId.Add(span.ParentId);
        batch.TraceState.Add(span.TraceState);
        batch.Flags.Add(span.Flags);
        batch.Name.Add(span.Name);
        batch.Kind.Add(span.Kind);
        batch.StartUnixNano.Add(span.Start);
        batch.EndUnixNano.Add(span.End);
        batch.StatusCode.Add(span.Status);
        batch.StatusMessage.Add(span.StatusMessage);
        batch.AttributesEnd.Add(batch.Attributes.Count);
        batch.DroppedAttributes.Add(span.DroppedAttributes);
        batch.EventsEnd.Add(batch.Events.Count);
        batch.DroppedEvents.Add(span.DroppedEvents);
        batch.LinksEnd.Add(batch.Links.Count);
        batch.DroppedLinks.Add(span.DroppedLinks);
    }
}
