using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>
/// Who calls whom, and how often: calls that are missing, new, or more than before. A call that is missing because something deeper broke is not its caller's doing,
/// so each span that lacks a call is asked in turn: did it fail, is a child of it broken too, is the callee silent, did the last call before the gap go wrong?
/// </summary>
public sealed class Calls
{
    private const int ParentsMin = 10;
    private const double DropMin = 0.2, PresenceMin = 0.05, UsualPresence = 0.3, AlwaysPresence = 0.9, CutShort = 0.5, RefusedShare = 0.35, OddTail = 0.02;

    private readonly SpanSample _sample;
    private readonly CallForest _forest;
    private readonly Parts _parts;
    private readonly Timeline _time;
    private readonly Silence _silence;
    private readonly Dictionary<int, List<int>> _byOperation = [];
    private readonly Dictionary<(int Parent, int Child), Edge> _edges = [];
    private readonly Dictionary<int, List<(int Child, Edge Edge)>> _edgesOf = [];
    private readonly Dictionary<int, (double Low, double High)> _usual = [];
    private readonly bool[] _brokenBelow;

    private sealed class Edge
    {
        public readonly Dictionary<int, int> CallsOf = [];   // parent span -> calls
        public double OrderSum;
        public bool Missing;
        public double Z, Drop, PresentBefore, PresentNow;
    }

    /// <summary>What became of the spans that lack a call.</summary>
    private sealed class Reasons
    {
        public readonly List<int> Own = [], Callee = [], Either = [], Refused = [], Lost = [];
        public readonly Dictionary<int, List<int>> Previous = [];   // operation of the last call before the gap
        public int Other, CutAfter = -1;

        public int Total => Own.Count + Callee.Count + Either.Count + Refused.Count + Lost.Count + Previous.Values.Sum(p => p.Count) + Other;
    }

