using Waybill.Traces;

namespace Waybill.Digests;

/// <summary>
/// What a trace waited for: from its end backwards, always through the child that ended last before the point reached. The shares of all spans add up to the
/// trace's time. Clock offsets are taken out first as far as they are known; whatever times contradict the tree after that are clamped to the parent.
/// </summary>
public static class CriticalPath
{
    /// <summary>Row -> nanoseconds of the trace that are its own; -1 for a span that is not on the path.</summary>
    public static long[] Of(ReadOnlySpan<SpanNode> spans, TraceTree tree, IReadOnlyList<ClockOffset> offsets)
    {
        int count = spans.Length;
        long[] start = new long[count], end = new long[count], critical = new long[count];
        Array.Fill(critical, -1);
        var offsetOf = offsets.ToDictionary(offset => offset.Clock, offset => offset.OffsetNano);
        foreach (int row in tree.Order)
        {
            long shift = offsetOf.GetValueOrDefault(spans[row].Clock);
            start[row] = unchecked(spans[row].StartUnixNano - shift);
            end[row] = unchecked(start[row] + Math.Max(0, spans[row].DurationNano));
        }
        // A span lasts as long as what it set off: a consumer that runs after its producer's end is on the path of the trace too.
        for (int i = tree.Order.Length - 1; i >= 0; i--)
        {
            int row = tree.Order[i], parent = tree.Parent[row];
            if (parent >= 0) end[parent] = Math.Max(end[parent], end[row]);
        }
        (int[] byEnd, int[] first) = ChildrenByEnd(tree, end, count);
        Walk(byEnd, first, start, end, critical);
        return critical;
    }

    // Children of a row lie in byEnd[first[row + 1]..first[row + 2]], the last to end first; roots are the children of row -1.
    private static (int[] ByEnd, int[] First) ChildrenByEnd(TraceTree tree, long[] end, int count)
    {
        int[] first = new int[count + 2], byEnd = [.. tree.Order];
        foreach (int row in tree.Order) first[tree.Parent[row] + 2]++;
        for (int i = 1; i < first.Length; i++) first[i] += first[i - 1];
        Array.Sort(byEnd, (a, b) =>
        {
            int byParent = tree.Parent[a].CompareTo(tree.Parent[b]);
            if (byParent != 0) return byParent;
            int latest = end[b].CompareTo(end[a]);
            return latest != 0 ? latest : a.CompareTo(b);
        });
        return (byEnd, first);
    }

    private static void Walk(int[] byEnd, int[] first, long[] start, long[] end, long[] critical)
    {
        if (byEnd.Length == 0) return;
        int roots = first[1];
        long from = long.MaxValue, until = long.MinValue;
        for (int i = 0; i < roots; i++) (from, until) = (Math.Min(from, start[byEnd[i]]), Math.Max(until, end[byEnd[i]]));
        // An explicit stack: a trace may be as deep as it has spans. Row -1 stands for the trace itself. Floor: what an ancestor does not reach back to is not waited for.
        var stack = new Stack<(int Row, int Next, long Cursor, long Floor)>();
        stack.Push((-1, 0, until, from));
        while (stack.TryPop(out var at))
        {
            (int row, int next, long cursor, long floor) = at;
            int last = first[row + 2];
            while (next < last && !IsBefore(byEnd[next], cursor, floor, start, end)) next++;
            if (next == last)
            {
                if (row >= 0) critical[row] += Math.Max(0, cursor - floor);
                continue;
            }
            int child = byEnd[next];
            long childEnd = Math.Min(end[child], cursor), childFloor = Math.Max(floor, start[child]);
            if (row >= 0) critical[row] += cursor - childEnd;
            stack.Push((row, next + 1, childFloor, floor));
            critical[child] = 0;
            stack.Push((child, first[child + 1], childEnd, childFloor));
        }
    }

    private static bool IsBefore(int child, long cursor, long floor, long[] start, long[] end) =>
        start[child] < cursor && end[child] > floor && (end[child] <= cursor || end[child] - cursor <= (end[child] - start[child]) / 100);
}
