using Waybill.Web;

namespace Waybill.Causes;

/// <param name="Chosen">given, preceding, earlier, following or none.</param>
public sealed record Baseline(TimeRange Range, long Spans, string Chosen);

/// <summary>Chooses what a window is compared with: what was asked for, else the time just before it, else the nearest time that has data.</summary>
public sealed class Baselines(SampleTable table)
{
    private const long Minute = 60_000_000_000, LengthMin = 10 * Minute, LengthMax = 6 * 60 * Minute, FarBack = 7L * 24 * 60 * Minute;
    /// <summary>A baseline with less than this part of the window's rate, or fewer spans, says too little.</summary>
    private const double RateMin = 0.1;
    private const int SpansMin = 200;

    public async Task<Baseline> Choose(string tenant, CauseQuestion question, long windowSpans, CancellationToken cancel)
    {
        var window = question.Window;
        if (question.Baseline is { } given) return new Baseline(given, await table.Count(tenant, given, cancel), "given");
        long length = Math.Clamp(window.UntilUnixNano - window.SinceUnixNano, LengthMin, LengthMax);
        var preceding = new TimeRange(window.SinceUnixNano - length, window.SinceUnixNano);
        long spans = await table.Count(tenant, preceding, cancel);
        if (IsEnough(spans)) return new Baseline(preceding, spans, "preceding");

        // Only the first part of the time before has nothing: still better than another hour of the day.
        if (spans >= SpansMin && await table.Extent(tenant, preceding, cancel) is { } some && some.Last - some.First > Minute)
            return new Baseline(new TimeRange(some.First, window.SinceUnixNano), spans, "preceding");
        if (await table.Extent(tenant, new TimeRange(window.SinceUnixNano - FarBack, window.SinceUnixNano), cancel) is { } before)
        {
            var earlier = new TimeRange(Math.Max(before.First, before.Last - length), Math.Min(before.Last + 1, window.SinceUnixNano));
            long count = await table.Count(tenant, earlier, cancel);
            if (count >= SpansMin) return new Baseline(earlier, count, "earlier");
        }
        var following = new TimeRange(window.UntilUnixNano, window.UntilUnixNano + length);
        long after = await table.Count(tenant, following, cancel);
        if (after >= Math.Max(1, spans)) return new Baseline(following, after, after == 0 ? "none" : "following");
        return new Baseline(preceding, spans, spans == 0 ? "none" : "preceding");

        bool IsEnough(long count) => count >= SpansMin && count >= RateMin * windowSpans * length / (window.UntilUnixNano - window.SinceUnixNano);
    }
}
