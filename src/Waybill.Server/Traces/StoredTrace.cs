using System.Runtime.InteropServices;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Traces;

/// <summary>A trace as read: its rows still lie in the engine's blocks, so 100,000 spans cost their bytes and not 100,000 objects.</summary>
public sealed class StoredTrace
{
    private readonly List<(Block Block, int Row)> _rows;
    private readonly Dictionary<ulong, int> _clocks = [];

    private StoredTrace(List<(Block, int)> rows, int quarantinedFrom)
    {
        _rows = rows;
        QuarantinedFrom = quarantinedFrom;
        Nodes = new SpanNode[rows.Count];
        for (int i = 0; i < rows.Count; i++) Nodes[i] = ToNode(rows[i].Item1, rows[i].Item2);
        Tree = TraceTree.Build(Nodes);
        ClockOffsets = ClockSkew.Estimate(Nodes, Tree);
    }

    public SpanNode[] Nodes { get; }
    public TraceTree Tree { get; }
    public IReadOnlyList<ClockOffset> ClockOffsets { get; }

    /// <summary>Rows from here on came from the quarantine.</summary>
    public int QuarantinedFrom { get; }

    /// <summary>Resources of the trace: id and the number of its clock.</summary>
    public IReadOnlyDictionary<ulong, int> Clocks => _clocks;

    public (Block Block, int Row) this[int row] => _rows[row];

    /// <param name="limit">Rows kept; the rest is left out and <paramref name="truncated"/> says so.</param>
    public static StoredTrace Of(IEnumerable<Block> spans, IEnumerable<Block> quarantined, int limit, out bool truncated)
    {
        var rows = new List<(Block, int)>();
        Add(rows, spans);
        int quarantinedFrom = rows.Count;
        Add(rows, quarantined);
        truncated = rows.Count > limit;
        if (truncated) rows.RemoveRange(limit, rows.Count - limit);
        return new StoredTrace(rows, Math.Min(quarantinedFrom, rows.Count));
    }

    private static void Add(List<(Block, int)> rows, IEnumerable<Block> blocks)
    {
        foreach (Block block in blocks)
            for (int row = 0; row < block.Rows; row++) rows.Add((block, row));
    }

    private SpanNode ToNode(Block block, int row)
    {
        ulong resource = block["resource_id"].GetUInt64(row);
        ref int clock = ref CollectionsMarshal.GetValueRefOrAddDefault(_clocks, resource, out bool known);
        if (!known) clock = _clocks.Count - 1;
        long start = block["start"].GetInt64(row), duration = block["duration"].GetInt64(row);
        var print = new HashCode();
        print.Add(start);
        print.Add(duration);
        print.Add(resource);
        print.AddBytes(block["name"].GetBytes(row));
        print.AddBytes(block["parent_id"].GetBytes(row));
        return new SpanNode(new SpanId(block["span_id"].GetBytes(row)), new SpanId(block["parent_id"].GetBytes(row)), start, duration,
            (byte)block["kind"].GetInt64(row), clock, (ulong)(uint)print.ToHashCode());
    }
}
