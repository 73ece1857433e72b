using System.Runtime.InteropServices;

namespace Waybill.Waterfalls;

/// <summary>What to leave out.</summary>
/// <param name="DepthMax">Levels to show.</param>
/// <param name="Fold">Whether a run of siblings that are alike becomes one line.</param>
internal sealed record LayoutOptions(int DepthMax = int.MaxValue, bool Fold = true);

/// <summary>
/// Decides which lines a waterfall has. Works on the spans in order with their depths; an ancestor's line runs down to its last child.
/// </summary>
internal sealed class Layout
{
    /// <summary>Shorter runs stay: three lines tell more than one that stands for them.</summary>
    private const int RunMin = 4;

    private readonly List<ShownSpan> _spans;
    private readonly LayoutOptions _options;
    private readonly int[] _end;         // Position after the last descendant.
    private readonly bool[] _followed;   // Whether a later sibling exists.
    private readonly int[] _shape;       // Hash of the span and all below, without times.
    private readonly bool[] _telling;    // Whether it or something below has an error, a doubt or a warning: never folded away.

    private Layout(ShownTrace trace, LayoutOptions options)
    {
        (_spans, _options) = (trace.Spans, options);
        int count = _spans.Count;
        (_end, _followed, _shape, _telling) = (new int[count], new bool[count], new int[count], new bool[count]);
        Measure(trace);
    }

    public static IEnumerable<WaterfallRow> Rows(ShownTrace trace, LayoutOptions options) => new Layout(trace, options).Rows();

    private void Measure(ShownTrace trace)
    {
        var open = new Stack<int>();   // The span before and its ancestors.
        for (int i = 0; i <= _spans.Count; i++)
        {
            int depth = i < _spans.Count ? _spans[i].Depth : -1;
            while (open.TryPeek(out int last) && _spans[last].Depth >= depth)
            {
                _end[last] = i;
                _followed[last] = _spans[last].Depth == depth;
                open.Pop();
            }
            open.Push(i);
        }
        // From the last to the first: everything below a span is known when its turn comes.
        for (int i = _spans.Count - 1; i >= 0; i--)
        {
            ShownSpan span = _spans[i];
            var shape = new HashCode();
            shape.Add(span.Service);
            shape.Add(span.Name);
            bool telling = span.IsError || span.Doubt != 0 || span.Failure.Length > 0
                || trace.Logs.TryGetValue(span.SpanId, out List<ShownLog>? logs) && logs.Exists(log => log.Severity >= ShownLog.Warn);
            for (int child = i + 1; child < _end[i]; child = _end[child])
            {
                shape.Add(_shape[child]);
                telling |= _telling[child];
            }
            (_shape[i], _telling[i]) = (shape.ToHashCode(), telling);
        }
    }

    private IEnumerable<WaterfallRow> Rows()
    {
        for (int i = 0; i < _spans.Count;)
        {
            int count = _options.Fold ? Run(i) : 1;
            if (count >= RunMin)
            {
                yield return Folded(i, count, out int next);
                i = next;
                continue;
            }
            ShownSpan span = _spans[i];
            bool cut = span.Depth + 1 >= _options.DepthMax;
            int hidden = cut ? _end[i] - i - 1 : 0;
            yield return new(i, 1, hidden, Guides(i, _followed[i]), span.StartUnixNano, span.EndUnixNano, span.DurationNano, span.DurationNano);
            i += 1 + hidden;
        }
    }

    /// <summary>How many siblings from here on are alike.</summary>
    private int Run(int first)
    {
        if (_telling[first]) return 1;
        int count = 1;
        for (int at = first; _followed[at] && _end[at] < _spans.Count; count++)
        {
            int next = _end[at];
            if (_telling[next] || _shape[next] != _shape[first] || _spans[next].Name != _spans[first].Name || _spans[next].Depth != _spans[first].Depth) break;
            at = next;
        }
        return count;
    }

    private WaterfallRow Folded(int first, int count, out int next)
    {
        long start = long.MaxValue, end = long.MinValue, longest = 0;
        double sum = 0;
        int at = first, last = first;
        for (int i = 0; i < count; i++, at = _end[at])
        {
            ShownSpan span = _spans[last = at];
            start = Math.Min(start, span.StartUnixNano);
            end = Math.Max(end, span.EndUnixNano);
            longest = Math.Max(longest, span.DurationNano);
            sum += span.DurationNano;
        }
        next = at;
        return new(first, count, next - first - count, Guides(first, _followed[last]), start, end, (long)(sum / count), longest);
    }

    private readonly List<bool> _running = [];

    private bool[] Guides(int at, bool followed)
    {
        int depth = _spans[at].Depth;
        while (_running.Count <= depth) _running.Add(false);
        CollectionsMarshal.SetCount(_running, depth + 1);
        _running[depth] = followed;
        return [.. _running];
    }
}
