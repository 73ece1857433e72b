using System.Globalization;
using Waybill.Causes;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Comparisons;

/// <summary>What to compare: two versions of a service in one range, or one range with another.</summary>
public sealed record CompareQuestion(TimeRange Range, TimeRange? Baseline, string? Service, string? Operation, string? Version, string? Against, int Rows, int Limit);

/// <summary>Compares two sets of spans in what they carry, how long they take, how they fail and whom they call; bounded, and the same for the same question.</summary>
public sealed class Comparer(SampleTable table, Samples samples, Baselines baselines, AttributeTable attributes, VersionTable versions)
{
    private const int ValueShown = 80;

    public async Task<Comparison> Compare(string tenant, CompareQuestion question, CancellationToken cancel)
    {
        var reasons = new List<PartialReason>();
        long spans = await table.Count(tenant, question.Range, cancel);
        Baseline? other = question.Version is null ? await baselines.Choose(tenant, new CauseQuestion(question.Range, question.Baseline), Math.Max(1, spans), cancel) : null;
        var time = new Timeline(question.Range, other?.Range ?? new TimeRange(0, 1));
        var read = await samples.Read(tenant, time, spans, other?.Spans ?? 0, cancel);
        string nameA = "the window", nameB = other is null ? "" : $"the time before ({other.Chosen})";
        SideFilter sideA = new(question.Range, question.Service, question.Operation, null), sideB = sideA with { Range = other?.Range ?? question.Range };
        if (question.Version is not null)
        {
            var known = await versions.Read(tenant, question.Service!, question.Range, cancel);
            string against = question.Against ?? known.Where(v => v.Key != question.Version).OrderByDescending(v => v.Value.Spans).ThenBy(v => v.Key, StringComparer.Ordinal).FirstOrDefault().Key ?? "";
            (nameA, nameB) = ($"version {question.Version}", $"version {against}");
            sideA = sideA with { Resources = known.GetValueOrDefault(question.Version, ([], 0)).Resources };
            sideB = sideB with { Resources = known.GetValueOrDefault(against, ([], 0)).Resources };
        }
        var sample = SpanSample.Of(read.Names, [.. read.Spans.Select(s => s with { Side = SideOf(s, read.Names, question, nameB) })]);

        long countA = await attributes.Count(tenant, sideA, cancel), countB = await attributes.Count(tenant, sideB, cancel);
        if (countA == 0) reasons.Add(new("no_data", $"No span of {nameA} is stored in this time."));
        if (countB == 0) reasons.Add(new("no_baseline", $"No span of {nameB} is stored to compare with."));
        var differences = Differences.Of(sample, nameA, nameB);
        if (countA > 0 && countB > 0)
        {
            var (rowsA, valuesA) = await attributes.Read(tenant, sideA, countA, question.Rows, cancel);
            var (rowsB, valuesB) = await attributes.Read(tenant, sideB, countB, question.Rows, cancel);
            differences.AddRange(OfAttributes(valuesA, rowsA, valuesB, rowsB, nameA, nameB));
        }
        return new Comparison(SideView(sample, Side.Window, nameA, countA), SideView(sample, Side.Baseline, nameB, countB),
            [.. differences.OrderByDescending(d => d.Effect * d.Confidence).ThenBy(d => d.Kind, StringComparer.Ordinal).ThenBy(d => d.Sentence, StringComparer.Ordinal).Take(question.Limit)],
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

    private static IEnumerable<Difference> OfAttributes(Dictionary<(string Key, string Value), long> a, long rowsA, Dictionary<(string Key, string Value), long> b, long rowsB, string nameA, string nameB)
    {
        foreach (var pair in a.Keys.Union(b.Keys))
        {
            long inA = a.GetValueOrDefault(pair), inB = b.GetValueOrDefault(pair);
            var (effect, confidence) = Differences.Proportion(inA, rowsA, inB, rowsB);
            if (Math.Abs(effect) < 0.05 || confidence < 0.95) continue;
            string key = pair.Key.Length > 2 ? pair.Key[2..] : pair.Key, value = pair.Value.Length > ValueShown ? pair.Value[..ValueShown] + "..." : pair.Value;
            yield return new Difference("attribute", "share", Math.Round((double)inA / rowsA, 4), Math.Round((double)inB / rowsB, 4), Math.Abs(effect), confidence,
                string.Create(CultureInfo.InvariantCulture, $"{key} = {value} is on {(double)inA / rowsA:P1} of the spans of {nameA} and {(double)inB / rowsB:P1} of {nameB}")) { Key = key, Value = pair.Value };
        }
    }
}
