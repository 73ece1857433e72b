using System.Globalization;
using Waybill.Catalogs;
using Waybill.Changes;
using Waybill.Changes.Inference;
using Waybill.Engine;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Causes;

/// <summary>Ranks what may have caused a bad window or trace: reads a bounded sample of both sides and lets <see cref="Ranking"/> judge.</summary>
public sealed class Suspects(SampleTable table, Samples samples, SpanAttributes attributes, Baselines baselines, ResourceTable resources, LogLineTable lines, ChangeTable changes, TraceTable traces, Catalog catalog)
{
    private const int AffectedMax = 10, ChangesMax = 200;
    private const long Second = 1_000_000_000, Minute = 60 * Second;
    /// <summary>How far around a trace its like is looked for.</summary>
    private const long LikeNano = 30 * Minute;
    /// <summary>Of a window in which the trouble begins later, the calm part is left out when it is at least this much.</summary>
    private const double CalmShare = 0.2;
    private const double RestartWeight = 0.4;
    /// <summary>What was changed in an environment that the service of these spans does not name: staging does not break production, unless it is only called otherwise.</summary>
    private const double ElsewhereWeight = 0.3;

    /// <exception cref="UnknownTraceException">The question names a trace of which no span is stored.</exception>
    public async Task<CauseReport> Rank(string tenant, CauseQuestion question, CancellationToken cancel)
    {
        if (question.Trace is { } id) return await RankTrace(tenant, question, id, cancel);
        var reasons = new List<PartialReason>();
        long spans = await table.Count(tenant, question.Window, cancel);
        if (spans == 0)
        {
            reasons.Add(new("no_data", "No span is stored in this window. Widen since and until, or see /api/status for what arrives."));
            return new([], Ranking.Threshold, Looked(question.Window, 0, 0), new LookedAt("0", "0", 0, 0) { Chosen = "none" }, [], "partial", reasons);
        }
        var baseline = await baselines.Choose(tenant, question, spans, cancel);
        if (baseline.Spans == 0) reasons.Add(new("no_baseline", "Nothing is stored to compare this window with: give baselineSince and baselineUntil, or wait until there is a past."));
        var time = new Timeline(question.Window, baseline.Range);
        var read = await samples.Read(tenant, time, spans, baseline.Spans, cancel, environment: question.Environment);
        var sample = SpanSample.Of(read.Names, read.Spans);
        var others = await Others(tenant, time, read, sample, reasons, cancel);
        var ranking = new Ranking(sample, time, others);
        var suspects = ranking.Suspects(question.Limit, question.Service);
        var judge = ranking;
        if (Later(suspects, time) is { } later)
        {
            var narrow = new Ranking(SpanSample.Of(read.Names, [.. read.Spans.Select(s => s with { Side = later.SideOf(s.Start) })]), later, others);
            var again = narrow.Suspects(question.Limit, question.Service);
            if (again.Count > 0 && again[0].Score >= suspects[0].Score) (judge, suspects) = (narrow, again);
        }
        if (suspects.Count > 0 && await AddAttributes(tenant, judge, suspects, reasons, cancel)) suspects = judge.Suspects(question.Limit, question.Service);
        return Report(question.Window, spans, baseline, sample, ranking, suspects, reasons);
    }

    /// <summary>Asks what the bad requests of the likeliest suspects have in common.</summary>
    /// <returns>Whether there is something.</returns>
    private async Task<bool> AddAttributes(string tenant, Ranking ranking, List<Suspect> suspects, List<PartialReason> reasons, CancellationToken cancel)
    {
        bool found = false;
        try
        {
            foreach (var contrast in ranking.Contrasts(suspects))
            {
                var bad = await attributes.Above(tenant, ranking.Sample, contrast.Bad, cancel);
                var good = await attributes.Above(tenant, ranking.Sample, contrast.Good, cancel);
                if (AttributeContrast.Find(contrast, bad, good, ranking.IsInstance) is not { } finding) continue;
                ranking.Add([finding]);
                found = true;
            }
        }
        catch (EngineException e) when (!e.IsRetryable)
        {
            reasons.Add(new("without_attributes", $"What the bad requests have in common could not be looked at within its bound ({e.Name})."));
        }
        return found;
    }

    /// <summary>The window without its calm beginning; null when it has none.</summary>
    private static Timeline? Later(List<Suspect> suspects, Timeline time)
    {
        if (suspects.Count == 0 || suspects[0].OnsetUnixNano is not { } text) return null;
        long onset = long.Parse(text, CultureInfo.InvariantCulture), length = time.Window.UntilUnixNano - time.Window.SinceUnixNano;
        return onset - time.Window.SinceUnixNano < CalmShare * length || time.Window.UntilUnixNano - onset < 10 * Second ? null : new Timeline(time.Window with { SinceUnixNano = onset }, time.Baseline);
    }

