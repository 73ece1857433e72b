using Waybill.Batches;

namespace Waybill.Traces;

/// <summary>Why a span stands where it stands in the tree.</summary>
[Flags]
public enum SpanPlace : byte
{
    Normal = 0,
    /// <summary>It names a parent that was not received.</summary>
    Orphan = 1,
    /// <summary>Following its parents leads back to itself; the chain was cut before the earliest of them.</summary>
    Cycle = 2,
    /// <summary>Another, different span of the trace has the same id.</summary>
    SharedId = 4,
}

/// <summary>The spans of one trace in the order of a waterfall: depth first, siblings by start. Each received span is in it once.</summary>
public sealed class TraceTree
{
    /// <summary>Rows of the trace in display order, duplicates left out.</summary>
    public required int[] Order { get; init; }
    /// <summary>Row -> row of its parent, or -1.</summary>
    public required int[] Parent { get; init; }
    /// <summary>Row -> levels below its root.</summary>
    public required int[] Depth { get; init; }
    public required SpanPlace[] Place { get; init; }
    /// <summary>Rows that repeat another one exactly.</summary>
    public required int Duplicates { get; init; }
    public required int Orphans { get; init; }
    /// <summary>The root: the earliest span without a parent, else the earliest of all. -1 for an empty trace.</summary>
    public required int Root { get; init; }

    /// <summary>Builds the tree in O(n log n), whatever the parents say: missing, repeated, circular or pointing at themselves.</summary>
    public static TraceTree Build(ReadOnlySpan<SpanNode> spans)
    {
        int count = spans.Length;
        int[] parent = new int[count], depth = new int[count];
        var place = new SpanPlace[count];
        var rowOf = new Dictionary<SpanId, int>(count);
        var kept = new List<int>(count);
        int duplicates = Deduplicate(spans, rowOf, kept, place, parent);

        int orphans = 0;
        foreach (int row in kept)
        {
            parent[row] = -1;
            if (spans[row].ParentId.IsZero) continue;
            if (rowOf.TryGetValue(spans[row].ParentId, out int above)) parent[row] = above;
            else
            {
                place[row] |= SpanPlace.Orphan;
                orphans++;
            }
        }

        SpanNode[] nodes = spans.ToArray();
        kept.Sort((a, b) => Compare(nodes, a, b));
        CutCycles(kept, parent, place);
        int[] order = Walk(kept, parent, depth);
        return new TraceTree
        {
            Order = order, Parent = parent, Depth = depth, Place = place, Duplicates = duplicates, Orphans = orphans, Root = FindRoot(kept, nodes),
        };
    }

    private static int Deduplicate(ReadOnlySpan<SpanNode> spans, Dictionary<SpanId, int> rowOf, List<int> kept, SpanPlace[] place, int[] parent)
    {
        int duplicates = 0;
        var seen = new HashSet<(SpanId, ulong)>(spans.Length);
        for (int row = 0; row < spans.Length; row++)
        {
            if (!seen.Add((spans[row].Id, spans[row].Fingerprint)))
            {
                parent[row] = -1;
                duplicates++;
                continue;
            }
            kept.Add(row);
            if (!rowOf.TryAdd(spans[row].Id, row)) place[row] |= SpanPlace.SharedId;
        }
        return duplicates;
    }

    /// <summary>A chain of parents that does not end is cut before its earliest span, which becomes a root.</summary>
    private static void CutCycles(List<int> byStart, int[] parent, SpanPlace[] place)
    {
        int[] walk = new int[parent.Length];   // number of the walk that came by; 0 for none
        int[] rank = new int[parent.Length];
        for (int i = 0; i < byStart.Count; i++) rank[byStart[i]] = i;
        for (int i = 0; i < byStart.Count; i++)
        {
            int row = byStart[i];
            for (; row >= 0 && walk[row] == 0; row = parent[row]) walk[row] = i + 1;
            if (row < 0 || walk[row] != i + 1) continue;

            int earliest = row;
            for (int member = parent[row]; member != row; member = parent[member])
                if (rank[member] < rank[earliest]) earliest = member;
            parent[earliest] = -1;
            place[earliest] |= SpanPlace.Cycle;
        }
    }

    private static int[] Walk(List<int> byStart, int[] parent, int[] depth)
    {
        int count = parent.Length;
        int[] firstChild = new int[count], nextSibling = new int[count];
        Array.Fill(firstChild, -1);
        Array.Fill(nextSibling, -1);
        int firstRoot = -1;
        for (int i = byStart.Count - 1; i >= 0; i--)   // backwards: each goes to the front of its list
        {
            int row = byStart[i];
            if (parent[row] < 0) (nextSibling[row], firstRoot) = (firstRoot, row);
            else (nextSibling[row], firstChild[parent[row]]) = (firstChild[parent[row]], row);
        }
        int[] order = new int[byStart.Count];
        int written = 0;
        var stack = new Stack<int>();
        if (firstRoot >= 0) stack.Push(firstRoot);
        while (stack.TryPop(out int row))
        {
            order[written++] = row;
            if (nextSibling[row] >= 0) stack.Push(nextSibling[row]);
            if (firstChild[row] >= 0)
            {
                for (int child = firstChild[row]; child >= 0; child = nextSibling[child]) depth[child] = depth[row] + 1;
                stack.Push(firstChild[row]);
            }
        }
        return order;
    }

    private static int FindRoot(List<int> byStart, SpanNode[] nodes)
    {
        foreach (int row in byStart) if (nodes[row].ParentId.IsZero) return row;
        return byStart.Count == 0 ? -1 : byStart[0];
    }

    private static int Compare(SpanNode[] nodes, int a, int b)
    {
        int byStart = nodes[a].StartUnixNano.CompareTo(nodes[b].StartUnixNano);
        if (byStart != 0) return byStart;
        int longerFirst = nodes[b].DurationNano.CompareTo(nodes[a].DurationNano);
        return longerFirst != 0 ? longerFirst : a.CompareTo(b);
    }
}
