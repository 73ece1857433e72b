using System.Text.RegularExpressions;

namespace Waybill.Causes;

/// <summary>Finds the service and instance that a metric or log record speaks of. Collectors name pods, containers and deployments; spans name services.</summary>
public sealed partial class Names
{
    private static readonly string[] PodKeys = ["k8s.pod.name", "pod", "pod.name", "pod_name", "podName", "PodName", "kubernetes.pod.name", "kubernetes.pod_name", "k8s.pod", "cmdb_id"];
    private static readonly string[] ContainerKeys = ["k8s.container.name", "container.name", "container_name", "container", "container_label_com_docker_compose_service"];
    private static readonly string[] WorkloadKeys = ["k8s.deployment.name", "k8s.statefulset.name", "deployment", "workload", "service.name", "service_name", "service", "app", "job"];
    private static readonly string[] InstanceKeys = ["service.instance.id", "instance.id", "instance", "host.name", "hostname", "container.id"];

    private readonly Dictionary<string, string> _serviceOfInstance = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _services = new(StringComparer.OrdinalIgnoreCase);

    public Names(SpanSample sample)
    {
        var seen = new HashSet<(int, int)>();
        foreach (var span in sample.Spans)
        {
            if (!seen.Add((span.Service, span.Instance))) continue;
            _services[sample.Names[span.Service]] = sample.Names[span.Service];
            if (span.Instance != 0) _serviceOfInstance[sample.Names[span.Instance]] = sample.Names[span.Service];
        }
    }

    /// <param name="service">What the sender calls itself; a collector's own name when it speaks for others.</param>
    /// <param name="metric">A metric whose name may begin with the service's, or null.</param>
    /// <param name="attribute">The value of an attribute, the record's own before its resource's; null when absent.</param>
    public (string? Service, string? Instance) Of(string service, string? metric, Func<string, string?> attribute)
    {
        string? pod = First(PodKeys, attribute), instance = pod ?? First(InstanceKeys, attribute), container = First(ContainerKeys, attribute);
        foreach (string? named in (string?[])[pod, instance, container])
            if (named is not null && _serviceOfInstance.TryGetValue(named, out string? known)) return (known, named);
        foreach (string? named in (string?[])[pod is null ? null : Workload(pod), container, First(WorkloadKeys, attribute), service])
            if (named is not null && _services.TryGetValue(named, out string? known)) return (known, instance);
        if (metric is not null && PrefixOf(metric) is { } prefix) return (prefix, instance);
        // A database or a cache may have no spans and still be the cause.
        string? other = pod is null ? container ?? First(WorkloadKeys, attribute) ?? (service.Length > 0 ? service : null) : Workload(pod);
        return (other, instance);
    }

    /// <summary>A pod's name without what its controller appended: cart-5d8f7c9b6-abcde, cart-abcde and cart-0 are cart.</summary>
    public static string Workload(string pod) => Suffix().Replace(pod, "");

    private string? PrefixOf(string metric)
    {
        int end = metric.IndexOfAny(['_', '.', '/', ':']);
        while (end > 0)
        {
            if (_services.TryGetValue(metric[..end], out string? known)) return known;
            int next = metric.IndexOfAny(['_', '.', '/', ':'], end + 1);
            if (next < 0) return null;
            end = next;
        }
        return null;
    }

    private static string? First(string[] keys, Func<string, string?> attribute)
    {
        foreach (string key in keys)
            if (attribute(key) is { Length: > 0 } value) return value;
        return null;
    }

    [GeneratedRegex(@"(-[a-f0-9]{6,10}-[a-z0-9]{5}|-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[a-z0-9]{5}|-[0-9]{1,4})$", RegexOptions.CultureInvariant)] private static partial Regex Suffix();
}
