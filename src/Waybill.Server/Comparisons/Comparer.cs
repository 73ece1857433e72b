using Waybill.Causes;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Comparisons;

/// <summary>What to compare: two versions of a service in one range, or one range with another.</summary>
public sealed record CompareQuestion(TimeRange Range, TimeRange? Baseline, string? Service, string? Operation, string? Version, string? Against, int Rows, int Limit);

/// <summary>Compares two sets of spans in what they carry, how long they take, how they fail and whom they call; bounded, and the same for the same question.</summary>
public sealed class Comparer(SampleTable table, Samples samples, Baselines baselines, ComparedSpanTable spans, VersionTable versions)
{
    private static readonly HashSet<string> Nothing = [], Version = ["resource.service.version"];

    public async Task<Comparison> Compare(string tenant, CompareQuestion question, CancellationToken cancel)
    {
        var reasons = new List<PartialReason>();
        long all = await table.Count(tenant, question.Range, cancel);
        Baseline? other = question.Version is null ? await baselines.Choose(tenant, new CauseQuestion(question.Range, question.Baseline), Math.Max(1, all), cancel) : null;
        var time = new Timeline(question.Range, other?.Range ?? new TimeRange(0, 1));
        var read = await samples.Read(tenant, time, all, other?.Spans ?? 0, cancel);
        string nameA = "the window", nameB = other is null ? "" : $"the time before ({other.Chosen})";
        IReadOnlyCollection<ulong>? resourcesA = null, resourcesB = null;
        if (question.Version is not null)
        {
            var known = await versions.Read(tenant, question.Service!, question.Range, cancel);
            string against = question.Against ?? known.Where(v => v.Key != question.Version).OrderByDescending(v => v.Value.Spans).ThenBy(v => v.Key, StringComparer.Ordinal).FirstOrDefault().Key ?? "";
            (nameA, nameB) = ($"version {question.Version}", $"version {against}");
            (resourcesA, resourcesB) = (known.GetValueOrDefault(question.Version, ([], 0)).Resources, known.GetValueOrDefault(against, ([], 0)).Resources);
        }
        var sample = SpanSample.Of(read.Names, [.. read.Spans.Select(s => s with { Side = SideOf(s, read.Names, question, nameB) })]);

        SpanSide sideA = SpanSide.Of(question.Range, question.Service, question.Operation, resourcesA), sideB = SpanSide.Of(other?.Range ?? question.Range, question.Service, question.Operation, resourcesB);
        var minutesA = await spans.Count(tenant, sideA, ComparedSpanTable.Settings, cancel);
        var minutesB = await spans.Count(tenant, sideB, ComparedSpanTable.Settings, cancel);
        long countA = minutesA.Sum(of => of.Spans), countB = minutesB.Sum(of => of.Spans);
        if (countA == 0) reasons.Add(new("no_data", $"No span of {nameA} is stored in this time."));
        if (countB == 0) reasons.Add(new("no_baseline", $"No span of {nameB} is stored to compare with."));
        var differences = Differences.Of(sample, nameA, nameB);
        if (countA > 0 && countB > 0)
        {
            var a = await spans.Read(tenant, sideA, minutesA, question.Rows, ComparedSpanTable.Settings, cancel);
            var b = await spans.Read(tenant, sideB, minutesB, question.Rows, ComparedSpanTable.Settings, cancel);
            var resources = await table.Resources(tenant, a.Concat(b).Select(span => span.Resource).Distinct(), cancel);
            differences.AddRange(new AttributeDifferences(resources, nameA, nameB).Of(a, b, withPlace: false, chosen: question.Version is null ? Nothing : Version));
        }
        return new Comparison(SideView(sample, Side.Window, nameA, countA), SideView(sample, Side.Baseline, nameB, countB),
            Differences.Ranked(differences, question.Limit),
            reasons.Count == 0 ? "complete" : "partial", reasons);
    }

    private static Side SideOf(in SampledSpan span, NameTable names, CompareQuestion question, string nameB)
    {
        if (span.Side == Side.Outside || (question.Service is not null && names[span.Service] != question.Service) || (question.Operation is not null && names[span.Name] != question.Operation)) return Side.Outside;
        if (question.Version is null) return span.Side;
        string version = names[span.Version];
        return version == question.Version ? Side.Window : $"version {version}" == nameB ? Side.Baseline : Side.Outside;
    }

    private static ComparedSide SideView(SpanSample sample, Side side, string name, long count)
    {
        double[] durations = [.. sample.Spans.Where(s => s.Side == side).Select(s => (double)s.Duration).Order()];
        return new ComparedSide(name, count, durations.Length, durations.Length == 0 ? 0 : Math.Round((double)sample.Spans.Count(s => s.Side == side && s.Failed) / durations.Length, 4),
            (long)Shift.Quantile(durations, 0.5), (long)Shift.Quantile(durations, 0.95));
    }
}
