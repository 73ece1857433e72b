using Waybill.Spans;

namespace Waybill.Traces;

/// <summary>How far a resource's clock seems to be ahead of the root's, and how sure that is.</summary>
/// <param name="Clock">Number of the resource, as in <see cref="SpanNode.Clock"/>.</param>
/// <param name="OffsetNano">Ahead when positive.</param>
/// <param name="UncertaintyNano">The true offset lies within this of <see cref="OffsetNano"/>, if calls are as fast one way as the other.</param>
public sealed record ClockOffset(int Clock, long OffsetNano, long UncertaintyNano);

/// <summary>
/// Estimates clock skew from calls: a server span must lie inside its client span. With t0, t3 the client's start and end and t1, t2 the
/// server's, the server's clock is ahead by ((t1 - t0) + (t2 - t3)) / 2, give or take ((t3 - t0) - (t2 - t1)) / 2 (as NTP reckons).
/// Nothing is changed by it: raw times stay, the estimate is shown beside them.
/// </summary>
public static class ClockSkew
{
    /// <summary>Offsets of the clocks that contradict the root's by more than the uncertainty; clocks without evidence are left out.</summary>
    public static IReadOnlyList<ClockOffset> Estimate(ReadOnlySpan<SpanNode> spans, TraceTree tree)
    {
        if (tree.Root < 0) return [];
        var best = new Dictionary<(int From, int To), (long Offset, long Uncertainty)>();
        foreach (int row in tree.Order)
        {
            int parent = tree.Parent[row];
            if (parent < 0 || spans[parent].Clock == spans[row].Clock) continue;
            SpanNode client = spans[parent], server = spans[row];
            if (client.Kind != (byte)SpanKind.Client || server.Kind != (byte)SpanKind.Server) continue;
            if (client.DurationNano < 0 || server.DurationNano < 0 || server.DurationNano > client.DurationNano) continue;
            long outward = server.StartUnixNano - client.StartUnixNano, homeward = server.EndUnixNano - client.EndUnixNano;
            long offset = outward + (homeward - outward) / 2, uncertainty = (client.DurationNano - server.DurationNano) / 2;
            var edge = (client.Clock, server.Clock);
            if (!best.TryGetValue(edge, out var known) || uncertainty < known.Uncertainty) best[edge] = (offset, uncertainty);
        }

        var offsets = new Dictionary<int, (long Offset, long Uncertainty)> { [spans[tree.Root].Clock] = (0, 0) };
        // Parents come before children in the order, so one pass carries offsets from the root outwards.
        foreach (int row in tree.Order)
        {
            int parent = tree.Parent[row];
            if (parent < 0 || !offsets.TryGetValue(spans[parent].Clock, out var from)) continue;
            if (!best.TryGetValue((spans[parent].Clock, spans[row].Clock), out var edge)) continue;
            offsets.TryAdd(spans[row].Clock, (from.Offset + edge.Offset, from.Uncertainty + edge.Uncertainty));
        }
        return [.. offsets.Where(o => Math.Abs(o.Value.Offset) > o.Value.Uncertainty)
            .Select(o => new ClockOffset(o.Key, o.Value.Offset, o.Value.Uncertainty)).OrderBy(o => o.Clock)];
    }
}
