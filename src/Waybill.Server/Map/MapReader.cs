using Waybill.Catalogs;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Map;

/// <summary>Reads the service map of a window and its two baselines.</summary>
public sealed class MapReader(MapTable table, Catalog catalog, MapOptions options, TimeProvider clock)
{
    private const long WeekNano = 7 * 86_400 * 1_000_000_000L;
    /// <summary>The map may be this much behind before it says so: a pass and its rest.</summary>
    private const long LagSeconds = 90;

    /// <param name="environment">Only of this one; empty for all.</param>
    public async Task<ServiceMap> Read(string tenant, TimeRange range, CancellationToken cancel, string environment = "")
    {
        long length = range.UntilUnixNano - range.SinceUnixNano;
        Task<MapWindow?> before = Window(tenant, new TimeRange(range.SinceUnixNano - length, range.SinceUnixNano), environment, cancel);
        Task<MapWindow?> week = Window(tenant, new TimeRange(range.SinceUnixNano - WeekNano, range.UntilUnixNano - WeekNano), environment, cancel);
        Task<Dictionary<string, List<RunningVersion>>> versions = table.ReadVersions(tenant, range, cancel);
        Task<Coverage?> covered = table.Covered(tenant, range, cancel);
        MapWindow? now = await Window(tenant, range, environment, cancel);
        await Task.WhenAll(before, week, versions, covered);
        return MapWindow.Compare(range, now ?? new MapWindow([], length / 1e9), before.Result, week.Result, In(environment, versions.Result), catalog.OwnerOf, Reasons(range, covered.Result));
    }

    private static Dictionary<string, List<RunningVersion>> In(string environment, Dictionary<string, List<RunningVersion>> versions) => environment.Length == 0 ? versions
        : versions.ToDictionary(service => service.Key, service => service.Value.FindAll(version => version.Environment == environment));

    private async Task<MapWindow?> Window(string tenant, TimeRange range, string environment, CancellationToken cancel)
    {
        List<StoredEdge> edges = await table.Read(tenant, range, environment, clock.GetUtcNow().ToUnixTimeSeconds() - (long)MapTable.Settling.TotalSeconds, cancel);
        return edges.Count == 0 ? null : new MapWindow(edges, (range.UntilUnixNano - range.SinceUnixNano) / 1e9);
    }

    private List<PartialReason> Reasons(TimeRange range, Coverage? covered)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        if (covered is null) return [new("nothing_derived", "No spans of this time were added up for the map; just started, or nothing was received.")];
        var reasons = new List<PartialReason>();
        if (options.ShareOf(covered.SpansMax) is > 1 and var share) reasons.Add(new("estimated", $"Minutes of more than {options.SpansPerMinuteMax} spans are estimated from one trace in up to {share}."));
        long behind = (Math.Min(range.UntilUnixNano, now) - (covered.LastUnixSeconds + 60L) * 1_000_000_000) / 1_000_000_000;
        if (behind > LagSeconds && now - range.UntilUnixNano < 600_000_000_000)
            reasons.Add(new("map_behind", $"The map ends {behind} s before the asked time: nothing was received since, or adding up is behind."));
        return reasons;
    }
}
