using System.Globalization;
using Waybill.Causes;
using Waybill.Comparisons;

namespace Waybill.Verdicts;

/// <summary>Judges a version by the spans of both: side window is the new one, side baseline the other. Pure.</summary>
public static class Checks
{
    public const string Promote = "promote", Hold = "hold", Rollback = "rollback";

    /// <summary>Fewer requests say nothing.</summary>
    private const int RequestsMin = 30;
    /// <summary>Sure enough to act (Kayenta's Mann-Whitney test asks for 0.98), and effects from which on it matters: Cliff's delta 0.33 is a medium one, 0.147 the least that is not negligible.</summary>
    private const double Sure = 0.98, DeltaBad = 0.33, DeltaDoubt = 0.147, SlowerBad = 1.25, ErrorsBad = 0.01, PathsDoubt = 0.2;
    private const int TracesMax = 5;

    public static List<CheckResult> Of(SpanSample sample, string service)
    {
        int[] requests = [.. Enumerable.Range(0, sample.Count).Where(i => sample.Names[sample.Spans[i].Service] == service && IsRequest(sample, i))];
        List<int> canary = [.. requests.Where(i => sample.Spans[i].Side == Side.Window)], baseline = [.. requests.Where(i => sample.Spans[i].Side == Side.Baseline)];
        var volume = Volume(canary.Count, baseline.Count);
        return volume.Verdict != Promote ? [volume] : [volume, Errors(sample, canary, baseline), Latency(sample, canary, baseline), Paths(sample, service)];
    }

    /// <summary>What others asked of the service: spans whose parent is not its own.</summary>
    private static bool IsRequest(SpanSample sample, int i) =>
        sample.Spans[i].Side != Side.Outside && sample.Spans[i].Kind is not (3 or 4) && (sample.Parent[i] < 0 || sample.Spans[sample.Parent[i]].Service != sample.Spans[i].Service);

    private static CheckResult Volume(int canary, int baseline) => (canary, baseline) switch
    {
        ( < RequestsMin, _) => new("volume", Hold, $"The new version served {canary} requests; {RequestsMin} are needed to judge it.") { Canary = canary, Baseline = baseline },
        (_, < RequestsMin) => new("volume", Hold, $"The version to compare with served {baseline} requests; {RequestsMin} are needed.") { Canary = canary, Baseline = baseline },
        _ => new("volume", Promote, $"{canary} requests against {baseline}.") { Canary = canary, Baseline = baseline },
    };

    private static CheckResult Errors(SpanSample sample, List<int> canary, List<int> baseline)
    {
        List<int> failed = [.. canary.Where(i => sample.Spans[i].Failed)];
        int failedBefore = baseline.Count(i => sample.Spans[i].Failed);
        var (effect, confidence) = Differences.Proportion(failed.Count, canary.Count, failedBefore, baseline.Count);
        double now = (double)failed.Count / canary.Count, before = (double)failedBefore / baseline.Count;
        bool worse = effect > 0 && confidence >= Sure;
        return new("errors", worse ? effect >= ErrorsBad ? Rollback : Hold : Promote, string.Create(CultureInfo.InvariantCulture, $"{now:P1} of requests fail instead of {before:P1} ({confidence:P1} sure)."))
            { Canary = now, Baseline = before, Effect = effect, Confidence = confidence, Traces = worse ? Traces(sample, failed) : null };
    }

    /// <summary>Operation by operation, so that a different mix of requests is not taken for slowness; the worst one speaks.</summary>
    private static CheckResult Latency(SpanSample sample, List<int> canary, List<int> baseline)
    {
        var worst = new CheckResult("latency", Promote, "No operation became slower.");
        double most = 0;
        foreach (var group in canary.GroupBy(i => sample.Operation[i]).OrderBy(g => g.Key))
        {
            double[] now = [.. group.Select(i => (double)sample.Spans[i].Duration).Order()], before = [.. baseline.Where(i => sample.Operation[i] == group.Key).Select(i => (double)sample.Spans[i].Duration).Order()];
            if (now.Length < 10 || before.Length < 10) continue;
            double delta = Shift.CliffsDelta(before, now), confidence = Differences.RankConfidence(delta, now.Length, before.Length), middle = Shift.Quantile(now, 0.5), usual = Shift.Quantile(before, 0.5);
            if (delta < DeltaDoubt || confidence < Sure || delta <= most) continue;
            most = delta;
            worst = new("latency", delta >= DeltaBad && middle >= SlowerBad * usual ? Rollback : Hold,
                string.Create(CultureInfo.InvariantCulture, $"{sample.NameOf(group.Key)} takes {Ranking.Duration(middle)} instead of {Ranking.Duration(usual)} in the median (Cliff's delta {delta:0.00}, {confidence:P1} sure)."))
                { Canary = middle, Baseline = usual, Effect = delta, Confidence = confidence, Traces = Traces(sample, [.. group.OrderByDescending(i => sample.Spans[i].Duration)]) };
        }
        return worst;
    }

    private static CheckResult Paths(SpanSample sample, string service)
    {
        var change = Differences.Of(sample, "the new version", "the other").Where(d => d.Kind == "edge" && d.Service == service && d.Effect >= PathsDoubt && d.Confidence >= Sure).OrderByDescending(d => d.Effect).FirstOrDefault();
        return change is null ? new("paths", Promote, "It calls what the other version calls.")
            : new("paths", Hold, $"{change.Sentence}.") { Canary = change.A, Baseline = change.B, Effect = change.Effect, Confidence = change.Confidence, Traces = change.Traces };
    }

    public static string WorstOf(IEnumerable<CheckResult> checks)
    {
        string[] verdicts = [.. checks.Select(c => c.Verdict)];
        return verdicts.Contains(Rollback) ? Rollback : verdicts.Contains(Hold) ? Hold : Promote;
    }

    private static List<string> Traces(SpanSample sample, List<int> spans) =>
        [.. spans.Take(100).Select(i => sample.Spans[i].TraceId).Distinct().Take(TracesMax).Select(id => id.ToString("x32", CultureInfo.InvariantCulture))];
}
