using System.Text.Json;

namespace Waybill.Changes.Inference;

/// <summary>Takes from the events of Kubernetes those that change where and whether a service runs: killed, evicted, scaled, a node that is lost. Pure.</summary>
public static class KubernetesInference
{
    /// <summary>What the kubelet and the controllers write as an event's reason, and how it went. Pulling, creating, starting and probing are no news.</summary>
    private static readonly Dictionary<string, string> Outcomes = new(StringComparer.Ordinal)
    {
        ["OOMKilling"] = ChangeOutcome.Failure, ["Evicted"] = ChangeOutcome.Failure, ["BackOff"] = ChangeOutcome.Failure, ["Preempted"] = ChangeOutcome.Failure, ["FailedScheduling"] = ChangeOutcome.Failure,
        ["FailedCreate"] = ChangeOutcome.Failure, ["FailedMount"] = ChangeOutcome.Failure, ["TaintManagerEviction"] = ChangeOutcome.Success, ["ScalingReplicaSet"] = ChangeOutcome.Success,
        ["SuccessfulRescale"] = ChangeOutcome.Success, ["NodeNotReady"] = ChangeOutcome.Failure, ["NodeReady"] = ChangeOutcome.Success, ["Rebooted"] = ChangeOutcome.Success, ["SystemOOM"] = ChangeOutcome.Failure,
        ["NodeHasDiskPressure"] = ChangeOutcome.Failure, ["NodeHasInsufficientMemory"] = ChangeOutcome.Failure, ["NodeHasInsufficientPID"] = ChangeOutcome.Failure, ["NodeNotSchedulable"] = ChangeOutcome.Success,
        ["DeadlineExceeded"] = ChangeOutcome.Failure, ["BackoffLimitExceeded"] = ChangeOutcome.Failure,
    };

    public static IEnumerable<string> Reasons => Outcomes.Keys;

    public static List<ChangeReport> Infer(IReadOnlyList<KubernetesEvent> events, IReadOnlyList<ClusterPlace> places) =>
        [.. events.Where(of => Outcomes.ContainsKey(of.Reason)).Select(of => Report(of, PlaceOf(of, places)))];

    private static ChangeReport Report(KubernetesEvent of, ClusterPlace? place)
    {
        string key = $"kubernetes/{of.Uid}";
        return new ChangeReport
        {
            Id = ChangeReport.IdOf($"inferred/{key}"), Key = key, Kind = ChangeKind.Infrastructure, Source = "inferred", Type = of.Reason, Outcome = Outcomes[of.Reason],
            Service = place?.Service ?? "", Environment = place?.Environment ?? "", Namespace = of.Namespace, Subject = $"{of.Kind.ToLowerInvariant()}/{of.Name}",
            Instance = of.Kind == "Pod" && place is not null && place.Pod == of.Name ? place.Instance.Length > 0 ? place.Instance : place.Pod : "",
            Summary = $"{of.Kind} {of.Name}: {of.Reason}{(of.Note.Length > 0 ? $", {of.Note}" : "")}", Evidence = JsonSerializer.Serialize(new[] { $"Event {of.Reason} of {of.Kind} {of.Name}, as the cluster says." }),
            ReportedUnixNano = of.FirstUnixNano, StartedUnixNano = of.FirstUnixNano,
        };
    }

    /// <summary>The service of a pod or workload: by what its telemetry says, else by the longest name of a workload or service with which its own begins.</summary>
    private static ClusterPlace? PlaceOf(KubernetesEvent of, IReadOnlyList<ClusterPlace> places) => of.Kind == "Node" ? null
        : places.FirstOrDefault(place => place.Pod == of.Name)
          ?? places.SelectMany(place => new[] { (Name: place.Workload, Place: place), (Name: place.Service, Place: place) })
              .Where(named => named.Name.Length > 0 && (named.Name == of.Name || of.Name.StartsWith(named.Name + "-", StringComparison.Ordinal)))
              .OrderByDescending(named => named.Name.Length).Select(named => named.Place).FirstOrDefault();
}
