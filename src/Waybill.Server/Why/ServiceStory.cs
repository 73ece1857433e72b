using Waybill.Map;
using Waybill.Web;

namespace Waybill.Why;

/// <summary>How a service fares now, against before, what it calls, what changed, and which of its exceptions are new.</summary>
public sealed class ServiceStory(MapReader maps, ChangeStory changes, Owners owners, TimeProvider clock)
{
    private const long Minute = 60_000_000_000;

    internal async Task Tell(Story story, string tenant, string service, CancellationToken cancel)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        ServiceMap map = (await maps.Read(tenant, new TimeRange(now - 15 * Minute, now), cancel)).Around($"service:{service}");
        story.Reasons.AddRange(map.Reasons);
        MapNode? node = map.Nodes.FirstOrDefault(of => of.Id == $"service:{service}");
        string link = $"/api/map?service={Uri.EscapeDataString(service)}";
        if (node is null)
        {
            story.Happened("warning", $"{service} was seen before, but not in the last 30 minutes.", new StepEvidence("service", service, null, link));
            await changes.TellBefore(story, tenant, service, null, [], now, cancel);
            owners.Tell(story, service);
            return;
        }
        bool well = node.Health is "healthy" or "new" or "idle";
        story.Happened(well ? "info" : "error", $"{service} is {node.Health}: {Wording.Count(node.RequestRate)} requests/s, {Wording.Percent(node.ErrorRatio)} fail, p95 {Wording.Duration(node.P95Nano ?? 0)} in the last 15 minutes{(node.HealthReasons.Count > 0 ? $"; {string.Join("; ", node.HealthReasons)}" : "")}.",
            new StepEvidence("service", service, null, link));
        if (node.Versions.Count > 0)
            story.Happened("info", $"It runs in {Wording.List(node.Versions.Select(version => $"{(version.Version.Length > 0 ? version.Version : "no version")} ({Wording.Count(version.Instances.Length, "instance")}{(version.Environment.Length > 0 ? $", {version.Environment}" : "")})"))}.");
        foreach (MapEdge edge in map.Edges.Where(edge => edge.From == node.Id && edge.Health is "degraded" or "failing").OrderByDescending(edge => edge.ErrorRatio).Take(3))
            story.LedTo("warning", $"What it asks of {Name(edge.To)} is {edge.Health}: {string.Join("; ", edge.HealthReasons)}.", new StepEvidence("edge", edge.Id, null, link));
        foreach (MapEdge edge in map.Edges.Where(edge => edge.LostCount > 0).OrderByDescending(edge => edge.LostRatio).Take(2))
            story.Else("warning", $"{Wording.Percent(edge.LostRatio)} of {Name(edge.From)} -> {Name(edge.To)} lost its context.", new StepEvidence("edge", edge.Id, null, "/api/lost-context"));
        string[] callers = [.. map.Edges.Where(edge => edge.To == node.Id && edge.From != node.Id).Select(edge => Name(edge.From)).Distinct()];
        if (callers.Length > 0) story.Else("info", $"{Wording.List(callers)} {(callers.Length == 1 ? "depends" : "depend")} on it.", new StepEvidence("service", "who depends on it", null, link));
        SuspectChange? suspect = await changes.TellBefore(story, tenant, service, null, [.. node.Versions.Select(version => version.Environment).Where(name => name.Length > 0).Distinct()], now, cancel);
        owners.Tell(story, service);
        if (!well)
        {
            story.Service = service;
            story.Next("See the ranked suspects.", new StepEvidence("suspect", "ranked suspects", null, $"/api/causes?service={Uri.EscapeDataString(service)}"));
            story.Next("Look at failed requests.", new StepEvidence("trace", "failed traces", null, $"/api/traces?service={Uri.EscapeDataString(service)}&error=true"));
        }
        story.Answer = well ? $"{service} is {node.Health}." : $"{service} is {node.Health}: {string.Join("; ", node.HealthReasons)}{(suspect is null ? "" : $"; before that came \"{SuspectChanges.Title(suspect.Change)}\"")}.";
    }

    internal async Task TellInstance(Story story, string tenant, IReadOnlyList<KnownInstance> instances, CancellationToken cancel)
    {
        KnownInstance one = instances[0];
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        bool silent = now - one.LastUnixSeconds > 2 * 3600;
        story.Happened(silent ? "warning" : "info", $"{(one.Instance.Length > 0 ? one.Instance : "It")} is an instance of {one.Service}{(one.Version.Length > 0 ? $" {one.Version}" : "")}, first seen {Wording.Time(one.FirstUnixSeconds * 1_000_000_000)}{(silent ? $" and silent since about {Wording.Time(one.LastUnixSeconds * 1_000_000_000)}" : "")}.",
            new StepEvidence("service", one.Service, one.Instance, $"/api/map?service={Uri.EscapeDataString(one.Service)}"));
        await Tell(story, tenant, one.Service, cancel);
    }

    private static string Name(string id) => id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..];
}
