using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Digests;

/// <summary>The way a failure took through a trace: from the topmost span that failed down to the one where it began.</summary>
public static class FailurePath
{
    /// <param name="failed">Row -> whether its status is error.</param>
    /// <returns>Rows from the top to the origin; empty when nothing failed.</returns>
    public static List<int> Of(ReadOnlySpan<SpanNode> spans, TraceTree tree, bool[] failed)
    {
        bool[] within = [.. failed];
        for (int i = tree.Order.Length - 1; i >= 0; i--)
            if (within[tree.Order[i]] && tree.Parent[tree.Order[i]] is var parent and >= 0) within[parent] = true;

        int top = -1;
        int[] origin = new int[spans.Length];
        Array.Fill(origin, -1);
        foreach (int row in tree.Order)
        {
            if (failed[row] && (top < 0 || tree.Depth[row] < tree.Depth[top])) top = row;
            int parent = tree.Parent[row];
            if (parent < 0 || !(failed[row] || (within[row] && PassesOn(spans[row])))) continue;
            if (origin[parent] < 0 || IsBetter(spans, row, origin[parent], failed)) origin[parent] = row;
        }

        var path = new List<int>();
        int deepest = 0;
        for (int row = top; row >= 0; row = origin[row])
        {
            path.Add(row);
            if (failed[row]) deepest = path.Count;
        }
        path.RemoveRange(deepest, path.Count - deepest);   // what follows did not fail itself
        return path;
    }

    // Of a span that is not marked as failed, an inner one passes on what failed within it; a caller or callee has dealt with it.
    private static bool PassesOn(SpanNode span) => (SpanKind)span.Kind is SpanKind.Internal or SpanKind.Unspecified;

    // The attempt that failed last is the one that was given up on.
    private static bool IsBetter(ReadOnlySpan<SpanNode> spans, int row, int than, bool[] failed) =>
        failed[row] != failed[than] ? failed[row] : spans[row].EndUnixNano >= spans[than].EndUnixNano;
}
