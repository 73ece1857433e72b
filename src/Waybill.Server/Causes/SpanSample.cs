using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>Which part of the question a span belongs to.</summary>
public enum Side : byte
{
    /// <summary>Read only so that a trace is whole.</summary>
    Outside,
    Baseline,
    Window,
}

/// <summary>One span as the sample takes it; texts are numbers of <see cref="SpanSample.Names"/>.</summary>
/// <param name="Dependency">Database, peer or queue the span names; 0 when it names none.</param>
/// <param name="IsLinked">Whether it points at other spans: caused by them without being their child.</param>
/// <param name="Version">Version of the service; 0 when unknown.</param>
public readonly record struct SampledSpan(
    UInt128 TraceId, ulong SpanId, ulong ParentId, long Start, long Duration, int Service, int Name, int Instance, int Dependency, int Version, byte Kind, bool Failed, bool IsLinked, Side Side)
{
    /// <summary>Whether it says that something caused it, received or not.</summary>
    public bool HasCause => IsLinked || (ParentId != 0 && ParentId != SpanId);
}

/// <summary>Texts as small numbers; 0 is the empty text.</summary>
public sealed class NameTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly List<string> _texts = [""];

    public int Count => _texts.Count;

    public string this[int number] => _texts[number];

    public int Of(string text)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, text, out bool known);
        if (known) return number;
        number = _texts.Count;
        _texts.Add(text);
        return number;
    }

    public int Find(string text) => _numbers.GetValueOrDefault(text, -1);
}

/// <summary>Spans of whole traces as columns, parents resolved. An operation is a service and a span name.</summary>
public sealed class SpanSample
{
    public required NameTable Names { get; init; }
    public required SampledSpan[] Spans { get; init; }

    /// <summary>Index of the parent; -1 for a root or when the parent is not stored.</summary>
    public required int[] Parent { get; init; }

    /// <summary>Number of the trace, 0 to <see cref="TraceCount"/> - 1.</summary>
    public required int[] Trace { get; init; }
    public required int TraceCount { get; init; }
    public required UInt128[] TraceIds { get; init; }

    /// <summary>Index into <see cref="Operations"/>.</summary>
    public required int[] Operation { get; init; }
    public required (int Service, int Name)[] Operations { get; init; }

    public int Count => Spans.Length;

    public string ServiceOf(int operation) => Names[Operations[operation].Service];

    public string NameOf(int operation) => Names[Operations[operation].Name];

    /// <summary>Resolves parents. A span that was sent twice counts once; a server span that shares its client's id (Zipkin) becomes its child.</summary>
    public static SpanSample Of(NameTable names, IReadOnlyList<SampledSpan> read)
    {
        var first = new Dictionary<(UInt128, ulong), int>(read.Count);
        var shared = new Dictionary<(UInt128, ulong), int>();
        var kept = new List<SampledSpan>(read.Count);
        foreach (var span in read)
        {
            var key = (span.TraceId, span.SpanId);
            if (first.TryAdd(key, kept.Count))
            {
                kept.Add(span);
                continue;
            }
            var other = kept[first[key]];
            if (other.Service == span.Service || shared.ContainsKey(key)) continue;
            bool isServer = span.Kind == 2 || (other.Kind != 2 && span.Start >= other.Start);
            shared[key] = isServer ? kept.Count : first[key];
            if (!isServer) first[key] = kept.Count;
            kept.Add(span);
        }
        return Link(names, [.. kept], first, shared);
    }

    private static SpanSample Link(NameTable names, SampledSpan[] spans, Dictionary<(UInt128, ulong), int> first, Dictionary<(UInt128, ulong), int> shared)
    {
        int[] parent = new int[spans.Length], trace = new int[spans.Length], operation = new int[spans.Length];
        var traces = new Dictionary<UInt128, int>();
        var operations = new Dictionary<(int, int), int>();
        for (int i = 0; i < spans.Length; i++)
        {
            ref readonly var span = ref spans[i];
            ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(traces, span.TraceId, out bool known);
            if (!known) number = traces.Count - 1;
            trace[i] = number;
            ref int op = ref CollectionsMarshal.GetValueRefOrAddDefault(operations, (span.Service, span.Name), out bool seen);
            if (!seen) op = operations.Count - 1;
            operation[i] = op;
            parent[i] = ParentOf(span, i, first, shared);
        }
        return new SpanSample
        {
            Names = names, Spans = spans, Parent = parent, Trace = trace, TraceCount = traces.Count, TraceIds = [.. traces.Keys],
            Operation = operation, Operations = [.. operations.Keys],
        };
    }

    private static int ParentOf(in SampledSpan span, int index, Dictionary<(UInt128, ulong), int> first, Dictionary<(UInt128, ulong), int> shared)
    {
        if (shared.TryGetValue((span.TraceId, span.SpanId), out int server) && server == index) return first[(span.TraceId, span.SpanId)];
        if (span.ParentId == 0 || span.ParentId == span.SpanId) return -1;
        if (shared.TryGetValue((span.TraceId, span.ParentId), out int half)) return half;
        return first.GetValueOrDefault((span.TraceId, span.ParentId), -1);
    }
}
