using Waybill.Digests;
using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Graph;

/// <summary>Spans of one trace that are alike: same parent group, service, name, kind and callee. Fifty thousand equal children are one.</summary>
/// <param name="Parent">Index of the parent's group; -1 for roots and orphans.</param>
/// <param name="FirstRow">Row of the earliest of them.</param>
internal sealed record SpanGroup(int Index, int Parent, int FirstRow, string Service, string Name, SpanKind Kind, bool Orphan)
{
    public int Count { get; set; }
    public int Errors { get; set; }
    public long StartUnixNano { get; set; } = long.MaxValue;
    public long EndUnixNano { get; set; } = long.MinValue;
}

/// <summary>Folds a trace into groups, in the order of the waterfall.</summary>
internal static class SpanGroups
{
    /// <param name="groupOf">Row -> index of its group; -1 for rows left out as duplicates.</param>
    public static List<SpanGroup> Of(StoredTrace trace, out int[] groupOf)
    {
        TraceTree tree = trace.Tree;
        groupOf = new int[trace.Nodes.Length];
        Array.Fill(groupOf, -1);
        var groups = new List<SpanGroup>();
        var known = new Dictionary<(int, string, string, SpanKind, string, bool), SpanGroup>();
        string?[] callees = Callees(trace);
        foreach (int row in tree.Order)
        {
            var span = new SpanView(trace, row);
            int parent = tree.Parent[row] < 0 ? -1 : groupOf[tree.Parent[row]];
            bool orphan = tree.Place[row].HasFlag(SpanPlace.Orphan);
            var key = (parent, span.Service, span.Name, span.Kind, callees[row] ?? "", orphan);
            if (!known.TryGetValue(key, out SpanGroup? group)) groups.Add(known[key] = group = new SpanGroup(groups.Count, parent, row, span.Service, span.Name, span.Kind, orphan));
            group.Count++;
            if (span.IsError) group.Errors++;
            group.StartUnixNano = Math.Min(group.StartUnixNano, span.Node.StartUnixNano);
            group.EndUnixNano = Math.Max(group.EndUnixNano, Math.Max(span.Node.StartUnixNano, span.Node.EndUnixNano));
            groupOf[row] = group.Index;
        }
        return groups;
    }

    // Spans named POST that call two services are two groups: row -> the other service among its children.
    private static string?[] Callees(StoredTrace trace)
    {
        string?[] callees = new string?[trace.Nodes.Length];
        foreach (int row in trace.Tree.Order)
        {
            int parent = trace.Tree.Parent[row];
            if (parent < 0 || (SpanKind)trace.Nodes[parent].Kind is not SpanKind.Client) continue;
            callees[parent] ??= new SpanView(trace, row).Service;
        }
        return callees;
    }
}
