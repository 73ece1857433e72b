using System.Text.Json;

namespace Waybill.Changes.Inference;

/// <summary>
/// Infers deployments, rollbacks and restarts from when instances were first seen: a release that was not there before, one that comes back, or
/// a wave of new instances of the same. The first sight of a service is none of these.
/// </summary>
public static class DeploymentInference
{
    /// <summary>Instances first seen closer together than this belong to one rollout: a rolling update replaces one every minute or two.</summary>
    private const long WaveGapSeconds = 300;

    /// <summary>While two releases take turns in appearing (a canary that scales), neither is news.</summary>
    private const long ActiveSeconds = 600;

    /// <summary>How long ago an instance may have been first seen to count as one that a wave replaces or joins.</summary>
    private const long PeersSeconds = 14 * 24 * 3600;

    private const int EvidenceInstancesMax = 10;

    /// <summary>Type of an inferred change that is only the begin of what is known: nothing can have been well before it.</summary>
    public const string FirstSeen = "first_seen";

    private sealed record Wave(Release Release, List<Sighting> Instances)
    {
        public long Began => Instances[0].FirstSeenUnixSeconds;
    }

    /// <param name="sightings">All instances of the look-back, of any services, in any order; each once.</param>
    /// <param name="sinceUnixSeconds">Changes that began before are not wanted: they were inferred then.</param>
    public static List<ChangeReport> Infer(IEnumerable<Sighting> sightings, long sinceUnixSeconds)
    {
        var changes = new List<ChangeReport>();
        foreach (var service in sightings.GroupBy(sighting => (sighting.Service, sighting.Environment)))
        {
            List<Sighting> inOrder = [.. service.OrderBy(sighting => sighting.FirstSeenUnixSeconds).ThenBy(sighting => sighting.Instance, StringComparer.Ordinal)];
            List<Wave> waves = WavesOf(inOrder);
            for (int i = 0; i < waves.Count; i++)
                if (waves[i].Began >= sinceUnixSeconds && Explain(waves, i) is { } change) changes.Add(change);
        }
        return changes;
    }

    private static List<Wave> WavesOf(List<Sighting> inOrder)
    {
        var waves = new List<Wave>();
        foreach (Sighting sighting in inOrder)
        {
            Wave? open = waves.FindLast(wave => wave.Release == sighting.Release);
            if (open is not null && sighting.FirstSeenUnixSeconds - open.Instances[^1].FirstSeenUnixSeconds <= WaveGapSeconds) open.Instances.Add(sighting);
            else waves.Add(new Wave(sighting.Release, [sighting]));
        }
        return waves;
    }

    private static ChangeReport? Explain(List<Wave> waves, int at)
    {
        Wave wave = waves[at];
        List<Wave> before = waves[..at];
        if (before.Count == 0) return Report(wave, ChangeKind.Infrastructure, null, $"{wave.Instances[0].Service} seen for the first time{(wave.Release.Name.Length > 0 ? $", as {wave.Release.Name}" : "")}",
            [Seen(wave), "No instance of it was known before."]) with { Type = FirstSeen };

        Wave last = before[^1];
        bool known = before.Exists(earlier => earlier.Release == wave.Release);
        bool active = before.Exists(earlier => earlier.Release == wave.Release && wave.Began - earlier.Instances[^1].FirstSeenUnixSeconds <= ActiveSeconds);
        // Two releases that were there from the beginning are no deployment of one after the other.
        bool together = !known && wave.Began - waves[0].Began <= 60;
        if (last.Release != wave.Release && !active && !together)
        {
            string from = last.Release.Name.Length > 0 ? last.Release.Name : "a release without a version";
            return Report(wave, known ? ChangeKind.Rollback : ChangeKind.Deployment, last, $"{(known ? "Back to" : "Deploy")} {wave.Release.Name} (before: {from})",
                [Seen(wave), known ? $"{from} was the newest before, and {wave.Release.Name} had been seen earlier." : $"{from} was the newest before."]);
        }
        int peers = before.Where(earlier => earlier.Release == wave.Release && wave.Began - earlier.Began <= PeersSeconds).Sum(earlier => earlier.Instances.Count);
        if (peers == 0 || wave.Instances.Count * 2 < Math.Min(peers, LastWave(before, wave.Release).Instances.Count * 2)) return null;
        return Report(wave, ChangeKind.Infrastructure, null, $"{wave.Instances.Count} new {(wave.Instances.Count == 1 ? "instance" : "instances")} of {wave.Instances[0].Service} {wave.Release.Name}".TrimEnd(),
            [Seen(wave), "The release is the same as before: restarted, moved or scaled."]);
    }

    private static Wave LastWave(List<Wave> before, Release release) => before.FindLast(earlier => earlier.Release == release)!;

    private static string Seen(Wave wave) =>
        $"{(wave.Release.Version.Length > 0 ? $"service.version {wave.Release.Version}" : wave.Release.Image.Length > 0 ? $"image {wave.Release.Image}" : "an instance")} first seen at {wave.Instances[0].At} in " +
        $"{wave.Instances.Count} {(wave.Instances.Count == 1 ? "instance" : "instances")}: {string.Join(", ", wave.Instances.Take(EvidenceInstancesMax).Select(instance => instance.Instance))}" +
        (wave.Instances.Count > EvidenceInstancesMax ? " and more" : "");

    private static ChangeReport Report(Wave wave, string kind, Wave? previous, string summary, string[] evidence)
    {
        Sighting first = wave.Instances[0];
        // What does not change while the wave grows names it, so that each look at it is a report of one change.
        string key = $"{first.Environment}/{first.Service}/{wave.Release.Version}/{wave.Release.Image}/{wave.Began}";
        HashSet<string> zones = [.. wave.Instances.Select(instance => instance.Zone)];
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"inferred/{key}"), Key = key, Kind = kind, Source = "inferred", Type = kind == ChangeKind.Infrastructure ? "instances" : "release", Summary = summary,
            Service = first.Service, Namespace = first.Namespace, Environment = first.Environment, Zone = zones.Count == 1 ? first.Zone : "",
            Version = wave.Release.Name, PreviousVersion = previous?.Release.Name ?? "", Artifact = wave.Release.Image,
            Commit = first.Commit, PreviousCommit = previous?.Instances[0].Commit ?? "", Repository = first.Repository, Evidence = JsonSerializer.Serialize(evidence),
            ReportedUnixNano = wave.Instances[^1].FirstSeenUnixSeconds * 1_000_000_000, StartedUnixNano = wave.Began * 1_000_000_000,
        };
    }
}
