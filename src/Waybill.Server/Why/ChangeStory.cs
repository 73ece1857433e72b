using Waybill.Changes;
using Waybill.Changes.Inference;
using Waybill.Map;
using Waybill.Web;

namespace Waybill.Why;

/// <summary>What changed before something, and what came after a change.</summary>
public sealed class ChangeStory(ChangeTable changes, MapTable map, Owners owners, TimeProvider clock)
{
    private const long Hour = 3_600_000_000_000, Minute = 60_000_000_000;
    private const int ChangesMax = 200, OthersMax = 2;
    private const double ScoreMin = 0.25, StrongMin = 0.5, OperationRequestsMin = 20, OperationSurpriseMin = 3;

    /// <summary>Tells the changes before something that began in a service.</summary>
    /// <returns>The likeliest to have led to it; null when none is near.</returns>
    internal async Task<SuspectChange?> TellBefore(Story story, string tenant, string service, string? version, IReadOnlyCollection<string> environments, long beganUnixNano, CancellationToken cancel)
    {
        Task<HashSet<string>> called = map.CalledBy(tenant, new TimeRange(beganUnixNano - Hour, beganUnixNano + Minute), service, cancel);
        Task<Dictionary<string, Surge>> surging = SurgingCallers(tenant, service, beganUnixNano, cancel);
        ChangePage page = await changes.Read(tenant, new TimeRange(beganUnixNano - 24 * Hour, beganUnixNano + 2 * Minute), new ChangeFilter(), ChangesMax, null, cancel);
        SuspectChange[] suspects = [.. SuspectChanges.Rank(page.Changes, service, await called, await surging, beganUnixNano, version, environments).Where(suspect => suspect.Score >= ScoreMin)];
        foreach (var (caller, surge) in (await surging).OrderByDescending(of => of.Value.Now / Math.Max(1, of.Value.Usual)).Take(OthersMax))
            story.LedTo("warning", $"{caller} asks {service} far more often than it did: {Wording.Count(surge.Now)} times a minute since {Wording.Time(surge.BeganUnixSeconds * 1_000_000_000)}, against {Wording.Count(surge.Usual)} before.",
                new("figure", "before", $"{Wording.Count(surge.Usual)} a minute"), new("figure", "now", $"{Wording.Count(surge.Now)} a minute"));
        if (suspects.Length == 0)
        {
            story.Changed("info", $"No change of {service} or of what it calls is known in the 24 hours before.", new StepEvidence("change", "changes", null, $"/api/changes?until={beganUnixNano}"));
            return null;
        }
        SuspectChange first = suspects[0];
        story.Changed(first.Score >= StrongMin ? "warning" : "info", $"\"{SuspectChanges.Title(first.Change)}\" {(first.Change.Inferred == true ? "was seen" : "was made")} at {Wording.Time(first.Change.StartedNano)}{By(first.Change)}: {first.Reason}.", SuspectChanges.Evidence(first.Change));
        foreach (SuspectChange other in suspects.Skip(1).Where(suspect => suspect.Change.StartedNano <= beganUnixNano).Take(OthersMax))
            story.Changed("info", $"Also before it: \"{SuspectChanges.Title(other.Change)}\" at {Wording.Time(other.Change.StartedNano)}{By(other.Change)}.", SuspectChanges.Evidence(other.Change));
        TellAuthor(story, first.Change);
        return first.Score >= StrongMin ? first : null;
    }

    private async Task<Dictionary<string, Surge>> SurgingCallers(string tenant, string service, long beganUnixNano, CancellationToken cancel)
    {
        List<CallerMinute> minutes = await map.CallersOf(tenant, new TimeRange(beganUnixNano - Hour, beganUnixNano + 2 * Minute), service, cancel);
        long[] all = [.. minutes.Select(minute => minute.UnixSeconds).Distinct().Order()];   // a minute in which only others call is one in which this one does not
        return minutes.GroupBy(minute => minute.Caller)
            .Select(caller => (caller.Key, Surge: Surge.Find([.. all.Select(at => (at, caller.Where(minute => minute.UnixSeconds == at).Sum(minute => minute.Requests)))], beganUnixNano / 1_000_000_000)))
            .Where(caller => caller.Surge is not null).ToDictionary(caller => caller.Key, caller => caller.Surge!);
    }

