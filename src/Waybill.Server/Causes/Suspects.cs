using System.Globalization;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Causes;

/// <summary>Ranks what may have caused a bad window: reads a bounded sample of both sides and lets <see cref="Ranking"/> judge.</summary>
public sealed class Suspects(SampleTable table, Baselines baselines)
{
    /// <summary>Spans looked at per side. 250,000 are about 0.5 s of work and, at 20 spans a trace, 12,500 traces: a fault of one in a hundred is seen a hundred times.</summary>
    public const int SpansPerSide = 250_000;
    private const int AffectedMax = 10;
    /// <summary>How far around a range the rest of its traces is looked for.</summary>
    private const long ReachNano = 30_000_000_000;

    public async Task<CauseReport> Rank(string tenant, CauseQuestion question, CancellationToken cancel)
    {
        var reasons = new List<PartialReason>();
        long spans = await table.Count(tenant, question.Window, cancel);
        if (spans == 0)
        {
            reasons.Add(new("no_data", "No span is stored in this window. Widen since and until, or see /api/status for what arrives."));
            return Empty(question.Window, reasons);
        }
        var baseline = await baselines.Choose(tenant, question, spans, cancel);
        if (baseline.Spans == 0) reasons.Add(new("no_baseline", "Nothing is stored to compare this window with: give baselineSince and baselineUntil, or wait until there is a past."));

        var time = new Timeline(question.Window, baseline.Range);
        var sample = await Sample(tenant, time, spans, baseline.Spans, cancel);
        var ranking = new Ranking(sample, time, []);
        var suspects = ranking.Suspects(question.Limit, question.Service);
        return new CauseReport(suspects, Ranking.Threshold,
            Looked(question.Window, spans, sample.Spans.Count(s => s.Side == Side.Window)),
            Looked(baseline.Range, baseline.Spans, sample.Spans.Count(s => s.Side == Side.Baseline)) with { Chosen = baseline.Chosen },
            Affected(sample, ranking), reasons.Count == 0 ? "complete" : "partial", reasons);
    }

    private async Task<SpanSample> Sample(string tenant, Timeline time, long windowSpans, long baselineSpans, CancellationToken cancel)
    {
        var names = new NameTable();
        var spans = new List<SampledSpan>((int)Math.Min(2 * SpansPerSide, windowSpans + baselineSpans) + 1000);
        var resources = new List<ulong>(spans.Capacity);
        var keys = await table.Keys(tenant, time.Window, cancel);
        await table.Read(tenant, Around(time.Window), OneOf(windowSpans), keys, names, time, spans, resources, cancel);
        if (baselineSpans > 0) await table.Read(tenant, Around(time.Baseline), OneOf(baselineSpans), keys, names, time, spans, resources, cancel);
        await NameInstances(tenant, names, spans, resources, cancel);
        return SpanSample.Of(names, spans);
    }

    /// <summary>A pod the span or its resource names, else the resource's instance, else the span's.</summary>
    private async Task NameInstances(string tenant, NameTable names, List<SampledSpan> spans, List<ulong> resources, CancellationToken cancel)
    {
        var known = await table.Resources(tenant, resources.Distinct(), cancel);
        var numbers = known.ToDictionary(r => r.Key, r => (Pod: names.Of(r.Value.Pod), Instance: names.Of(r.Value.Instance), Version: names.Of(r.Value.Version)));
        for (int i = 0; i < spans.Count; i++)
        {
            var span = spans[i];
            var of = numbers.GetValueOrDefault(resources[i]);
            int instance = of.Pod != 0 ? of.Pod : span.Instance > 0 ? span.Instance : of.Instance != 0 ? of.Instance : -span.Instance;
            spans[i] = span with { Instance = instance, Version = of.Version };
        }
    }

    /// <summary>A power of two, so that the traces of the sparser sample are among those of the denser one.</summary>
    private static long OneOf(long spans) => (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, (spans + SpansPerSide - 1) / SpansPerSide));

    private static TimeRange Around(TimeRange range) => new(range.SinceUnixNano - ReachNano, range.UntilUnixNano + ReachNano);

    private static List<AffectedEntry> Affected(SpanSample sample, Ranking ranking) =>
    [
        .. ranking.Entries.Select(e => (Entry: e, Worse: Worse(e))).Where(e => e.Worse > 0).OrderByDescending(e => e.Worse).ThenBy(e => e.Entry.Operation).Take(AffectedMax).Select(e => e.Entry)
            .Select(e => new AffectedEntry(sample.ServiceOf(e.Operation), sample.NameOf(e.Operation), (long)e.Duration.BaselineMedian, (long)e.Duration.WindowMedian, Math.Round(e.Duration.BaselineMean), Math.Round(e.Duration.WindowMean),
                Ratio(e.BaselineFailed, e.Duration.BaselineCount), Ratio(e.WindowFailed, e.Duration.WindowCount), e.Duration.BaselineCount, e.Duration.WindowCount)),
    ];

    private static double Worse(EntryShift e) => e.Duration.Certain * e.Duration.Rise(Latency.GrainNano)
        + Shift.Certainty(Shift.Exceed(e.BaselineFailed, e.Duration.BaselineCount, e.WindowFailed, e.Duration.WindowCount, 0)) * Ratio(e.WindowFailed, e.Duration.WindowCount);

    private static double Ratio(int some, int all) => all == 0 ? 0 : Math.Round((double)some / all, 4);

    private static LookedAt Looked(TimeRange range, long spans, long sampled) => new(Text(range.SinceUnixNano), Text(range.UntilUnixNano), spans, sampled);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static CauseReport Empty(TimeRange window, List<PartialReason> reasons) =>
        new([], Ranking.Threshold, Looked(window, 0, 0), new LookedAt("0", "0", 0, 0) { Chosen = "none" }, [], "partial", reasons);
}
