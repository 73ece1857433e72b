using System.Globalization;

namespace Waybill.Map;

/// <summary>How much a node or edge did in a window, weighted, and how well.</summary>
public sealed record Load(double RequestCount, double RequestRate, double ErrorRatio, double? P50Nano, double? P95Nano, double? P99Nano)
{
    public static Load Of(double requests, double errors, Latencies latencies, double seconds) => new(
        Math.Round(requests, 3), Math.Round(requests / seconds, 4), requests > 0 ? Math.Round(errors / requests, 6) : 0,
        latencies.QuantileNano(0.5), latencies.QuantileNano(0.95), latencies.QuantileNano(0.99));
}

/// <summary>Whether a load is as it was: against the window before and the same window a week ago. Worse only if worse than every baseline there is.</summary>
/// <param name="State">healthy, degraded, failing, new (no baseline), or gone (no requests any more).</param>
public sealed record Health(string State, IReadOnlyList<string> Reasons)
{
    private const double FailingRatio = 0.5, RatioRiseMin = 0.01, SlowerFactor = 1.5, SlowerNanoMin = 5e6, RateFallFactor = 0.5;
    /// <summary>A rise that chance makes once in 30,000 windows.</summary>
    internal const double SurpriseMin = 4;
    private const double RequestsMin = 20;

    public static Health Of(Load now, Load? previous, Load? weekBefore)
    {
        Load[] baselines = [.. new[] { previous, weekBefore }.OfType<Load>().Where(load => load.RequestCount > 0)];
        string against = previous is { RequestCount: > 0 } ? weekBefore is { RequestCount: > 0 } ? "the hours before and a week ago" : "the time before" : "a week ago";
        if (now.RequestCount == 0) return baselines.Length == 0 ? new("idle", []) : new("gone", [$"no requests, against {Number(baselines[0].RequestRate)}/s in {against}"]);

        var reasons = new List<string>();
        bool failing = now.RequestCount >= RequestsMin / 2 && now.ErrorRatio >= FailingRatio;
        if (failing) reasons.Add($"{Percent(now.ErrorRatio)} of requests fail");
        if (baselines.Length == 0) return new(failing ? "failing" : "new", reasons);

        if (now.RequestCount >= RequestsMin)
        {
            if (baselines.All(then => ErrorsRose(now, then, SurpriseMin)))
                reasons.Add($"errors rose from {Percent(baselines.Max(then => then.ErrorRatio))} to {Percent(now.ErrorRatio)} against {against}");
            if (baselines.All(then => IsSlower(now, then)))
                reasons.Add($"p95 rose from {Milliseconds(baselines.Max(then => then.P95Nano))} to {Milliseconds(now.P95Nano)} against {against}");
        }
        if (baselines.All(then => RateFell(now, then)))
            reasons.Add($"the rate fell from {Number(baselines.Min(then => then.RequestRate))}/s to {Number(now.RequestRate)}/s against {against}");
        return new(failing ? "failing" : reasons.Count > 0 ? "degraded" : "healthy", reasons);
    }

    /// <summary>Two-proportion z-test: with a surprise of 4, a rise that chance makes once in 30,000 windows is not shown.</summary>
    internal static bool ErrorsRose(Load now, Load then, double surpriseMin)
    {
        if (now.ErrorRatio - then.ErrorRatio < RatioRiseMin) return false;
        double all = now.RequestCount + then.RequestCount, pooled = (now.ErrorRatio * now.RequestCount + then.ErrorRatio * then.RequestCount) / all;
        double deviation = Math.Sqrt(pooled * (1 - pooled) * (1 / now.RequestCount + 1 / then.RequestCount));
        return deviation > 0 && (now.ErrorRatio - then.ErrorRatio) / deviation >= surpriseMin;
    }

    /// <summary>By half as much again, and by something that can be felt.</summary>
    internal static bool IsSlower(Load now, Load then) =>
        now.P95Nano > then.P95Nano * SlowerFactor && now.P95Nano - then.P95Nano > SlowerNanoMin && then.RequestCount >= RequestsMin;

    private static bool RateFell(Load now, Load then)
    {
        if (then.RequestRate <= 0 || now.RequestRate > then.RequestRate * RateFallFactor) return false;
        double expected = then.RequestRate / now.RequestRate * now.RequestCount;
        return expected >= RequestsMin && (expected - now.RequestCount) / Math.Sqrt(expected) >= SurpriseMin;
    }

    internal static string Percent(double ratio) => (ratio * 100).ToString(ratio < 0.001 ? "0.###" : ratio < 0.1 ? "0.#" : "0", CultureInfo.InvariantCulture) + " %";

    internal static string Number(double value) => value.ToString(value < 1 ? "0.###" : value < 100 ? "0.#" : "0", CultureInfo.InvariantCulture);

    internal static string Milliseconds(double? nano) => nano is { } value ? (value / 1e6).ToString(value < 1e6 ? "0.###" : value < 1e8 ? "0.#" : "0", CultureInfo.InvariantCulture) + " ms" : "nothing";
}