    public Calls(SpanSample sample, CallForest forest, Parts parts, Timeline time, Silence silence)
    {
        (_sample, _forest, _parts, _time, _silence) = (sample, forest, parts, time, silence);
        for (int i = 0; i < sample.Count; i++)
        {
            if (sample.Spans[i].Side == Side.Outside) continue;
            (CollectionsMarshal.GetValueRefOrAddDefault(_byOperation, sample.Operation[i], out _) ??= []).Add(i);
            int order = 0;
            foreach (int child in forest.Children(i))
            {
                var edge = CollectionsMarshal.GetValueRefOrAddDefault(_edges, (sample.Operation[i], sample.Operation[child]), out _) ??= new Edge();
                CollectionsMarshal.GetValueRefOrAddDefault(edge.CallsOf, i, out _)++;
                edge.OrderSum += forest.Start[child] - forest.Start[i] + order++;
            }
        }
        foreach (var ((parent, child), edge) in _edges.OrderBy(e => e.Key.Parent).ThenBy(e => e.Key.Child))
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_edgesOf, parent, out _) ??= []).Add((child, edge));
            Test(_byOperation.GetValueOrDefault(parent, []), edge);
        }
        _brokenBelow = new bool[sample.Count];
        foreach (int i in forest.Order.Reverse())
            if (sample.Parent[i] >= 0 && (_brokenBelow[i] || IsBroken(i))) _brokenBelow[sample.Parent[i]] = true;
    }

    public List<Finding> Find()
    {
        var findings = new List<Finding>();
        foreach (var (parent, spans) in _byOperation.OrderBy(o => o.Key))
        {
            var missing = EdgesOf(parent).Where(e => e.Edge.Missing).OrderBy(e => e.Edge.OrderSum / e.Edge.CallsOf.Count).ThenBy(e => e.Child).ToList();
            if (missing.Count > 0) TellMissing(findings, parent, spans, missing);
            foreach (var (child, edge) in EdgesOf(parent))
                if (!edge.Missing) TellMore(findings, (parent, child), edge, spans);
        }
        double total = findings.Where(f => f.Fault == "missing_calls" || f.Fault == "silent").Sum(f => f.Bad.Count);
        return [.. findings.Select(f => f.Fault is "missing_calls" or "silent" ? f with { Explained = f.Bad.Count / Math.Max(1, total) } : f)];
    }

    private void Test(List<int> parents, Edge edge)
    {
        int baseline = 0, window = 0, baselineLack = 0, windowLack = 0;
        var hits = new List<int>();
        var all = new List<int>();
        foreach (int i in parents)
        {
            bool lacks = !edge.CallsOf.ContainsKey(i);
            if (_sample.Spans[i].Side == Side.Window)
            {
                window++;
                if (lacks) windowLack++;
                continue;
            }
            baseline++;
            int block = _time.BlockOf(_sample.Spans[i].Start);
            all.Add(block);
            if (!lacks) continue;
            baselineLack++;
            hits.Add(block);
        }
        if (baseline < ParentsMin || window == 0) return;
        edge.PresentBefore = 1 - (double)baselineLack / baseline;
        edge.PresentNow = 1 - (double)windowLack / window;
        edge.Drop = edge.PresentBefore > PresenceMin ? (edge.PresentBefore - edge.PresentNow) / edge.PresentBefore : 0;
        edge.Z = Shift.Exceed(baselineLack, baseline, windowLack, window, Shift.BlockNoise(CollectionsMarshal.AsSpan(hits), CollectionsMarshal.AsSpan(all), _time.BlockCount));
        edge.Missing = edge.Drop >= DropMin * (2 - edge.PresentBefore) && edge.Z > Shift.ZBelieved;
    }

    /// <summary>The first call to another service that this span usually makes and did not; -1 when it made them all. Asked of spans without client spans.</summary>
    public int FirstLacking(int span)
    {
        int first = -1;
        double order = double.MaxValue;
        foreach (var (child, edge) in EdgesOf(_sample.Operation[span]))
        {
            double at = edge.OrderSum / edge.CallsOf.Count;
            if (at >= order || edge.PresentBefore < UsualPresence || edge.CallsOf.ContainsKey(span)) continue;
            (first, order) = (child, at);
        }
        return first >= 0 && _sample.Operations[first].Service != _sample.Spans[span].Service ? first : -1;
    }

    private List<(int Child, Edge Edge)> EdgesOf(int parent) => _edgesOf.GetValueOrDefault(parent, []);

    private bool IsBroken(int span)
    {
        foreach (var (_, edge) in EdgesOf(_sample.Operation[span]))
            if (edge.Missing && edge.PresentBefore >= AlwaysPresence && !edge.CallsOf.ContainsKey(span)) return true;
        return false;
    }

    private void TellMissing(List<Finding> findings, int parent, List<int> spans, List<(int Child, Edge Edge)> missing)
    {
        var (first, edge) = missing[0];
        var reasons = new Reasons();
        foreach (int i in spans)
        {
            if (_sample.Spans[i].Side != Side.Window || missing.All(m => m.Edge.CallsOf.ContainsKey(i))) continue;
            Ask(i, first, missing.Count > 1, reasons);
        }
        if (reasons.Total == 0) return;
        string caller = _sample.ServiceOf(parent), operation = _sample.NameOf(parent), callee = _sample.ServiceOf(first), called = _sample.NameOf(first);
        double strength = Shift.Certainty(edge.Z + 1) * Math.Sqrt(Math.Min(1, edge.Drop));
        string numbers = $"in {edge.PresentNow:P0} of {operation} instead of {edge.PresentBefore:P0}";
        string target = callee == caller ? called : $"{callee} ({called})";
        if (reasons.Own.Count > 0)
            findings.Add(new("calls", "missing_calls", caller, strength * Part(reasons.Own), 0, $"{caller} calls {target} only {numbers}{(missing.Count > 1 ? $", nor {missing.Count - 1} others that followed" : "")}")
                { Operation = operation, Dependency = callee == caller ? null : callee, Baseline = edge.PresentBefore, Window = edge.PresentNow, Unit = "ratio", Bad = reasons.Own });
        if (reasons.Lost.Count > 0)
            findings.Add(new("calls", "missing_calls", caller, strength * Part(reasons.Lost), 0, $"{target} starts traces of its own: {caller} ({operation}) no longer passes its context on; linked {numbers}")
                { Operation = operation, Dependency = callee == caller ? null : callee, Baseline = edge.PresentBefore, Window = edge.PresentNow, Unit = "ratio", Bad = reasons.Lost });
        if (reasons.Callee.Count > 0)
            findings.Add(new("calls", "silent", callee, strength * Part(reasons.Callee), 0, $"{callee} answers {caller} only {numbers}")
                { Baseline = edge.PresentBefore, Window = edge.PresentNow, Unit = "ratio", Bad = reasons.Callee });
        if (reasons.Either.Count > 0)
        {
            findings.Add(new("calls", "silent", callee, strength * 0.9 * Part(reasons.Either), 0, $"{callee} answers {caller} only {numbers}") { Baseline = edge.PresentBefore, Window = edge.PresentNow, Unit = "ratio", Bad = reasons.Either });
            findings.Add(new("calls", "missing_calls", caller, strength * 0.75 * Part(reasons.Either), 0, $"{caller} calls {target} only {numbers}") { Operation = operation, Dependency = callee, Baseline = edge.PresentBefore, Window = edge.PresentNow, Unit = "ratio", Bad = reasons.Either });
        }
        if (reasons.Refused.Count > 0)
            findings.Add(new("calls", "missing_calls", caller, strength * RefusedShare * Part(reasons.Refused), 0, $"{operation} does less for callers that then fail: it calls {target} only {numbers}")
                { Operation = operation, Baseline = edge.PresentBefore, Window = edge.PresentNow, Unit = "ratio", Bad = reasons.Refused });
        foreach (var (previous, lacking) in reasons.Previous.OrderBy(p => p.Key))
            findings.Add(new("calls", "missing_calls", _sample.ServiceOf(previous), strength * 0.8 * Part(lacking), 0, $"{caller} ({operation}) stops after {_sample.NameOf(previous)}, which took an unusual time; {called} follows only {numbers}")
                { Operation = _sample.NameOf(previous), Baseline = edge.PresentBefore, Window = edge.PresentNow, Unit = "ratio", Bad = [.. lacking.SelectMany(i => ChildrenOf(i, previous))] });

        if (reasons.CutAfter >= 0 && reasons.Own.Count > 0 && _sample.ServiceOf(reasons.CutAfter) != caller)
            findings.Add(new("calls", "missing_calls", _sample.ServiceOf(reasons.CutAfter), strength * CutShort * Part(reasons.Own), 0, $"{caller} ({operation}) stops after calling {_sample.NameOf(reasons.CutAfter)}: {missing.Count} calls that followed are missing, {called} first, {numbers}")
                { Operation = _sample.NameOf(reasons.CutAfter), Baseline = edge.PresentBefore, Window = edge.PresentNow, Unit = "ratio", Bad = reasons.Own });

        double Part(List<int> some) => Math.Sqrt((double)some.Count / reasons.Total);
    }

    private IEnumerable<int> ChildrenOf(int span, int operation) => _forest.Children(span).ToArray().Where(child => _sample.Operation[child] == operation);

    /// <summary>Why this span lacks a call that it used to make.</summary>
    private void Ask(int i, int missing, bool isCut, Reasons reasons)
    {
        bool failed = _sample.Spans[i].Failed, refused = HasFailedCaller(i);
        foreach (int child in _forest.Children(i)) failed |= _sample.Spans[child].Failed;
        int last = LastCall(i), callee = _sample.Operations[missing].Service;
        bool elsewhere = callee != _sample.Spans[i].Service;
        if (failed || _brokenBelow[i]) reasons.Other++;
        else if (elsewhere && _silence.IsLostContext(missing)) reasons.Lost.Add(i);
        else if (elsewhere && _forest.IsClient[_sample.Operation[i]]) reasons.Callee.Add(i);
        // Nobody hears of the callee any more: it is down, or it is no longer called. Who waited or stopped met one that is down.
        else if (elsewhere && _silence.IsSilent(callee) && (isCut || IsOdd(i))) reasons.Either.Add(i);
        else if (refused) reasons.Refused.Add(i);
        else if (last >= 0 && IsOdd(Deepest(last))) Previous(_sample.Operation[DeepestOdd(last)]).Add(i);
        else
        {
            reasons.Own.Add(i);
            // All that used to follow is gone: then the call before it may have told to stop, without a word of it in the spans.
            if (last >= 0 && isCut) reasons.CutAfter = _sample.Operation[Deepest(last)];
        }

        List<int> Previous(int operation) => CollectionsMarshal.GetValueRefOrAddDefault(reasons.Previous, operation, out _) ??= [];
    }

    private bool HasFailedCaller(int span)
    {
        int p = _sample.Parent[span];
        return p >= 0 && _sample.Spans[p].Failed && !_sample.Spans[span].Failed;
    }

    private int LastCall(int span)
    {
        int last = -1;
        foreach (int child in _forest.Children(span))
            if (_forest.Waited[child] && (last < 0 || _forest.Start[child] > _forest.Start[last])) last = child;
        return last;
    }

    /// <summary>Through client spans to the one who answered.</summary>
    private int Deepest(int span)
    {
        while (_forest.IsClient[_sample.Operation[span]] && _forest.Children(span).Length == 1) span = _forest.Children(span)[0];
        return span;
    }

    /// <summary>Down the last calls as long as they, too, took an unusual time.</summary>
    private int DeepestOdd(int span)
    {
        span = Deepest(span);
        while (LastCall(span) is >= 0 and var last && IsOdd(Deepest(last))) span = Deepest(last);
        return span;
    }

    private bool IsOdd(int span)
    {
        int part = _parts.Of[span];
        if (part < 0) return false;
        ref var usual = ref CollectionsMarshal.GetValueRefOrAddDefault(_usual, part, out bool known);
        if (!known)
        {
            double[] times = [.. _parts.All[part].Spans.Where(i => _sample.Spans[i].Side == Side.Baseline).Select(i => (double)_forest.Own[i]).Order()];
            usual = times.Length < ParentsMin ? (0, double.MaxValue) : (Shift.Quantile(times, OddTail), Shift.Quantile(times, 1 - OddTail));
        }
        return _forest.Own[span] < usual.Low || _forest.Own[span] > usual.High;
    }

    private void TellMore(List<Finding> findings, (int Parent, int Child) key, Edge edge, List<int> parents)
    {
        if (parents.Count(i => _sample.Spans[i].Side == Side.Baseline) < ParentsMin || edge.CallsOf.Keys.Count(i => _sample.Spans[i].Side == Side.Window) < 5) return;
        var shift = Latency.Of(parents, i => edge.CallsOf.GetValueOrDefault(i), _sample, _time);
        double rise = shift.WindowMean <= 0 ? 0 : 1 - shift.BaselineMean / shift.WindowMean;
        double strength = shift.Certain * Math.Sqrt(Math.Max(0, rise));
        if (rise < 0.25 || shift.WindowMean - shift.BaselineMean < 0.05 || strength <= 0) return;
        string caller = _sample.ServiceOf(key.Parent), operation = _sample.NameOf(key.Parent), callee = _sample.ServiceOf(key.Child), called = _sample.NameOf(key.Child);
        List<int> bad = [.. edge.CallsOf.Where(c => _sample.Spans[c.Key].Side == Side.Window && c.Value > shift.BaselineMedian).Select(c => c.Key)];
        // Called again because it failed: the repetition belongs to whom it repeats.
        double failing = bad.Count == 0 ? 0 : (double)bad.Count(i => _forest.Children(i).ToArray().Any(c => _sample.Operation[c] == key.Child && _sample.Spans[c].Failed)) / bad.Count;
        if (failing > 0.5)
        {
            int target = _parts.UsualCallee.GetValueOrDefault(key.Child, _sample.Operations[key.Child].Service);
            findings.Add(new("calls", "retries", _sample.Names[target], strength * 0.4, 0.6, $"{caller} repeats {called} after failures: {shift.WindowMean:0.##} calls in each {operation} instead of {shift.BaselineMean:0.##}")
                { Baseline = shift.BaselineMean, Window = shift.WindowMean, Unit = "calls", BaselineCount = shift.BaselineCount, WindowCount = shift.WindowCount, Bad = bad });
            return;
        }
        bool isNew = shift.BaselineMean == 0;
        findings.Add(new("calls", "more_calls", caller, strength * (isNew ? 0.5 : 0.75), 0.6, isNew
                ? $"{caller} ({operation}) now calls {called}{At(caller, callee)}, which it never did: {shift.WindowMean:0.##} calls each"
                : $"{caller} calls {called}{At(caller, callee)} {shift.WindowMean:0.##} times in each {operation} instead of {shift.BaselineMean:0.##}")
            { Operation = operation, Dependency = callee == caller ? null : callee, Baseline = shift.BaselineMean, Window = shift.WindowMean, Unit = "calls", BaselineCount = shift.BaselineCount, WindowCount = shift.WindowCount, Bad = bad });
    }

    private static string At(string caller, string callee) => callee == caller ? "" : $" of {callee}";
}
