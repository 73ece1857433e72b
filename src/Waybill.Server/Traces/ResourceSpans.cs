using Waybill.Blocks;

namespace Waybill.Traces;

/// <summary>Spans of one resource and one scope, as OTLP groups them. A resource with many spans comes more than once, so that each part can be sent before the next is made.</summary>
internal sealed record ResourceSpans(Origin? Resource, Origin? Scope, IReadOnlyList<int> Rows)
{
    private const int RowsMax = 1_000;

    public static IEnumerable<ResourceSpans> Of(TraceAnswer answer)
    {
        StoredTrace trace = answer.Trace;
        var groups = trace.Tree.Order.GroupBy(row =>
        {
            (Block block, int at) = trace[row];
            return (Resource: block["resource_id"].GetUInt64(at), Scope: block["scope_id"].GetUInt64(at));
        });
        foreach (var group in groups)
            foreach (int[] rows in group.Chunk(RowsMax))
                yield return new ResourceSpans(answer.Resources.GetValueOrDefault(group.Key.Resource), answer.Scopes.GetValueOrDefault(group.Key.Scope), rows);
    }
}

/// <summary>The counts that a sender dropped of a span, as they are stored: nothing, or <c>attributes,events,links</c>.</summary>
internal readonly record struct DroppedCounts(uint Attributes, uint Events, uint Links)
{
    public static DroppedCounts Of(Block block, int row)
    {
        string stored = block["dropped"].GetString(row);
        if (stored.Length == 0) return default;
        uint[] counts = [.. stored.Split(',').Select(uint.Parse)];
        return new DroppedCounts(counts[0], counts[1], counts[2]);
    }
}
