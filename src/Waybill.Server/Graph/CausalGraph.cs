using Waybill.Traces;

namespace Waybill.Graph;

/// <summary>Something that happened, or a name under which things happened.</summary>
/// <param name="Kind">trace, spans, message, job, business_id or change.</param>
/// <param name="Distance">Steps from what was asked: below 0 towards causes, above 0 towards effects.</param>
/// <param name="SpanCount">Stored spans, not weighted.</param>
public sealed record GraphNode(string Id, string Kind, string Label, int Distance)
{
    public string? TraceId { get; init; }
    /// <summary>The node of the trace that spans belong to.</summary>
    public string? Trace { get; init; }
    /// <summary>The first of the spans.</summary>
    public string? SpanId { get; init; }
    public string? Service { get; init; }
    public string? Operation { get; init; }
    public string? SpanKind { get; init; }
    public string? StartUnixNano { get; init; }
    public long? DurationNano { get; init; }
    public long? SpanCount { get; init; }
    public long? ErrorCount { get; init; }
    public IReadOnlyList<string>? Services { get; init; }
    /// <summary>Its parent was not received.</summary>
    public bool? Orphan { get; init; }
    /// <summary>Something points to it, and nothing of it is stored.</summary>
    public bool? Missing { get; init; }
    public string? Destination { get; init; }
    public string? MessageId { get; init; }
    public string? Key { get; init; }
    public string? Value { get; init; }
}

/// <summary>Why an edge is there: one sentence, and where to look.</summary>
public sealed record EdgeEvidence(string Sentence, string? TraceId = null, string? SpanId = null, string? Attribute = null, string? Value = null);

/// <summary>From cause to effect.</summary>
/// <param name="Kind">contains, calls, delivers, publishes, links, runs, concerns or precedes.</param>
public sealed record GraphEdge(string From, string To, string Kind, long Count, long ErrorCount, EdgeEvidence Evidence);

public sealed record CausalGraph(
    string Id, string RecognisedAs, IReadOnlyList<string> Focus, string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges);

/// <summary>Collects nodes and edges, each once, up to a number of nodes.</summary>
internal sealed class GraphDraft(int nodesMax)
{
    private readonly Dictionary<string, GraphNode> _nodes = [];
    private readonly Dictionary<(string From, string To, string Kind), GraphEdge> _edges = [];

    /// <summary>Nodes that found no room.</summary>
    public int LeftOut { get; private set; }

    public bool Has(string id) => _nodes.ContainsKey(id);

    public GraphNode? Find(string id) => _nodes.GetValueOrDefault(id);

    /// <summary>The first spans of a service in a trace.</summary>
    public GraphNode? FirstSpans(string trace, string service) => _nodes.Values.FirstOrDefault(node => node.Trace == trace && node.Service == service);

    /// <summary>Adds a node unless it is there.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool Add(GraphNode node)
    {
        if (_nodes.ContainsKey(node.Id)) return true;
        if (_nodes.Count >= nodesMax)
        {
            LeftOut++;
            return false;
        }
        _nodes.Add(node.Id, node);
        return true;
    }

    /// <summary>Adds an edge between nodes that are there; equal edges are counted together.</summary>
    public void Connect(string from, string to, string kind, EdgeEvidence evidence, long count = 1, long errors = 0)
    {
        if (from == to || !Has(from) || !Has(to)) return;
        var key = (from, to, kind);
        _edges[key] = _edges.TryGetValue(key, out GraphEdge? known) ? known with { Count = known.Count + count, ErrorCount = known.ErrorCount + errors } : new GraphEdge(from, to, kind, count, errors, evidence);
    }

    public CausalGraph Finish(string id, string recognisedAs, IReadOnlyList<string> focus, List<PartialReason> reasons)
    {
        if (LeftOut > 0) reasons.Add(new("over_limit", $"{LeftOut} more nodes are left out of {nodesMax}; raise limit (at most 2000), or lower up and down."));
        return new CausalGraph(id, recognisedAs, focus, reasons.Count == 0 ? "complete" : "partial", reasons, [.. _nodes.Values], [.. _edges.Values]);
    }
}