    /// <summary>Tells what changed shortly before in services that something went through: of what is well there is no more to say.</summary>
    internal async Task TellAround(Story story, string tenant, string[] services, long startUnixNano, CancellationToken cancel)
    {
        ChangePage page = await changes.Read(tenant, new TimeRange(startUnixNano - Hour / 2, startUnixNano), new ChangeFilter { Services = services }, ChangesMax, null, cancel);
        foreach (Change change in page.Changes.Where(change => change.StartedNano <= startUnixNano && change.Type != DeploymentInference.FirstSeen).OrderByDescending(change => change.StartedNano).Take(OthersMax))
            story.Changed("info", $"{Wording.Duration(startUnixNano - change.StartedNano)} before, \"{SuspectChanges.Title(change)}\" {(change.Inferred == true ? "was seen" : "was made")} in {change.Service}{By(change)}, through which it went.", SuspectChanges.Evidence(change));
    }

    /// <summary>The story of a change: what it was, and how its service fared before and after.</summary>
    internal async Task Tell(Story story, string tenant, Change change, CancellationToken cancel)
    {
        string what = SuspectChanges.Title(change);
        story.Happened("info", $"\"{what}\" {(change.Inferred == true ? "was inferred from telemetry" : $"({change.Kind.Replace('_', ' ')}) was reported by {change.Source}")}: it began {Wording.Time(change.StartedNano)}{(change.FinishedNano is { } end ? $" and took {Wording.Duration(end - change.StartedNano)}" : "")}, outcome {change.Outcome}.", SuspectChanges.Evidence(change));
        if (change.Version is not null)
            story.Changed("info", $"{change.Service ?? "The service"} went {(change.PreviousVersion is { } from ? $"from {from} " : "")}to {change.Version}{(change.Commit is { } commit ? $" (commit {commit[..Math.Min(12, commit.Length)]})" : "")}.",
                new StepEvidence("change", "what lies between", null, change.CompareUrl ?? change.CommitUrl));
        foreach (ChangedPart difference in (change.Diff ?? []).Take(5))
            story.Changed("info", $"{difference.Path} {difference.Op}: {difference.Before ?? "nothing"} -> {difference.After ?? "nothing"}.");
        TellAuthor(story, change);
        if (change.Service is not { } service)
        {
            story.Next("It names no service, so what it led to is not known here; look at the time after it.", new StepEvidence("suspect", "ranked suspects", null, $"/api/causes?since={change.StartedNano}"));
            return;
        }
        await TellEffect(story, tenant, change, service, what, cancel);
        owners.Tell(story, service);
    }

