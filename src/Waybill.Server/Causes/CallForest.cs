using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>
/// The calls of a sample: who waited for whom, and what is left as a span's own time. Works from times and structure alone; kinds help when they are there.
/// </summary>
/// <remarks>
/// Own time is a span's duration minus the union of the children it waited for. A child that outlives its parent as a rule is asynchronous and begins an entry
/// of its own. A child whose clock is off (it would fit into its parent, but lies outside) is shifted into it, with all below it.
/// </remarks>
public sealed class CallForest
{
    private const byte Client = 3, Server = 2, Producer = 4, Consumer = 5;
    /// <summary>Some senders keep whole milliseconds only.</summary>
    private const long TimeGrain = 1_000_000;

    private readonly SpanSample _sample;
    private readonly int[] _firstChild, _children;   // children of span i: _children[_firstChild[i].._firstChild[i + 1]]

    public CallForest(SpanSample sample)
    {
        _sample = sample;
        int count = sample.Count;
        Waited = new bool[count];
        Own = new long[count];
        Critical = new long[count];
        Entry = new int[count];
        Start = new long[count];
        (_firstChild, _children) = ChildrenOf(sample.Parent, count);
        Order = TopDown();
        FindWaited();
        PlaceAndMeasure();
        IsClient = FindClients();
        FindEntries();
        WalkCriticalPaths();
    }

    /// <summary>Parents before children.</summary>
    public int[] Order { get; }

    /// <summary>Whether the parent waited for the span. False for roots.</summary>
    public bool[] Waited { get; }

    /// <summary>Own time in nanoseconds.</summary>
    public long[] Own { get; }

    /// <summary>The part of the own time that lies on the critical path of the entry; over an entry's spans it adds up to the entry's duration.</summary>
    public long[] Critical { get; }

    /// <summary>Index of the span that began the work this one is part of: a root, or one nobody waited for.</summary>
    public int[] Entry { get; }

    /// <summary>Start after shifting by estimated clock errors.</summary>
    public long[] Start { get; }

    /// <summary>Per operation: whether its spans stand for calls to someone else, so that their own time is the way there and back.</summary>
    public bool[] IsClient { get; }

    public ReadOnlySpan<int> Children(int span) => _children.AsSpan(_firstChild[span], _firstChild[span + 1] - _firstChild[span]);

    private static (int[], int[]) ChildrenOf(int[] parent, int count)
    {
        int[] first = new int[count + 1];
        foreach (int p in parent)
            if (p >= 0) first[p + 1]++;
        for (int i = 0; i < count; i++) first[i + 1] += first[i];
        int[] children = new int[first[count]], at = first[..count];
        for (int i = 0; i < count; i++)
            if (parent[i] >= 0) children[at[parent[i]]++] = i;
        return (first, children);
    }

    private int[] TopDown()
    {
        int count = _sample.Count, done = 0, next = 0;
        int[] order = new int[count];
        bool[] seen = new bool[count];
        for (int i = 0; i < count; i++)
            if (_sample.Parent[i] < 0) Add(i);
        Drain();
        for (int i = 0; i < count; i++)
        {
            if (seen[i]) continue;
            _sample.Parent[i] = -1;   // a circle of parents: cut somewhere
            Add(i);
            Drain();
        }
        return order;

        void Add(int span)
        {
            seen[span] = true;
            order[done++] = span;
        }

        void Drain()
        {
            for (; next < done; next++)
                foreach (int child in Children(order[next]))
                    if (!seen[child]) Add(child);
        }
    }

