using System.Runtime.InteropServices;

namespace Waybill.Causes;

public enum PartType : byte
{
    /// <summary>Own time of an operation.</summary>
    Own,
    /// <summary>The way to another service and back: duration of the caller's span without that of the callee's.</summary>
    Way,
    /// <summary>A call to something without spans of its own: database, peer, queue.</summary>
    Dependency,
}

/// <summary>What the time of a request is made of.</summary>
/// <param name="Operation">The operation whose spans carry the time.</param>
/// <param name="Far">Name of the called service or dependency; 0 for own time.</param>
public sealed record Part(PartType Type, int Operation, int Far)
{
    public List<int> Spans { get; } = [];
}

/// <summary>Sorts every span of the window and the baseline into its part.</summary>
public sealed class Parts
{
    private readonly List<Part> _parts = [];

    public IReadOnlyList<Part> All => _parts;

    /// <summary>Index into <see cref="All"/> by span; -1 outside of window and baseline.</summary>
    public required int[] Of { get; init; }

    /// <summary>Client operations that are usually answered: operation to the name of the service that answers.</summary>
    public Dictionary<int, int> UsualCallee { get; } = [];

    /// <summary>The service behind a peer's name, learned from calls that were answered.</summary>
    public Dictionary<int, int> ServiceBehind { get; } = [];

    public static Parts Split(SpanSample sample, CallForest forest)
    {
        var parts = new Parts { Of = new int[sample.Count] };
        parts.LearnCallees(sample, forest);
        var known = new Dictionary<(PartType, int, int), int>();
        for (int i = 0; i < sample.Count; i++)
        {
            parts.Of[i] = -1;
            if (sample.Spans[i].Side == Side.Outside) continue;
            var key = parts.KeyOf(sample, forest, i);
            ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(known, key, out bool exists);
            if (!exists)
            {
                number = parts._parts.Count;
                parts._parts.Add(new Part(key.Item1, key.Item2, key.Item3));
            }
            parts._parts[number].Spans.Add(i);
            parts.Of[i] = number;
        }
        return parts;
    }

    /// <summary>Service that a client span reached; 0 when nobody answered.</summary>
    public static int CalleeOf(SpanSample sample, CallForest forest, int span)
    {
        foreach (int child in forest.Children(span))
            if (sample.Spans[child].Service != sample.Spans[span].Service) return sample.Spans[child].Service;
        return 0;
    }

    private (PartType, int, int) KeyOf(SpanSample sample, CallForest forest, int i)
    {
        int operation = sample.Operation[i], dependency = sample.Spans[i].Dependency;
        if (!forest.IsClient[operation]) return (dependency != 0 && forest.Children(i).Length == 0 ? PartType.Dependency : PartType.Own, operation, dependency != 0 && forest.Children(i).Length == 0 ? dependency : 0);
        int callee = CalleeOf(sample, forest, i);
        if (callee == 0 && dependency != 0) callee = ServiceBehind.GetValueOrDefault(dependency);
        if (callee == 0 && dependency == 0) callee = UsualCallee.GetValueOrDefault(operation);
        return callee != 0 ? (PartType.Way, operation, callee) : (PartType.Dependency, operation, dependency);
    }

    private void LearnCallees(SpanSample sample, CallForest forest)
    {
        var answered = new Dictionary<(int Operation, int Callee), int>();
        var total = new Dictionary<int, int>();
        var behind = new Dictionary<(int Dependency, int Callee), int>();
        for (int i = 0; i < sample.Count; i++)
        {
            int operation = sample.Operation[i];
            if (!forest.IsClient[operation]) continue;
            if (sample.Spans[i].Side != Side.Window) CollectionsMarshal.GetValueRefOrAddDefault(total, operation, out _)++;
            int callee = CalleeOf(sample, forest, i);
            if (callee == 0) continue;
            if (sample.Spans[i].Side != Side.Window) CollectionsMarshal.GetValueRefOrAddDefault(answered, (operation, callee), out _)++;
            if (sample.Spans[i].Dependency != 0) CollectionsMarshal.GetValueRefOrAddDefault(behind, (sample.Spans[i].Dependency, callee), out _)++;
        }
        foreach (var ((operation, callee), count) in answered.OrderBy(a => a.Value).ThenBy(a => a.Key.Callee))
            if (count * 2 > total.GetValueOrDefault(operation)) UsualCallee[operation] = callee;
        foreach (var ((dependency, callee), _) in behind.OrderBy(b => b.Value).ThenBy(b => b.Key.Callee)) ServiceBehind[dependency] = callee;
    }
}
