using Waybill.Measuring;
using Waybill.Posting;

namespace Waybill.Overload;

internal static class Recovery
{
    /// <summary>Seconds after the overload from which on every second's ack p50 was below the limit and nothing was refused; null when that never came.</summary>
    public static int? Seconds(IReadOnlyList<Attempt> probes, double limitMilliseconds)
    {
        if (probes.Count == 0) return null;
        int last = probes.Max(probe => probe.AtMillis / 1000), recovered = last + 1;
        for (int second = last; second >= 0; second--)
        {
            var inSecond = probes.Where(probe => probe.AtMillis / 1000 == second).ToList();
            bool fine = inSecond.Count > 0 && inSecond.All(probe => probe.Acknowledged) &&
                new Percentiles(inSecond.Select(probe => probe.LatencyMicros / 1000.0)).P50 < limitMilliseconds;
            if (!fine) break;
            recovered = second;
        }
        return recovered > last ? null : recovered;
    }
}
