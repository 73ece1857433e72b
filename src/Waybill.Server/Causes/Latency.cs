using System.Runtime.InteropServices;

namespace Waybill.Causes;

/// <summary>How a part moved, and what it means for those who wait at the entries.</summary>
/// <param name="Explained">Share of the entries' rise that lies in this part, on their critical paths.</param>
/// <param name="Effect">Size of the rise beyond what all parts show, 0 to 1: 0.33 for a fifth more, 0.63 for half as much again, 0.86 for twice.</param>
public sealed record PartShift(Part Part, Shift Shift, double Explained, int HurtEntry, double Effect);

/// <summary>An entry operation before and now.</summary>
public sealed record EntryShift(int Operation, Shift Duration, int BaselineFailed, int WindowFailed);

/// <summary>Where the time went: each part against its baseline, weighed by how much of the entries' rise it makes up.</summary>
public static class Latency
{
    /// <summary>Rises below this are nobody's cause, however large in proportion.</summary>
    public const double GrainNano = 50_000;
    private const int EntriesMin = 5, DriftSpansMin = 20, DriftPartsMin = 6;
    private const double EffectScale = 0.5;

    public static PartShift[] Measure(SpanSample sample, CallForest forest, Parts parts, Timeline time)
    {
        var shifts = new Shift[parts.All.Count];
        for (int p = 0; p < shifts.Length; p++) shifts[p] = Of(parts.All[p].Spans, i => forest.Own[i], sample, time);
        var (explained, hurt) = Explain(sample, forest, parts, shifts);
        double drift = Drift(parts, shifts);
        return [.. parts.All.Select((part, p) => new PartShift(part, shifts[p], explained[p], hurt[p], Effect(shifts[p], drift)))];
    }

    private static double Effect(in Shift shift, double drift) =>
        1 - Math.Exp(-Math.Max(0, (shift.WindowMean + GrainNano) / (shift.BaselineMean + GrainNano) / drift - 1) / EffectScale);

    /// <summary>What own times rise by everywhere: more traffic, a busy host, another time of day. Nobody's in particular.</summary>
    private static double Drift(Parts parts, Shift[] shifts)
    {
        double[] ratios = [.. shifts.Where((s, p) => parts.All[p].Type == PartType.Own && s.WindowCount >= DriftSpansMin && s.BaselineCount >= DriftSpansMin)
            .Select(s => (s.WindowMedian + GrainNano) / (s.BaselineMedian + GrainNano)).Order()];
        return ratios.Length < DriftPartsMin ? 1 : Math.Max(1, Shift.Quantile(ratios, 0.5));
    }

    public static List<EntryShift> Entries(SpanSample sample, CallForest forest, Timeline time)
    {
        var byOperation = new Dictionary<int, List<int>>();
        for (int i = 0; i < sample.Count; i++)
            if (forest.Entry[i] == i && sample.Spans[i].Side != Side.Outside)
                (CollectionsMarshal.GetValueRefOrAddDefault(byOperation, sample.Operation[i], out _) ??= []).Add(i);
        var entries = new List<EntryShift>();
        foreach (var (operation, spans) in byOperation)
            entries.Add(new EntryShift(operation, Of(spans, i => sample.Spans[i].Duration, sample, time),
                spans.Count(i => sample.Spans[i].Side == Side.Baseline && sample.Spans[i].Failed), spans.Count(i => sample.Spans[i].Side == Side.Window && sample.Spans[i].Failed)));
        return entries;
    }

    public static Shift Of(List<int> spans, Func<int, double> value, SpanSample sample, Timeline time)
    {
        int inWindow = spans.Count(i => sample.Spans[i].Side == Side.Window), inBaseline = spans.Count(i => sample.Spans[i].Side == Side.Baseline);
        double[] window = new double[inWindow], baseline = new double[inBaseline];
        int[] blocks = new int[inBaseline];
        int w = 0, b = 0;
        foreach (int i in spans)
            if (sample.Spans[i].Side == Side.Window) window[w++] = value(i);
            else if (sample.Spans[i].Side == Side.Baseline)
            {
                blocks[b] = time.BlockOf(sample.Spans[i].Start);
                baseline[b++] = value(i);
            }
        return Shift.Of(baseline, blocks, time.BlockCount, window);
    }

    /// <summary>
    /// The critical path divides an entry's duration among parts without rest, so the difference of the means per part divides the entry's rise.
    /// Entries are weighed by their relative rise and the root of their number: a rare one that broke counts, a frequent one that drifts does not drown it.
    /// </summary>
    private static (double[] Explained, int[] Hurt) Explain(SpanSample sample, CallForest forest, Parts parts, Shift[] shifts)
    {
        var sums = new Dictionary<(int Entry, int Part), (double Baseline, double Window)>();
        var totals = new Dictionary<int, (int Baseline, int Window, double BaselineNano)>();
        for (int i = 0; i < sample.Count; i++)
        {
            int entry = forest.Entry[i], operation = sample.Operation[entry];
            var side = sample.Spans[entry].Side;
            if (side == Side.Outside || parts.Of[i] < 0) continue;
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, (operation, parts.Of[i]), out _);
            ref var total = ref CollectionsMarshal.GetValueRefOrAddDefault(totals, operation, out _);
            if (side == Side.Baseline) sum.Baseline += forest.Critical[i];
            else sum.Window += forest.Critical[i];
            if (entry != i) continue;
            if (side == Side.Window) total.Window++;
            else
            {
                total.Baseline++;
                total.BaselineNano += Math.Max(0, sample.Spans[i].Duration);
            }
        }

        double[] explained = new double[parts.All.Count], most = new double[parts.All.Count];
        int[] hurt = [.. Enumerable.Repeat(-1, parts.All.Count)];
        double all = 0;
        foreach (var ((entry, part), sum) in sums.OrderBy(s => s.Key.Entry).ThenBy(s => s.Key.Part))
        {
            var total = totals[entry];
            if (total.Baseline < EntriesMin || total.Window < EntriesMin) continue;
            double rise = sum.Window / total.Window - sum.Baseline / total.Baseline;
            double relative = rise / (total.BaselineNano / total.Baseline + GrainNano) * Math.Sqrt(total.Window);
            // Calls become more without becoming slower: that is the caller's doing and not this part's, but it is not noise either.
            if (relative <= 0 || shifts[part].Z < 2) continue;
            explained[part] += relative;
            all += relative;
            if (relative <= most[part]) continue;
            (most[part], hurt[part]) = (relative, entry);
        }
        if (all > 0)
            for (int p = 0; p < explained.Length; p++) explained[p] /= all;
        return (explained, hurt);
    }
}
