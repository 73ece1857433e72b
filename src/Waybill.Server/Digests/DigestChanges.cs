using System.ComponentModel.DataAnnotations;
using Waybill.Changes;
using Waybill.Changes.Inference;

namespace Waybill.Digests;

/// <summary>A change that a trace ran under.</summary>
/// <param name="Relation">version: it brought a version that the trace ran in. before: it was made within the hour before. during: while the trace ran.</param>
public sealed record DigestChange(string Id, string Kind, string Summary, string Service, string? Version, string? Author, string StartedUnixNano, bool Inferred, [AllowedValues("version", "before", "during")] string Relation);

/// <summary>Joins a trace with the changes of its services, by service, environment, instance and time, when it is read: what is reported late is in it. Pure.</summary>
public static class DigestChanges
{
    /// <summary>How far back the deployment of the version that ran is looked for.</summary>
    public const long ReachNano = 30 * 86_400_000_000_000;
    private const long RecentNano = 3_600_000_000_000;
    private const int ShownMax = 20;

    /// <param name="changes">Of the services of the trace, until it ended.</param>
    public static List<DigestChange> Of(IEnumerable<Change> changes, IReadOnlyList<DigestService> services, long startUnixNano, long endUnixNano)
    {
        var byService = services.ToDictionary(service => service.Service, StringComparer.Ordinal);
        var brought = new HashSet<(string, string)>();
        var found = new List<DigestChange>();
        foreach (Change change in changes.Where(change => change.StartedNano <= endUnixNano && change.Type != DeploymentInference.FirstSeen).OrderByDescending(change => change.StartedNano).ThenBy(change => change.Id, StringComparer.Ordinal))
        {
            if (change.Service is not { } name || !byService.TryGetValue(name, out DigestService? service) || !Concerns(change, service)) continue;
            // Of several deployments of one version the latest is the one it ran under.
            bool brings = change is { Kind: ChangeKind.Deployment or ChangeKind.Rollback, Version: { } version } && service.Versions.Contains(version) && brought.Add((name, version));
            string? relation = change.StartedNano > startUnixNano ? "during" : brings ? "version" : startUnixNano - change.StartedNano <= RecentNano ? "before" : null;
            if (relation is null) continue;
            found.Add(new DigestChange(change.Id, change.Kind, change.Summary ?? $"{change.Kind.Replace('_', ' ')} of {name}{(change.Version is null ? "" : $" {change.Version}")}", name, change.Version, change.Author, change.StartedUnixNano, change.Inferred == true, relation));
            if (found.Count == ShownMax) break;
        }
        return found;
    }

    private static bool Concerns(Change change, DigestService service) =>
        EnvironmentNames.MayConcern(change.Environment, service.Environments) && (change.Instance is null || service.Instances.Count == 0 || service.Instances.Contains(change.Instance));
}