    /// <summary>Decides per pair of operations, not per span, so that a caller who gave up on a slow call is still one who waited.</summary>
    private void FindWaited()
    {
        var pairs = new Dictionary<(int, int), PairTimes>();
        Count(inBaseline: true);
        Count(inBaseline: false);
        for (int i = 0; i < _sample.Count; i++)
        {
            int p = _sample.Parent[i];
            if (p < 0) continue;
            byte kind = _sample.Spans[i].Kind, above = _sample.Spans[p].Kind;
            if (kind == Consumer || above == Producer) continue;
            var times = pairs[(_sample.Operation[p], _sample.Operation[i])];
            bool sure = kind == Server && above == Client;
            Waited[i] = sure || !times.IsAsync;
        }

        // What is normal decides; only pairs that the baseline does not have are judged by the rest.
        void Count(bool inBaseline)
        {
            for (int i = 0; i < _sample.Count; i++)
            {
                int p = _sample.Parent[i];
                ref readonly var child = ref _sample.Spans[i];
                if (p < 0 || (child.Side == Side.Baseline) != inBaseline) continue;
                ref var times = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, (_sample.Operation[p], _sample.Operation[i]), out bool known);
                if (known && times.FromBaseline && !inBaseline) continue;
                times.FromBaseline = inBaseline;
                times.Add(child, _sample.Spans[p]);
            }
        }
    }

    private struct PairTimes
    {
        public int Count, Longer, Later, SameClock;
        public bool FromBaseline;

        public void Add(in SampledSpan child, in SampledSpan parent)
        {
            Count++;
            if (child.Duration > parent.Duration + TimeGrain) Longer++;
            if (child.Start + child.Duration > parent.Start + parent.Duration + TimeGrain) Later++;
            if (child.Instance == parent.Instance && child.Service == parent.Service) SameClock++;
        }

        public readonly bool IsAsync => Longer > Count * 0.2 || (SameClock > Count / 2 && Later > Count * 0.5);
    }

    private void PlaceAndMeasure()
    {
        foreach (int i in Order)
        {
            ref readonly var span = ref _sample.Spans[i];
            int p = _sample.Parent[i];
            if (p < 0 || !Waited[i])
            {
                Start[i] = p < 0 ? span.Start : span.Start + (Start[p] - _sample.Spans[p].Start);
                continue;
            }
            long shift = Start[p] - _sample.Spans[p].Start, start = span.Start + shift, room = _sample.Spans[p].Duration - span.Duration;
            Start[i] = room < 0 ? Math.Max(start, Start[p]) : Math.Clamp(start, Start[p], Start[p] + room);
        }
        var intervals = new List<(long From, long To)>();
        for (int i = 0; i < _sample.Count; i++)
        {
            intervals.Clear();
            long from = Start[i], to = from + Math.Max(0, _sample.Spans[i].Duration);
            foreach (int child in Children(i))
                if (Waited[child]) intervals.Add((Math.Max(from, Start[child]), Math.Min(to, Start[child] + _sample.Spans[child].Duration)));
            Own[i] = to - from - Covered(intervals);
        }
    }

    private static long Covered(List<(long From, long To)> intervals)
    {
        if (intervals.Count > 1) intervals.Sort();
        long covered = 0, end = long.MinValue;
        foreach (var (from, to) in intervals)
        {
            if (to <= from || to <= end) continue;
            covered += to - Math.Max(from, end);
            end = to;
        }
        return covered;
    }

    private bool[] FindClients()
    {
        int operations = _sample.Operations.Length;
        var shape = new Shape[operations];
        for (int i = 0; i < _sample.Count; i++)
        {
            ref readonly var span = ref _sample.Spans[i];
            ref var own = ref shape[_sample.Operation[i]];
            own.Count++;
            if (span.Kind is Client or Producer) own.SaidClient++;
            if (span.Kind is Server or Consumer) own.SaidServer++;
            int p = _sample.Parent[i];
            if (p >= 0 && _sample.Spans[p].Service == span.Service) own.Inner++;
            var children = Children(i);
            if (children.Length == 1 && _sample.Spans[children[0]].Service != span.Service) own.OneElsewhere++;
            else if (children.Length > 0) own.Others++;
        }
        return Array.ConvertAll(shape, s => s.IsClient);
    }

    private struct Shape
    {
        public int Count, SaidClient, SaidServer, Inner, OneElsewhere, Others;

        /// <summary>Said by the spans' kind; else shown by their shape: called from within, calling exactly one span of another service.</summary>
        public readonly bool IsClient => SaidClient * 2 > Count
            || (SaidServer * 2 <= Count && Inner >= Count * 0.9 && OneElsewhere >= Count * 0.3 && Others <= Count * 0.02);
    }

    private void FindEntries()
    {
        foreach (int i in Order) Entry[i] = _sample.Parent[i] >= 0 && Waited[i] ? Entry[_sample.Parent[i]] : i;
    }

    /// <summary>From the end backwards: what ended last was waited for last. Its time goes to the child that was running, else to the span itself.</summary>
    private void WalkCriticalPaths()
    {
        var open = new Stack<(int Span, long To)>();
        var waited = new List<int>();
        for (int entry = 0; entry < _sample.Count; entry++)
        {
            if (Entry[entry] != entry) continue;
            open.Push((entry, Start[entry] + Math.Max(0, _sample.Spans[entry].Duration)));
            while (open.TryPop(out var at))
            {
                waited.Clear();
                foreach (int child in Children(at.Span))
                    if (Waited[child]) waited.Add(child);
                if (waited.Count > 1) waited.Sort((a, b) => End(b).CompareTo(End(a)));
                long to = at.To, from = Start[at.Span];
                foreach (int child in waited)
                {
                    long end = Math.Min(End(child), to), start = Math.Max(Start[child], from);
                    if (end <= start) continue;
                    Critical[at.Span] += to - end;
                    open.Push((child, end));
                    to = start;
                }
                Critical[at.Span] += Math.Max(0, to - from);
            }
        }

        long End(int span) => Start[span] + Math.Max(0, _sample.Spans[span].Duration);
    }
}
