using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Map;

/// <summary>Reads the service map of a window and its two baselines.</summary>
public sealed class MapReader(MapTable table, TimeProvider clock)
{
    private const long WeekNano = 7 * 86_400 * 1_000_000_000L;
    /// <summary>The map may be this much behind before it says so: a pass and its rest.</summary>
    private const long LagNano = 90 * 1_000_000_000L;

    public async Task<ServiceMap> Read(string tenant, TimeRange range, CancellationToken cancel)
    {
        long length = range.UntilUnixNano - range.SinceUnixNano;
        Task<MapWindow?> before = Window(tenant, new TimeRange(range.SinceUnixNano - length, range.SinceUnixNano), cancel);
        Task<MapWindow?> week = Window(tenant, new TimeRange(range.SinceUnixNano - WeekNano, range.UntilUnixNano - WeekNano), cancel);
        Task<Dictionary<string, List<RunningVersion>>> versions = table.ReadVersions(tenant, range, cancel);
        Task<(uint First, uint Last)?> covered = table.Covered(tenant, range, cancel);
        MapWindow? now = await Window(tenant, range, cancel);
        await Task.WhenAll(before, week, versions, covered);
        return MapWindow.Compare(range, now ?? new MapWindow([], length / 1e9), before.Result, week.Result, versions.Result, _ => null, Reasons(range, covered.Result));
    }

    private async Task<MapWindow?> Window(string tenant, TimeRange range, CancellationToken cancel)
    {
        List<StoredEdge> edges = await table.Read(tenant, range, cancel);
        return edges.Count == 0 ? null : new MapWindow(edges, (range.UntilUnixNano - range.SinceUnixNano) / 1e9);
    }

    private List<PartialReason> Reasons(TimeRange range, (uint First, uint Last)? covered)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        if (covered is not { } known) return [new("nothing_derived", "No spans of this time were added up for the map; just started, or nothing was received.")];
        long end = (known.Last + 60L) * 1_000_000_000;
        return Math.Min(range.UntilUnixNano, now) - end > LagNano && now - range.UntilUnixNano < 600_000_000_000
            ? [new("map_behind", $"The map ends {(Math.Min(range.UntilUnixNano, now) - end) / 1_000_000_000} s before the asked time: nothing was received since, or adding up is behind.")]
            : [];
    }
}
