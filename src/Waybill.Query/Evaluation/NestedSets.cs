namespace Waybill.Query.Evaluation;

/// <summary>
/// The tree of a trace as numbers: walking it from its roots, <see cref="Place.Left"/> is counted when a span is entered and
/// <see cref="Place.Right"/> when it is left, so that everything below a span lies between its two. Children are walked by start, then id.
/// </summary>
internal sealed class NestedSets
{
    /// <param name="Left">0 for a span that no chain of parents joins to a root.</param>
    /// <param name="Parent">The parent's Left; -1 for a root.</param>
    public readonly record struct Place(int Left, int Right, int Parent);

    private readonly Dictionary<TraceSpan, Place> _places = new(ReferenceEqualityComparer.Instance);

    public NestedSets(Trace trace)
    {
        ILookup<string, TraceSpan> children = trace.Spans.Where(span => span.ParentId.Length > 0).OrderBy(span => span.StartUnixNano).ThenBy(span => span.SpanId, StringComparer.Ordinal).ToLookup(span => span.ParentId);
        int next = 1;
        var walk = new Stack<(TraceSpan Span, int Parent, int Left)>();
        foreach (TraceSpan root in trace.Spans.Where(span => span.ParentId.Length == 0).OrderByDescending(span => span.StartUnixNano).ThenByDescending(span => span.SpanId, StringComparer.Ordinal))
            walk.Push((root, -1, 0));
        while (walk.TryPop(out var at))
        {
            if (at.Left > 0)
            {
                _places[at.Span] = new Place(at.Left, next++, at.Parent);
                continue;
            }
            if (!_places.TryAdd(at.Span, default)) continue;   // ids that are used twice
            int left = next++;
            walk.Push((at.Span, at.Parent, left));
            foreach (TraceSpan child in children[at.Span.SpanId].Reverse()) walk.Push((child, left, 0));
        }
    }

    /// <summary>All zero for an orphan.</summary>
    public Place Of(TraceSpan span) => _places.GetValueOrDefault(span);
}
