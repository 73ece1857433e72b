using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>Where failures begin: the deepest failed span whose children did not fail. What fails above it only passes the failure on.</summary>
public static class Failures
{
    /// <summary>A rise of the failure ratio of this much counts about two thirds.</summary>
    private const double RatioScale = 0.03;
    private const double AbandonedRatio = 0.999;
    /// <summary>A failed call whose way took this many times the usual was lost on it.</summary>
    private const double LostRatio = 20;

    public enum Mode { Own, Lacking, Unanswered, Abandoned, Refused, Lost, Dependency }

    /// <summary>Where a failure began and whose it is.</summary>
    private readonly record struct Origin(int Service, int Operation, int Far, Mode Mode);

    private sealed class Counts
    {
        public readonly List<int> Baseline = [], Window = [];
        public double WindowEntries, BaselineEntries;
    }

    public static List<Finding> Find(SpanSample sample, CallForest forest, Parts parts, Timeline time, PartShift[] shifts, Calls calls, Silence silence)
    {
        var origins = new Dictionary<Origin, Counts>();
        var perEntry = new Dictionary<int, List<Origin>>();
        for (int i = 0; i < sample.Count; i++)
        {
            if (!sample.Spans[i].Failed || sample.Spans[i].Side == Side.Outside || HasFailedChild(sample, forest, i)) continue;
            var origin = OriginOf(sample, forest, parts, shifts, calls, i);
            ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(origins, origin, out _);
            counts ??= new Counts();
            (sample.Spans[i].Side == Side.Window ? counts.Window : counts.Baseline).Add(i);
            (CollectionsMarshal.GetValueRefOrAddDefault(perEntry, forest.Entry[i], out _) ??= []).Add(origin);
        }
        foreach (var (entry, found) in perEntry)
            foreach (var origin in found)
            {
                if (sample.Spans[entry].Side == Side.Baseline) origins[origin].BaselineEntries += 1.0 / found.Count;
                else origins[origin].WindowEntries += 1.0 / found.Count;
            }
        return Weigh(sample, time, origins, silence);
    }

    private static List<Finding> Weigh(SpanSample sample, Timeline time, Dictionary<Origin, Counts> origins, Silence silence)
    {
        var (calls, blocks) = CallsByOperation(sample, time);
        double scale = Math.Max(0.01, (double)sample.Spans.Count(s => s.Side == Side.Window) / Math.Max(1, sample.Spans.Count(s => s.Side == Side.Baseline)));
        double excess = origins.Values.Sum(c => Math.Max(0, c.WindowEntries - c.BaselineEntries * scale));
        var lacking = origins.Where(o => o.Key.Mode == Mode.Lacking && o.Value.Window.Count > 2).GroupBy(o => o.Key.Far).ToDictionary(g => g.Key, g => g.Select(o => o.Key.Service).Distinct().Count());
        var findings = new List<Finding>();
        foreach (var (origin, counts) in origins.OrderBy(o => o.Key.Service).ThenBy(o => o.Key.Operation).ThenBy(o => o.Key.Far).ThenBy(o => o.Key.Mode))
        {
            var (baseline, window) = calls.GetValueOrDefault(origin.Operation);
            int[] hits = [.. counts.Baseline.Select(i => time.BlockOf(sample.Spans[i].Start))];
            double noise = Shift.BlockNoise(hits, CollectionsMarshal.AsSpan(blocks[origin.Operation]), time.BlockCount);
            double z = Shift.Exceed(hits.Length, Math.Max(baseline, 20), counts.Window.Count, window, noise);
            double ratio = (double)counts.Window.Count / Math.Max(1, window), before = (double)counts.Baseline.Count / Math.Max(1, baseline);
            double strength = Shift.Certainty(z + 0.5) * (1 - Math.Exp(-Math.Max(0, ratio - before) / RatioScale));
            if (strength <= 0) continue;
            double explained = Math.Max(0, counts.WindowEntries - counts.BaselineEntries * scale) / Math.Max(excess, 1e-9);
            double atCallee = silence.IsAnySilent(origin.Far) ? 0.9 : lacking.GetValueOrDefault(origin.Far) > 1 ? 0.75 : 0.25;
            findings.AddRange(Tell(sample, origin, counts, strength, explained, ratio, before, baseline, window, atCallee));
        }
        return findings;
    }