    private async Task<CauseReport> RankTrace(string tenant, CauseQuestion question, Batches.TraceId id, CancellationToken cancel)
    {
        var extent = (await traces.FindExtent(tenant, id, cancel)).Spans ?? throw new UnknownTraceException();
        var own = new TimeRange(extent.First * Second, (extent.Last + 1L) * Second);
        var around = question.Baseline ?? new TimeRange(own.SinceUnixNano - LikeNano, own.UntilUnixNano + LikeNano);
        long spans = await table.Count(tenant, around, cancel);
        var time = new Timeline(own, around) { IsTrace = true };
        var read = await samples.Read(tenant, time, 0, spans, cancel, id, question.Environment);
        var traceId = Samples.NumberOf(id);
        var sample = SpanSample.Of(read.Names, [.. read.Spans.Select(s => s with { Side = s.TraceId == traceId ? Side.Window : around.SinceUnixNano <= s.Start && s.Start < around.UntilUnixNano ? Side.Baseline : Side.Outside })]);
        var reasons = new List<PartialReason>();
        var ranking = new Ranking(sample, time, await Changes(tenant, time, read, cancel));
        return Report(own, sample.Spans.Count(s => s.Side == Side.Window), new Baseline(around, spans, question.Baseline is null ? "around" : "given"), sample, ranking, ranking.Suspects(question.Limit, question.Service), reasons);
    }

    /// <summary>What is not in spans. It makes the answer better; without it there is still one.</summary>
    private async Task<List<Finding>> Others(string tenant, Timeline time, ReadSample read, SpanSample sample, List<PartialReason> reasons, CancellationToken cancel)
    {
        var names = new Names(sample);
        var findings = await Changes(tenant, time, read, cancel);
        try
        {
            findings.AddRange(Resources.Find(await resources.Read(tenant, time, names, table, cancel)));
            findings.AddRange(LogLines.Find(await lines.Read(tenant, time, names, table, cancel), time.Scale));
        }
        catch (EngineException e) when (!e.IsRetryable)
        {
            reasons.Add(new("without_metrics_or_logs", $"Metrics or logs of this time could not be looked at within their bound ({e.Name}); the suspects follow from spans and changes."));
        }
        return findings;
    }

    private async Task<List<Finding>> Changes(string tenant, Timeline time, ReadSample read, CancellationToken cancel)
    {
        var range = time.Window with { SinceUnixNano = time.Window.SinceUnixNano - ChangeHints.ReachNano };
        var page = await changes.Read(tenant, range, new ChangeFilter(), ChangesMax, null, cancel);
        return ChangeHints.Find(page.Changes.Where(c => c.Service is { Length: > 0 } && c.Type != DeploymentInference.FirstSeen).Select(c => new RecentChange(c.Id, c.Kind, c.Service!, c.Instance, c.Summary ?? c.Version ?? c.Kind, c.Author, c.StartedNano)
            {
                Weight = (c is { Inferred: true, Kind: ChangeKind.Infrastructure } ? RestartWeight : 1) * (EnvironmentNames.MayConcern(c.Environment, read.EnvironmentsOf(c.Service!)) ? 1 : ElsewhereWeight),
            }), time);
    }

    private CauseReport Report(TimeRange window, long spans, Baseline baseline, SpanSample sample, Ranking ranking, List<Suspect> suspects, List<PartialReason> reasons) => new([.. suspects.Select(Owned)], Ranking.Threshold,
        Looked(window, spans, sample.Spans.Count(s => s.Side == Side.Window)),
        Looked(baseline.Range, baseline.Spans, sample.Spans.Count(s => s.Side == Side.Baseline)) with { Chosen = baseline.Chosen },
        Affected(sample, ranking), reasons.Count == 0 ? "complete" : "partial", reasons);

    private Suspect Owned(Suspect suspect) =>
        suspect.Service is { } service && catalog.OwnerOf(service) is { } entry ? suspect with { Owner = entry.Owner, Runbook = entry.Runbook } : suspect;

    private static List<AffectedEntry> Affected(SpanSample sample, Ranking ranking) =>
    [
        .. ranking.Entries.Select(e => (Entry: e, Worse: Worse(e))).Where(e => e.Worse > 0).OrderByDescending(e => e.Worse).ThenBy(e => e.Entry.Operation).Take(AffectedMax).Select(e => e.Entry)
            .Select(e => new AffectedEntry(sample.ServiceOf(e.Operation), sample.NameOf(e.Operation), (long)e.Duration.BaselineMedian, (long)e.Duration.WindowMedian, Math.Round(e.Duration.BaselineMean), Math.Round(e.Duration.WindowMean),
                Ratio(e.BaselineFailed, e.Duration.BaselineCount), Ratio(e.WindowFailed, e.Duration.WindowCount), e.Duration.BaselineCount, e.Duration.WindowCount)),
    ];

    private static double Worse(EntryShift e) => e.Duration.Certain * e.Duration.Rise(Latency.GrainNano)
        + Shift.Certainty(Shift.Exceed(e.BaselineFailed, e.Duration.BaselineCount, e.WindowFailed, e.Duration.WindowCount, 0)) * Ratio(e.WindowFailed, e.Duration.WindowCount);

    private static double Ratio(int some, int all) => all == 0 ? 0 : Math.Round((double)some / all, 4);

    private static LookedAt Looked(TimeRange range, long spans, long sampled) =>
        new(range.SinceUnixNano.ToString(CultureInfo.InvariantCulture), range.UntilUnixNano.ToString(CultureInfo.InvariantCulture), spans, sampled);
}

/// <summary>No span of the trace is stored.</summary>
public sealed class UnknownTraceException() : Exception("No span of this trace is stored.");
