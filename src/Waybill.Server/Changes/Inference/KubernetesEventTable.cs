using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Changes.Inference;

/// <summary>An event of Kubernetes as the collector's receiver <c>k8s_events</c> hands it on: a log record whose resource is the object.</summary>
/// <param name="Kind">Of the object, as Pod, Deployment, Node.</param>
/// <param name="FirstUnixNano">Of an event that repeats, the first.</param>
public sealed record KubernetesEvent(string Uid, string Kind, string Name, string Namespace, string Reason, string Note, long FirstUnixNano, long LastUnixNano);

/// <summary>What a service's resources say of where it runs in the cluster.</summary>
public sealed record ClusterPlace(string Service, string Environment, string Pod, string Instance, string Workload);

/// <summary>Reads the events of Kubernetes among the logs. Without any, it looks at the resources only.</summary>
public sealed class KubernetesEventTable(EngineClient engine)
{
    private const int EventsMax = 5_000, PlacesMax = 20_000;
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5, ThreadsMax = 1 };

    public async Task<List<KubernetesEvent>> Read(string tenant, TimeRange range, IEnumerable<string> reasons, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT attributes['s:k8s.event.uid'] AS uid, any(object.kind) AS of_kind, any(object.name) AS of_name, any(attributes['s:k8s.namespace.name']) AS space, any(attributes['s:k8s.event.reason']) AS why,
                   argMax(body, time) AS note, min(time) AS first, max(time) AS last
            FROM logs INNER JOIN
              (SELECT resource_id, any(attributes['s:k8s.object.kind']) AS kind, any(attributes['s:k8s.object.name']) AS name FROM resources
               WHERE tenant = {tenant:String} AND attributes['s:k8s.object.kind'] != '' GROUP BY resource_id) AS object USING resource_id
            WHERE tenant = {tenant:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}
              AND service IN (SELECT service FROM resources WHERE tenant = {tenant:String} AND attributes['s:k8s.object.kind'] != '')
              AND resource_id IN (SELECT resource_id FROM resources WHERE tenant = {tenant:String} AND attributes['s:k8s.object.kind'] != '')
              AND attributes['s:k8s.event.reason'] IN {reasons:Array(String)} AND uid != ''
            GROUP BY uid ORDER BY first LIMIT {limit:UInt32}
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
                EngineParameter.Strings("reasons", reasons), EngineParameter.Int("limit", EventsMax),
            ], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var events = new List<KubernetesEvent>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                events.Add(new KubernetesEvent(block["uid"].GetString(row), block["of_kind"].GetString(row), block["of_name"].GetString(row), block["space"].GetString(row), block["why"].GetString(row), block["note"].GetString(row),
                    block["first"].GetInt64(row), block["last"].GetInt64(row)));
        return events;
    }

    public async Task<List<ClusterPlace>> Places(string tenant, long sinceUnixSeconds, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT DISTINCT service, if(attributes['s:deployment.environment.name'] != '', attributes['s:deployment.environment.name'], attributes['s:deployment.environment']) AS environment,
                   attributes['s:k8s.pod.name'] AS pod, attributes['s:service.instance.id'] AS instance,
                   multiIf(attributes['s:k8s.deployment.name'] != '', attributes['s:k8s.deployment.name'], attributes['s:k8s.statefulset.name'] != '', attributes['s:k8s.statefulset.name'],
                           attributes['s:k8s.daemonset.name'] != '', attributes['s:k8s.daemonset.name'], attributes['s:k8s.cronjob.name']) AS workload
            FROM resources WHERE tenant = {tenant:String} AND last_seen >= toDateTime({since:Int64}, 'UTC') AND service != '' AND attributes['s:k8s.object.kind'] = '' LIMIT {limit:UInt32}
            """, [EngineParameter.String("tenant", tenant), EngineParameter.Int("since", sinceUnixSeconds), EngineParameter.Int("limit", PlacesMax)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var places = new List<ClusterPlace>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                places.Add(new ClusterPlace(block["service"].GetString(row), block["environment"].GetString(row), block["pod"].GetString(row), block["instance"].GetString(row), block["workload"].GetString(row)));
        return places;
    }
}