    private static IEnumerable<Finding> Tell(SpanSample sample, Origin origin, Counts counts, double strength, double explained, double ratio, double before, int baseline, int window, double atCallee)
    {
        string caller = sample.ServiceOf(origin.Operation), operation = sample.NameOf(origin.Operation), far = sample.Names[origin.Far];
        string numbers = $"{ratio:P1} of {window} calls, {before:P1} of {baseline} before";
        Finding finding = origin.Mode switch
        {
            Mode.Own => new("errors", "failing", caller, strength, explained, $"failures begin in {operation}: {numbers}") { Operation = operation },
            Mode.Lacking => new("errors", "silent", far, strength * atCallee, explained, $"{caller} ({operation}) fails where it should call {far}: {numbers}"),
            Mode.Lost => new("errors", "network", far, strength * 0.85, explained, $"answers of {far} to {caller} ({operation}) are lost on the way: {numbers}"),
            Mode.Unanswered => new("errors", "silent", far, strength, explained, $"calls of {caller} ({operation}) fail without an answer of {far}: {numbers}"),
            Mode.Abandoned => new("errors", "timeouts", far, strength, explained, $"{caller} gives up waiting for {far} in {operation}: {numbers}"),
            Mode.Refused => new("errors", "failing", far, strength * 0.5, explained, $"calls of {caller} ({operation}) fail although {far} reports no error: {numbers}"),
            _ => new("errors", "failing", caller, strength, explained, $"calls of {operation} to {Named(far, operation)} fail: {numbers}") { Operation = operation, Dependency = Named(far, operation) },
        };
        finding = finding with { Baseline = before, Window = ratio, Unit = "ratio", BaselineCount = baseline, WindowCount = window, Bad = counts.Window };
        yield return finding;
        // A refusal, or a call that was lost, has two ends. By the conventions of HTTP a refused call is its caller's mistake.
        double atCaller = origin.Mode switch { Mode.Refused => 0.8, Mode.Unanswered => 0.3, Mode.Lost => 0.4, Mode.Lacking => 1 - atCallee, _ => 0 };
        if (atCaller > 0) yield return finding with { Fault = "failing", Service = caller, Strength = strength * atCaller, Operation = operation, Dependency = origin.Mode == Mode.Lacking ? null : far, Text = $"{operation} fails at {far}: {numbers}" };
    }

    private static string Named(string far, string operation) => far.Length > 0 ? far : operation;

    private static (Dictionary<int, (int Baseline, int Window)>, Dictionary<int, List<int>>) CallsByOperation(SpanSample sample, Timeline time)
    {
        var calls = new Dictionary<int, (int Baseline, int Window)>();
        var blocks = new Dictionary<int, List<int>>();
        for (int i = 0; i < sample.Count; i++)
        {
            if (sample.Spans[i].Side == Side.Outside) continue;
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(calls, sample.Operation[i], out _);
            var inBlocks = CollectionsMarshal.GetValueRefOrAddDefault(blocks, sample.Operation[i], out _) ??= [];
            if (sample.Spans[i].Side == Side.Window) count.Window++;
            else
            {
                count.Baseline++;
                inBlocks.Add(time.BlockOf(sample.Spans[i].Start));
            }
        }
        return (calls, blocks);
    }

    private static bool HasFailedChild(SpanSample sample, CallForest forest, int span)
    {
        foreach (int child in forest.Children(span))
            if (sample.Spans[child].Failed && forest.Waited[child]) return true;
        return false;
    }

    private static Origin OriginOf(SpanSample sample, CallForest forest, Parts parts, PartShift[] shifts, Calls calls, int i)
    {
        int operation = sample.Operation[i], service = sample.Spans[i].Service;
        var part = parts.All[parts.Of[i]];
        if (part.Type == PartType.Dependency) return new Origin(service, operation, part.Far, Mode.Dependency);
        if (part.Type == PartType.Own)
        {
            int lacking = calls.FirstLacking(i);
            return lacking < 0 ? new Origin(service, operation, 0, Mode.Own) : new Origin(service, operation, sample.Operations[lacking].Service, Mode.Lacking);
        }
        foreach (int child in forest.Children(i))
        {
            if (sample.Spans[child].Service != part.Far) continue;
            bool abandoned = sample.Spans[child].Duration >= sample.Spans[i].Duration * AbandonedRatio;
            bool lost = forest.Own[i] > LostRatio * (shifts[parts.Of[i]].Shift.BaselineMedian + Latency.GrainNano);
            return new Origin(service, operation, part.Far, abandoned ? Mode.Abandoned : lost ? Mode.Lost : Mode.Refused);
        }
        return new Origin(service, operation, part.Far, Mode.Unanswered);
    }
}
