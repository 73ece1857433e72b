using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>One trace against others that began with the same operation: where its time went that theirs did not, where its failures began, which usual calls it lacks.</summary>
public static class TraceParts
{
    private const int OthersMin = 10;
    private const double RankFrom = 0.9, AlwaysPresence = 0.95, OwnFailure = 0.9, PassedFailure = 0.85, LackingStrength = 0.7;

    public static List<Finding> Find(SpanSample sample, CallForest forest, Parts parts)
    {
        var findings = new List<Finding>();
        int[] spans = [.. Enumerable.Range(0, sample.Count).Where(i => sample.Spans[i].Side == Side.Window)];
        AddFailures(findings, sample, forest, parts, spans);
        foreach (int entry in spans.Where(i => forest.Entry[i] == i)) AddTimes(findings, sample, forest, parts, entry);
        AddLacking(findings, sample, forest, spans);
        return findings;
    }

    private static void AddTimes(List<Finding> findings, SpanSample sample, CallForest forest, Parts parts, int entry)
    {
        var byEntry = new Dictionary<int, Dictionary<int, long>>();   // entry span -> part -> time on the critical path
        for (int i = 0; i < sample.Count; i++)
        {
            if (sample.Operation[forest.Entry[i]] != sample.Operation[entry] || parts.Of[i] < 0) continue;
            var times = CollectionsMarshal.GetValueRefOrAddDefault(byEntry, forest.Entry[i], out _) ??= [];
            CollectionsMarshal.GetValueRefOrAddDefault(times, parts.Of[i], out _) += forest.Critical[i];
        }
        var mine = byEntry[entry];
        var others = byEntry.Where(e => sample.Spans[e.Key].Side == Side.Baseline).Select(e => e.Value).ToList();
        if (others.Count < OthersMin) return;
        var excess = new List<(int Part, double Excess, double Usual, double Rank)>();
        foreach (var (part, time) in mine)
        {
            double[] usual = [.. others.Select(o => (double)o.GetValueOrDefault(part)).Order()];
            excess.Add((part, time - Shift.Quantile(usual, 0.5), Shift.Quantile(usual, 0.5), (double)usual.Count(u => u < time) / usual.Length));
        }
        double all = excess.Sum(e => Math.Max(0, e.Excess));
        string root = $"{sample.NameOf(sample.Operation[entry])} of {sample.ServiceOf(sample.Operation[entry])}";
        foreach (var (number, over, usual, rank) in excess.OrderByDescending(e => e.Excess).ThenBy(e => e.Part))
        {
            double strength = Math.Clamp((rank - RankFrom) / (1 - RankFrom), 0, 1) * Math.Sqrt(Math.Max(0, over) / (over + usual + Latency.GrainNano));
            if (strength <= 0) continue;
            var part = parts.All[number];
            int service = part.Type == PartType.Way ? part.Far : sample.Operations[part.Operation].Service;
            string operation = sample.NameOf(part.Operation), channel = part.Type switch { PartType.Own => "self_time", PartType.Way => "network", _ => "dependency" };
            findings.Add(new(channel, part.Type == PartType.Way ? "network" : "slow", sample.Names[service], strength, over / all,
                $"{(part.Type == PartType.Own ? "own time of" : "the way of")} {operation} in this trace: {Ranking.Duration(usual + over)}, usually {Ranking.Duration(usual)} (more than in {rank:P0} of {others.Count} others)")
            {
                Operation = part.Type == PartType.Way ? null : operation, Dependency = part.Type == PartType.Dependency ? part.Far != 0 ? sample.Names[part.Far] : operation : null,
                Hurts = root, Baseline = usual, Window = usual + over, Unit = "ns", BaselineCount = others.Count, WindowCount = 1,
                Bad = [.. part.Spans.Where(i => forest.Entry[i] == entry)],
            });
        }
    }

    private static void AddFailures(List<Finding> findings, SpanSample sample, CallForest forest, Parts parts, int[] spans)
    {
        int[] origins = [.. spans.Where(i => sample.Spans[i].Failed && !forest.Children(i).ToArray().Any(c => forest.Waited[c] && sample.Spans[c].Failed))];
        foreach (int i in origins)
        {
            var part = parts.All[parts.Of[i]];
            bool away = part.Type == PartType.Way;
            string operation = sample.NameOf(sample.Operation[i]), service = sample.Names[sample.Spans[i].Service], far = sample.Names[part.Far];
            findings.Add(new("errors", "failing", away ? far : service, away ? PassedFailure : OwnFailure, 1.0 / origins.Length, away ? $"{service} got no good answer from {far} ({operation})" : $"the failure begins in {operation}")
                { Operation = away ? null : operation, Dependency = part.Type == PartType.Dependency ? part.Far != 0 ? far : operation : null, Unit = "ratio", WindowCount = 1, Bad = [i] });
        }
    }

    private static void AddLacking(List<Finding> findings, SpanSample sample, CallForest forest, int[] spans)
    {
        var parents = new Dictionary<int, int>();
        var present = new Dictionary<(int Parent, int Child), int>();
        var mine = spans.Select(i => sample.Operation[i]).ToHashSet();
        for (int i = 0; i < sample.Count; i++)
        {
            if (sample.Spans[i].Side != Side.Baseline || !mine.Contains(sample.Operation[i])) continue;
            CollectionsMarshal.GetValueRefOrAddDefault(parents, sample.Operation[i], out _)++;
            foreach (int child in forest.Children(i).ToArray().Select(c => sample.Operation[c]).Distinct()) CollectionsMarshal.GetValueRefOrAddDefault(present, (sample.Operation[i], child), out _)++;
        }
        var lacking = new List<(int Span, int Child)>();
        foreach (int i in spans)
        {
            if (sample.Spans[i].Failed || parents.GetValueOrDefault(sample.Operation[i]) < OthersMin) continue;
            var has = forest.Children(i).ToArray().Select(c => sample.Operation[c]).ToHashSet();
            foreach (var ((parent, child), count) in present.OrderBy(p => p.Key))
                if (parent == sample.Operation[i] && count >= AlwaysPresence * parents[parent] && !has.Contains(child)) lacking.Add((i, child));
        }
        // Who lacks calls because one below lacks some only stopped early.
        foreach (var group in lacking.Where(l => !lacking.Any(other => other.Span != l.Span && IsBelow(sample, other.Span, l.Span))).GroupBy(l => l.Span))
        {
            string operation = sample.NameOf(sample.Operation[group.Key]);
            findings.Add(new("calls", "missing_calls", sample.Names[sample.Spans[group.Key].Service], LackingStrength, 0.8, $"{operation} did not call {string.Join(", ", group.Take(3).Select(l => sample.NameOf(l.Child)))}, which it always does") { Operation = operation, Bad = [group.Key] });
        }
    }

    private static bool IsBelow(SpanSample sample, int span, int above)
    {
        for (int steps = 0; span >= 0 && steps < 1000; steps++, span = sample.Parent[span])
            if (sample.Parent[span] == above) return true;
        return false;
    }
}
