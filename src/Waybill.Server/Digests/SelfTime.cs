using Waybill.Traces;

namespace Waybill.Digests;

/// <summary>What a span did itself: its time less the time in which at least one child ran.</summary>
public static class SelfTime
{
    /// <summary>Row -> nanoseconds.</summary>
    public static long[] Of(ReadOnlySpan<SpanNode> spans, TraceTree tree)
    {
        int count = spans.Length;
        long[] self = new long[count], covered = new long[count];
        foreach (int row in tree.Order)
        {
            self[row] = Math.Max(0, spans[row].DurationNano);
            covered[row] = spans[row].StartUnixNano;
        }
        // The order has siblings by start, so each adds what lies beyond its elders.
        foreach (int row in tree.Order)
        {
            int parent = tree.Parent[row];
            if (parent < 0) continue;
            long parentEnd = Math.Max(spans[parent].StartUnixNano, spans[parent].EndUnixNano);
            long from = Math.Max(covered[parent], spans[row].StartUnixNano), until = Math.Min(parentEnd, spans[row].EndUnixNano);
            if (until <= from) continue;
            self[parent] -= until - from;
            covered[parent] = until;
        }
        return self;
    }
}
