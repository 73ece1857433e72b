using Waybill.Changes;
using Waybill.Changes.Inference;

namespace Waybill.Why;

/// <summary>A change that may have led to something, and why it is thought so.</summary>
/// <param name="Score">0 to 1; comparable within one question only.</param>
public sealed record SuspectChange(Change Change, double Score, string Reason);

/// <summary>Ranks the changes before something: whose service it is, how close before it they came, whether it runs in the version they brought. Pure.</summary>
public static class SuspectChanges
{
    /// <summary>A change reported a little after its effect still led to it: clocks, and pipelines that report at the end.</summary>
    private const long GraceNano = 120 * 1_000_000_000L;
    private const long ClockNano = 5 * 1_000_000_000L;
    private const double HalfLifeNano = 1800e9, AfterShare = 0.5, JustAfterShare = 0.8;
    /// <summary>What was changed in another environment is told, since it may be the same one by another name, but never named as the cause.</summary>
    private const double ElsewhereShare = 0.4, FollowsShare = 0.75;
    /// <summary>What made a caller ask more often came about when it began to: so long before, and a minute after its first minute began.</summary>
    private const long SurgeBeforeNano = 300 * 1_000_000_000L, SurgeAfterNano = 60 * 1_000_000_000L;

    /// <param name="service">Where it failed or was slow.</param>
    /// <param name="dependencies">What that service calls: a change there may show here.</param>
    /// <param name="surging">Who asks that service far more often than before: a change there may show here, too.</param>
    /// <param name="onsetUnixNano">When it began.</param>
    /// <param name="version">The version that ran; null when unknown.</param>
    /// <param name="environments">Where it ran; empty when unknown.</param>
    public static IReadOnlyList<SuspectChange> Rank(
        IEnumerable<Change> changes, string service, IReadOnlySet<string> dependencies, IReadOnlyDictionary<string, Surge> surging, long onsetUnixNano, string? version, IReadOnlyCollection<string> environments)
    {
        var suspects = new List<SuspectChange>();
        foreach (Change change in changes.Where(change => change.StartedNano <= onsetUnixNano + GraceNano && change.Type != DeploymentInference.FirstSeen))
        {
            bool surged = change.Service is { } of && of != service && surging.TryGetValue(of, out Surge? surge) && IsAbout(change, surge);
            double relation = change.Service == service || surged ? 1 : change.Service is null ? 0.3 : dependencies.Contains(change.Service) ? 0.6 : 0;
            if (relation == 0) continue;
            bool elsewhere = !EnvironmentNames.MayConcern(change.Environment, environments);
            if (elsewhere) relation *= ElsewhereShare;
            // A pod that is killed or moved is as often what follows as what led to it.
            if (change is { Inferred: true, Kind: ChangeKind.Infrastructure }) relation *= FollowsShare;
            // What ends later acts later: a rollout that was still going on is as close as its end.
            long acted = Math.Min(Math.Max(change.StartedNano, change.FinishedNano ?? 0), onsetUnixNano);
            double closeness = Math.Pow(0.5, Math.Max(0, onsetUnixNano - acted) / HalfLifeNano);
            bool brought = version is not null && change.Version == version && change.Service == service;
            double score = relation * (0.2 + 0.6 * closeness + (brought || surged ? 0.2 : 0)) * (brought || surged ? 1 : LateShare(change.StartedNano - onsetUnixNano));
            string place = change.Service == service ? $"is of {service} itself" : change.Service is null ? "names no service"
                : surged ? $"is of {change.Service}, which asks {service} far more often since" : $"is of {change.Service}, which {service} calls";
            if (elsewhere) place += $", but in {change.Environment}";
            string reason = $"it {place} and " +
                $"began {(change.StartedNano <= onsetUnixNano ? $"{Wording.Duration(onsetUnixNano - change.StartedNano)} before" : "with it")}{(brought ? $", and version {version} is what it brought" : "")}";
            suspects.Add(new SuspectChange(change, Math.Round(score, 3), reason));
        }
        return [.. suspects.OrderByDescending(suspect => suspect.Score).ThenByDescending(suspect => suspect.Change.StartedNano).ThenBy(suspect => suspect.Change.Id, StringComparer.Ordinal)];
    }

    /// <summary>What came after it began can hardly have led to it, and least of all the repair; within what clocks differ by it still may.</summary>
    private static double LateShare(long lateNano) => lateNano <= 0 ? 1 : lateNano <= ClockNano ? JustAfterShare : AfterShare;

    private static bool IsAbout(Change change, Surge surge) =>
        change.StartedNano - surge.BeganUnixSeconds * 1_000_000_000 is >= -SurgeBeforeNano and <= SurgeAfterNano;

    /// <summary>"Deploy 1.4.1" for a sentence.</summary>
    public static string Title(Change change) =>
        change.Summary ?? $"{change.Kind.Replace('_', ' ')}{(change.Version is null ? "" : $" {change.Version}")}{(change.Service is null ? change.Subject is null ? "" : $" of {change.Subject}" : $" of {change.Service}")}";

    public static StepEvidence Evidence(Change change) => new("change", Title(change), change.Id, $"/api/changes/{change.Id}");
}
