using Waybill.Batches;

namespace Waybill.Traces;

/// <summary>What the shape of a trace is made from; row i of the trace.</summary>
/// <param name="DurationNano">end - start as sent; negative when the sender's clock ran back.</param>
/// <param name="Clock">Number of the resource that measured it: spans of one resource share one clock.</param>
/// <param name="Fingerprint">Hash of what a retried export repeats exactly; tells a duplicate from another span with the same id.</param>
public readonly record struct SpanNode(SpanId Id, SpanId ParentId, long StartUnixNano, long DurationNano, byte Kind, int Clock, ulong Fingerprint)
{
    public long EndUnixNano => unchecked(StartUnixNano + DurationNano);
}
