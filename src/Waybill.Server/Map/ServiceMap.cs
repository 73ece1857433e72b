using System.Globalization;
using Waybill.Catalogs;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Map;

/// <summary>A service, database, topic or peer. Counts and rates are weighted; durations are of what it was asked. Owner and criticality are the catalog's.</summary>
public sealed record MapNode(
    string Id, string Kind, string Name, string? System, double RequestCount, double RequestRate, double ErrorRatio, double? P50Nano, double? P95Nano, double? P99Nano,
    string Health, IReadOnlyList<string> HealthReasons, Load? Previous, Load? WeekBefore, string? Owner, string? Criticality, IReadOnlyList<RunningVersion> Versions);

/// <summary>Who asks whom. <see cref="LostCount"/>: calls whose other side was not received or had lost its context.</summary>
public sealed record MapEdge(
    string Id, string From, string To, string Kind, double RequestCount, double RequestRate, double ErrorRatio, double? P50Nano, double? P95Nano, double? P99Nano,
    double LostCount, double LostRatio, string Health, IReadOnlyList<string> HealthReasons, Load? Previous, Load? WeekBefore, IReadOnlyList<string> Environments);

public sealed record ServiceMap(string SinceUnixNano, string UntilUnixNano, string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<MapNode> Nodes, IReadOnlyList<MapEdge> Edges)
{
    /// <summary>The map with one node and its neighbours only.</summary>
    public ServiceMap Around(string node)
    {
        MapEdge[] kept = [.. Edges.Where(edge => edge.From == node || edge.To == node)];
        HashSet<string> near = [node, .. kept.Select(edge => edge.From), .. kept.Select(edge => edge.To)];
        return this with { Nodes = [.. Nodes.Where(of => near.Contains(of.Id))], Edges = kept };
    }
}

/// <summary>Makes the map of one window from its stored edges: pure.</summary>
/// <param name="seconds">Length of the window.</param>
public sealed class MapWindow
{
    private readonly double _seconds;

    public Dictionary<string, (double Requests, double Errors, Latencies Latencies)> Nodes { get; } = [];
    public Dictionary<(string From, string To, string Kind), (double Requests, double Errors, double Lost, Latencies Latencies, SortedSet<string> Environments)> Edges { get; } = [];

    public MapWindow(IReadOnlyList<StoredEdge> stored, double seconds)
    {
        _seconds = seconds;
        // An address that answers with spans of its own is instrumented: what is silent there was lost, and is not another peer.
        var behind = stored.Where(edge => edge is { Edge: "call", Peer: not "" }).GroupBy(edge => (edge.Source, edge.Peer))
            .ToDictionary(address => address.Key, address => address.MaxBy(edge => edge.Requests)!.Target);
        foreach (StoredEdge edge in stored)
        {
            if (edge.Edge == "external" && behind.TryGetValue((edge.Source, edge.Peer), out string? target))
            {
                AddEdge(edge.Source, target, "call", edge, edge.Orphans);
                continue;
            }
            AddNode(edge.Target, edge);
            if (edge.Source.Length == 0) continue;
            if (!Nodes.ContainsKey(edge.Source)) Nodes[edge.Source] = (0, 0, new Latencies());
            AddEdge(edge.Source, edge.Target, edge.Edge, edge, edge.Orphans + edge.Uncaused);
        }
    }

    public Load? NodeLoad(string id) => Nodes.TryGetValue(id, out var node) ? Load.Of(node.Requests, node.Errors, node.Latencies, _seconds) : null;

    public Load? EdgeLoad((string, string, string) id) => Edges.TryGetValue(id, out var edge) ? Load.Of(edge.Requests, edge.Errors, edge.Latencies, _seconds) : null;

    private void AddNode(string id, StoredEdge edge)
    {
        var node = Nodes.GetValueOrDefault(id);
        node.Latencies ??= new Latencies();
        // What is done with a topic is sending to it; its consumers' work is theirs.
        node.Latencies.Add(edge.Latencies);
        Nodes[id] = (node.Requests + edge.Requests, node.Errors + edge.Errors, node.Latencies);
    }

    private void AddEdge(string from, string to, string kind, StoredEdge stored, double lost)
    {
        var edge = Edges.GetValueOrDefault((from, to, kind));
        edge.Latencies ??= new Latencies();
        edge.Latencies.Add(stored.Latencies);
        (edge.Environments ??= new SortedSet<string>(StringComparer.Ordinal)).UnionWith(stored.Environments);
        Edges[(from, to, kind)] = (edge.Requests + stored.Requests, edge.Errors + stored.EdgeErrors, edge.Lost + lost, edge.Latencies, edge.Environments);
    }

    /// <summary>Puts three windows together.</summary>
    /// <param name="previous">The window before; null when nothing is stored of it.</param>
    public static ServiceMap Compare(
        TimeRange range, MapWindow now, MapWindow? previous, MapWindow? weekBefore, IReadOnlyDictionary<string, List<RunningVersion>> versions,
        Func<string, CatalogEntry?> entryOf, IReadOnlyList<PartialReason> reasons)
    {
        var nodes = new List<MapNode>();
        foreach (string id in now.Nodes.Keys.Union(previous?.Nodes.Keys ?? Enumerable.Empty<string>()).Order(StringComparer.Ordinal))
        {
            (string kind, string? system, string name) = Parse(id);
            Load load = now.NodeLoad(id) ?? Load.Of(0, 0, new Latencies(), 1);
            Load? before = previous?.NodeLoad(id), week = weekBefore?.NodeLoad(id);
            // A service that is only seen calling has no requests of its own to judge.
            Health health = now.Nodes.TryGetValue(id, out var own) && own.Requests == 0 ? new Health("healthy", []) : Map.Health.Of(load, before, week);
            CatalogEntry? entry = kind == "service" ? entryOf(name) : null;
            nodes.Add(new MapNode(id, kind, name, system, load.RequestCount, load.RequestRate, load.ErrorRatio, load.P50Nano, load.P95Nano, load.P99Nano,
                health.State, health.Reasons, before, week, entry?.Owner, entry?.Criticality, kind == "service" && versions.TryGetValue(name, out var running) ? running : []));
        }
        var edges = new List<MapEdge>();
        foreach (var id in now.Edges.Keys.Order())
        {
            Load load = now.EdgeLoad(id)!;
            Load? before = previous?.EdgeLoad(id), week = weekBefore?.EdgeLoad(id);
            double lost = now.Edges[id].Lost;
            Health health = Map.Health.Of(load, before, week);
            edges.Add(new MapEdge($"{id.From}>{id.To}>{id.Kind}", id.From, id.To, id.Kind, load.RequestCount, load.RequestRate, load.ErrorRatio, load.P50Nano, load.P95Nano, load.P99Nano,
                Math.Round(lost, 3), load.RequestCount > 0 ? Math.Round(lost / load.RequestCount, 6) : 0, health.State, health.Reasons, before, week, [.. now.Edges[id].Environments]));
        }
        return new ServiceMap(Text(range.SinceUnixNano), Text(range.UntilUnixNano), reasons.Count == 0 ? "complete" : "partial", reasons, nodes, edges);
    }

    internal static (string Kind, string? System, string Name) Parse(string id)
    {
        int colon = id.IndexOf(':', StringComparison.Ordinal);
        (string kind, string rest) = (id[..colon], id[(colon + 1)..]);
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        return kind is "queue" or "database" && slash >= 0 ? (kind, rest[..slash], rest[(slash + 1)..]) : (kind, null, rest);
    }

    internal static string Text(long unixNano) => unixNano.ToString(CultureInfo.InvariantCulture);
}