    private async Task TellEffect(Story story, string tenant, Change change, string service, string what, CancellationToken cancel)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000, acted = Math.Max(change.StartedNano, change.FinishedNano ?? 0), until = Math.Min(now, acted + Hour / 2);
        var after = new MapWindow(await map.Read(tenant, new TimeRange(acted, Math.Max(until, acted + Minute)), "", now / 1_000_000_000, cancel), Math.Max(60, (until - acted) / 1e9));
        var before = new MapWindow(await map.Read(tenant, new TimeRange(change.StartedNano - Hour / 2, change.StartedNano), "", now / 1_000_000_000, cancel), 1800);
        string id = $"service:{service}";
        if (after.NodeLoad(id) is not { } now_ || before.NodeLoad(id) is not { } then)
        {
            story.Else("info", $"Of {service} {(after.NodeLoad(id) is null ? "after" : "before")} the change nothing is stored, so there is nothing to compare.", new StepEvidence("service", service, null, $"/api/map?service={Uri.EscapeDataString(service)}"));
            return;
        }
        Health health = Health.Of(now_, then, null);
        List<string> reasons = [.. health.Reasons, .. await WorseOperations(tenant, service, change.StartedNano, acted, until, cancel)];
        bool worse = reasons.Count > 0;
        string figures = $"errors {Wording.Percent(then.ErrorRatio)} -> {Wording.Percent(now_.ErrorRatio)}, p95 {Wording.Duration(then.P95Nano ?? 0)} -> {Wording.Duration(now_.P95Nano ?? 0)}, {Wording.Count(now_.RequestCount, "request")} since";
        story.Else(worse ? "error" : "info", worse ? $"{service} is worse after it: {string.Join("; ", reasons)} ({figures})." : $"{service} is not measurably worse after it than before ({figures}).",
            new StepEvidence("figure", "error ratio", $"{Wording.Percent(then.ErrorRatio)} -> {Wording.Percent(now_.ErrorRatio)}", $"/api/map?service={Uri.EscapeDataString(service)}"));
        string[] callers = [.. after.Edges.Keys.Where(edge => edge.To == id && edge.From.StartsWith("service:", StringComparison.Ordinal)).Select(edge => edge.From[8..]).Distinct().Order(StringComparer.Ordinal)];
        if (callers.Length > 0) story.Else("info", $"{Wording.List(callers)} {(callers.Length == 1 ? "calls" : "call")} {service}.");
        if (worse && change.PreviousVersion is { } previous) story.Next($"Roll {service} back to {previous}.", SuspectChanges.Evidence(change));
        if (change.Version is { } version) story.Next($"Ask for a verdict on {version}.", new StepEvidence("suspect", "verdict", null, $"/api/verdict?service={Uri.EscapeDataString(service)}&version={Uri.EscapeDataString(version)}"));
        story.Answer = worse ? $"After \"{what}\"{By(change)}, {service} got worse: {string.Join("; ", reasons)}." : $"\"{what}\"{By(change)} did {service} no harm that can be measured.";
    }

    /// <summary>Operations that fail more often since: one that breaks may be lost among the others of its service.</summary>
    private async Task<IEnumerable<string>> WorseOperations(string tenant, string service, long started, long acted, long until, CancellationToken cancel)
    {
        var before = await map.ReadOperations(tenant, new TimeRange(started - Hour / 2, started), service, cancel);
        var after = await map.ReadOperations(tenant, new TimeRange(acted, Math.Max(until, acted + Minute)), service, cancel);
        return
            from operation in after
            where before.TryGetValue(operation.Key, out var known) && known.Requests >= OperationRequestsMin && operation.Value.Requests >= OperationRequestsMin
            let then = Load.Of(before[operation.Key].Requests, before[operation.Key].Errors, new Latencies(), 1)
            let now = Load.Of(operation.Value.Requests, operation.Value.Errors, new Latencies(), 1)
            where Health.ErrorsRose(now, then, OperationSurpriseMin)
            orderby now.ErrorRatio descending, operation.Key
            select $"{Wording.Percent(now.ErrorRatio)} of {Wording.Count(now.RequestCount)} {operation.Key} fail, against {Wording.Percent(then.ErrorRatio)} of {Wording.Count(then.RequestCount)} before";
    }

    private static void TellAuthor(Story story, Change change)
    {
        if (change.Author is not { } author) return;
        story.Who($"{author} made it{(change.Pipeline is { Run: { } run } ? $", by pipeline run {run}" : "")}{(change.Repository is { } repository ? $" from {repository}" : "")}.",
            new StepEvidence("owner", author, null, change.Pipeline?.Url ?? change.CommitUrl));
    }

    private static string By(Change change) => change.Author is { } author ? $" by {author}" : "";
}
