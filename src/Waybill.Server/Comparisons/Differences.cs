using System.Globalization;
using System.Runtime.InteropServices;
using Waybill.Causes;

namespace Waybill.Comparisons;

/// <summary>Compares the two sides of a sample: side a is its window, side b its baseline. Pure.</summary>
public static class Differences
{
    private const int CountMin = 5, TracesMax = 3;
    private const double EffectMin = 0.05, ConfidenceMin = 0.95;

    public static List<Difference> Of(SpanSample sample, string nameA, string nameB)
    {
        var found = new List<Difference>();
        var spans = new Dictionary<int, (List<int> A, List<int> B)>();
        int a = 0, b = 0;
        for (int i = 0; i < sample.Count; i++)
        {
            if (sample.Spans[i].Side == Side.Outside) continue;
            var (ofA, ofB) = CollectionsMarshal.GetValueRefOrAddDefault(spans, sample.Operation[i], out bool known);
            if (!known) spans[sample.Operation[i]] = (ofA, ofB) = ([], []);
            if (sample.Spans[i].Side == Side.Window) { ofA!.Add(i); a++; }
            else { ofB!.Add(i); b++; }
        }
        if (a == 0 || b == 0) return found;
        foreach (var (operation, (ofA, ofB)) in spans.OrderBy(s => s.Key)) AddOperation(found, sample, operation, ofA, ofB, a, b, nameA, nameB);
        AddEdges(found, sample, spans);
        return [.. found.Where(d => d.Effect >= EffectMin && d.Confidence >= ConfidenceMin)];
    }

    private static void AddOperation(List<Difference> found, SpanSample sample, int operation, List<int> a, List<int> b, int allA, int allB, string nameA, string nameB)
    {
        string service = sample.ServiceOf(operation), name = sample.NameOf(operation);
        var (share, shareConfidence) = Proportion(a.Count, allA, b.Count, allB);
        found.Add(new("operation", "share", (double)a.Count / allA, (double)b.Count / allB, Math.Abs(share), shareConfidence,
            $"{name} of {service} is {(double)a.Count / allA:P1} of the spans of {nameA} and {(double)b.Count / allB:P1} of {nameB}") { Service = service, Operation = name, Traces = Traces(sample, a) });
        if (a.Count < CountMin || b.Count < CountMin) return;
        double[] durationsA = [.. a.Select(i => (double)sample.Spans[i].Duration).Order()], durationsB = [.. b.Select(i => (double)sample.Spans[i].Duration).Order()];
        double delta = Shift.CliffsDelta(durationsB, durationsA), middleA = Shift.Quantile(durationsA, 0.5), middleB = Shift.Quantile(durationsB, 0.5);
        found.Add(new("operation", "duration", middleA, middleB, Math.Abs(delta), RankConfidence(delta, a.Count, b.Count),
            $"{name} of {service} takes {Ranking.Duration(middleA)} in {nameA} and {Ranking.Duration(middleB)} in {nameB} (medians)") { Service = service, Operation = name, Traces = Traces(sample, [.. a.OrderByDescending(i => sample.Spans[i].Duration)]) });
        List<int> failedA = [.. a.Where(i => sample.Spans[i].Failed)];
        int failedB = b.Count(i => sample.Spans[i].Failed);
        var (errors, errorConfidence) = Proportion(failedA.Count, a.Count, failedB, b.Count);
        found.Add(new("operation", "errors", (double)failedA.Count / a.Count, (double)failedB / b.Count, Math.Abs(errors), errorConfidence,
            $"{name} of {service} fails {(double)failedA.Count / a.Count:P1} of the time in {nameA} and {(double)failedB / b.Count:P1} in {nameB}") { Service = service, Operation = name, Traces = Traces(sample, failedA) });
    }

    private static void AddEdges(List<Difference> found, SpanSample sample, Dictionary<int, (List<int> A, List<int> B)> spans)
    {
        var parentsWith = new Dictionary<(int Parent, int Child), HashSet<int>>();
        for (int i = 0; i < sample.Count; i++)
        {
            int p = sample.Parent[i];
            if (p >= 0 && sample.Spans[p].Side != Side.Outside) (CollectionsMarshal.GetValueRefOrAddDefault(parentsWith, (sample.Operation[p], sample.Operation[i]), out _) ??= []).Add(p);
        }
        foreach (var ((parent, child), with) in parentsWith.OrderBy(e => e.Key))
        {
            var (a, b) = spans[parent];
            if (a.Count < CountMin || b.Count < CountMin) continue;
            int inA = with.Count(p => sample.Spans[p].Side == Side.Window), inB = with.Count - inA;
            var (effect, confidence) = Proportion(inA, a.Count, inB, b.Count);
            string service = sample.ServiceOf(parent), name = sample.NameOf(parent), callee = sample.ServiceOf(child), called = sample.NameOf(child);
            found.Add(new("edge", "calls", (double)inA / a.Count, (double)inB / b.Count, Math.Abs(effect), confidence, $"{name} of {service} calls {called} of {callee} in {(double)inA / a.Count:P0} of its spans, against {(double)inB / b.Count:P0}")
                { Service = service, Operation = name, Callee = callee, CalleeOperation = called, Traces = Traces(sample, effect > 0 ? [.. with.Where(p => sample.Spans[p].Side == Side.Window)] : [.. a.Where(p => !with.Contains(p))]) });
        }
    }

    /// <summary>The most telling first, always in the same order.</summary>
    public static List<Difference> Ranked(IEnumerable<Difference> differences, int limit) =>
        [.. differences.OrderByDescending(d => d.Effect * d.Confidence).ThenBy(d => d.Kind, StringComparer.Ordinal).ThenBy(d => d.Sentence, StringComparer.Ordinal).Take(limit)];

    /// <summary>Difference of two ratios and how sure it is: both counts get half a case for and against, so that nothing is certain from little.</summary>
    public static (double Difference, double Confidence) Proportion(double hitsA, double countA, double hitsB, double countB)
    {
        if (countA == 0 || countB == 0) return (0, 0);
        double a = (hitsA + 0.5) / (countA + 1), b = (hitsB + 0.5) / (countB + 1);
        double error = Math.Sqrt(a * (1 - a) / countA + b * (1 - b) / countB);
        return (hitsA / countA - hitsB / countB, Confidence(Math.Abs(a - b) / Math.Max(error, 1e-9)));
    }

    /// <summary>Of Mann and Whitney's test, by its normal approximation.</summary>
    public static double RankConfidence(double delta, double countA, double countB) => Confidence(Math.Abs(delta) / Math.Sqrt((countA + countB + 1) / (3 * countA * countB)));

    /// <summary>Probability that a normal variable lies within so many deviations.</summary>
    private static double Confidence(double z) => Math.Clamp(2 / (1 + Math.Exp(-1.5976 * z - 0.07056 * z * z * z)) - 1, 0, 0.99999);

    private static List<string>? Traces(SpanSample sample, List<int> spans) =>
        spans.Count == 0 ? null : [.. spans.Take(100).Select(i => sample.Spans[i].TraceId).Distinct().Take(TracesMax).Select(id => id.ToString("x32", CultureInfo.InvariantCulture))];
}
