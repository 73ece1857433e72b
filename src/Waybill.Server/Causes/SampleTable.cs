using System.Buffers.Binary;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Causes;

/// <summary>Reads spans of whole traces, chosen by a hash of the trace id: the same question reads the same traces.</summary>
public sealed class SampleTable(EngineClient engine)
{
    /// <summary>Attributes that name the instance, most telling first. The resource's come before the span's of the same kind.</summary>
    private static readonly string[] PodKeys = ["k8s.pod.name", "pod", "pod.name", "pod_name", "podName", "PodName", "kubernetes.pod.name", "kubernetes.pod_name", "k8s.pod", "cmdb_id"];
    private static readonly string[] InstanceKeys = ["service.instance.id", "instance.id", "instance", "container.name", "container_name", "container.id", "host.name", "hostname", "host", "k8s.node.name", "node"];
    private static readonly string[] ResourceKeys = ["k8s.pod.name", "service.instance.id", "container.name", "container.id", "host.name", "host.id"];

    /// <summary>How senders say that a span failed, where its status does not: typed key and the condition on its value.</summary>
    private static readonly (string Key, string Failed)[] FailureKeys =
    [
        ("b:error", "= 'true'"), ("s:error", "IN ('true', 'True', '1')"), ("i:rpc.grpc.status_code", "IN ('2', '4', '8', '10', '13', '14', '15', '16')"),
        ("i:http.status_code", ">= '500'"), ("s:http.status_code", ">= '500'"), ("s:http.response.status_code", ">= '500'"),
    ];

    private const int RowsLookedAt = 2_000;
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10, ResultRowsMax = 5_000_000, ResultBytesMax = 2_000_000_000 };

    public async Task<long> Count(string tenant, TimeRange range, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(
            "SELECT count() AS spans FROM spans WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}", Bounds(tenant, range), Settings, cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is { } block ? block["spans"].GetInt64(0) : 0;
    }

    /// <summary>The newest or oldest span in a range; null when it is empty.</summary>
    public async Task<(long First, long Last)?> Extent(string tenant, TimeRange range, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(
            "SELECT count() AS spans, min(start) AS first, max(start) AS last FROM spans WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}", Bounds(tenant, range), Settings, cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is { } block && block["spans"].GetInt64(0) > 0 ? (block["first"].GetInt64(0), block["last"].GetInt64(0)) : null;
    }

    /// <summary>Which of the attributes that matter here the spans of a range carry: reading the whole map of every span costs more than all else together.</summary>
    public async Task<IReadOnlySet<string>> Keys(string tenant, TimeRange range, CancellationToken cancel)
    {
        string[] wanted = [.. PodKeys.Concat(InstanceKeys).Select(k => "s:" + k), .. FailureKeys.Select(f => f.Key)];
        await using EngineResponse response = await engine.Query($$"""
            SELECT groupUniqArrayArray(arrayFilter(k -> k IN {wanted:Array(String)}, mapKeys(attributes))) AS keys
            FROM (SELECT attributes FROM spans WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')} LIMIT {{RowsLookedAt}})
            """, [.. Bounds(tenant, range), EngineParameter.Strings("wanted", wanted)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        if (await reader.Read(cancel) is { } block)
            for (int i = 0; i < block["keys"].GetRange(0).End.Value; i++) keys.Add(block["keys"].Values!.GetString(i));
        return keys;
    }

    /// <summary>Adds the spans of one in <paramref name="oneOf"/> traces.</summary>
    /// <param name="keys">What <see cref="Keys"/> found.</param>
    /// <param name="resources">The resource of each span, in the same order: who it was is looked up afterwards.</param>
    /// <param name="only">These traces instead of a part of all.</param>
    /// <param name="minutes">The minutes (Unix seconds) in which to look for them; null for all of the range.</param>
    public async Task Read(string tenant, TimeRange range, long oneOf, IReadOnlySet<string> keys, NameTable names, Timeline time, List<SampledSpan> into, List<ulong> resources, CancellationToken cancel, IReadOnlyCollection<TraceId>? only = null, IReadOnlyCollection<long>? minutes = null)
    {
        string failed = string.Concat(FailureKeys.Where(f => keys.Contains(f.Key)).Select(f => $" OR attributes['{f.Key}'] {f.Failed}"));
        string sql = $$"""
            SELECT trace_id, span_id, parent_id, start, duration, service, name, kind, resource_id, links != '' AS linked,
                   status = 2 OR http_status >= 500 OR error_type != ''{{failed}} AS failed,
                   CAST(multiIf(db_system != '', if(server_address = '', db_system, concat(db_system, ' at ', server_address)),
                                messaging_destination != '', messaging_destination, kind IN (3, 4), server_address, ''), 'LowCardinality(String)') AS dependency,
                   {{FirstOf(PodKeys, keys)}} AS pod, {{FirstOf(InstanceKeys, keys)}} AS instance
            FROM spans
            WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')}{{(oneOf > 1 ? " AND cityHash64(trace_id) % {one_of:UInt64} = 0" : "")}}{{(minutes is null ? "" : " AND toStartOfMinute(start) IN (SELECT toDateTime(arrayJoin({minutes:Array(Int64)}), 'UTC'))")}}{{(only is null ? "" : " AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({only:Array(String)})), 16))")}}
            """;
        await using EngineResponse response = await engine.Query(sql, [.. Bounds(tenant, range), EngineParameter.Int("one_of", oneOf), EngineParameter.Strings("only", (only ?? []).Select(id => id.ToString())), EngineParameter.Ints("minutes", minutes ?? [])], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block) Take(block, names, time, into, resources);
    }

    private static void Take(Block block, NameTable names, Timeline time, List<SampledSpan> into, List<ulong> resources)
    {
        BlockColumn trace = block["trace_id"], span = block["span_id"], parent = block["parent_id"], start = block["start"], duration = block["duration"],
            kind = block["kind"], failed = block["failed"], linked = block["linked"], resource = block["resource_id"];
        int[] service = block["service"].Numbers(names.Of), name = block["name"].Numbers(names.Of), dependency = block["dependency"].Numbers(names.Of),
            pod = block["pod"].Numbers(names.Of), instance = block["instance"].Numbers(names.Of);
        for (int row = 0; row < block.Rows; row++)
        {
            long at = start.GetInt64(row);
            into.Add(new SampledSpan(BinaryPrimitives.ReadUInt128BigEndian(trace.GetBytes(row)), BinaryPrimitives.ReadUInt64BigEndian(span.GetBytes(row)), BinaryPrimitives.ReadUInt64BigEndian(parent.GetBytes(row)),
                at, duration.GetInt64(row), service[row], name[row], pod[row] != 0 ? pod[row] : -instance[row], dependency[row], 0, (byte)kind.GetInt64(row), failed.GetInt64(row) != 0, linked.GetInt64(row) != 0, time.SideOf(at)));
            resources.Add(resource.GetUInt64(row));
        }
    }

    /// <summary>Instance and version by resource.</summary>
    public async Task<Dictionary<ulong, ResourceNames>> Resources(string tenant, IEnumerable<ulong> ids, CancellationToken cancel)
    {
        var found = new Dictionary<ulong, ResourceNames>();
        await using EngineResponse response = await engine.Query($$"""
            SELECT resource_id, anyLast(attributes) AS attributes FROM resources WHERE tenant = {tenant:String} AND resource_id IN {ids:Array(UInt64)} GROUP BY resource_id
            """, [EngineParameter.String("tenant", tenant), EngineParameter.UInts("ids", ids)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                var attributes = Attributes(block["attributes"], row);
                found[block["resource_id"].GetUInt64(row)] = new ResourceNames(attributes.GetValueOrDefault("s:k8s.pod.name", ""),
                    ResourceKeys.Select(k => attributes.GetValueOrDefault("s:" + k, "")).FirstOrDefault(v => v.Length > 0) ?? "", attributes.GetValueOrDefault("s:service.version", ""), attributes);
            }
        return found;
    }

    internal static Dictionary<string, string> Attributes(BlockColumn map, int row)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        Range range = map.GetRange(row);
        for (int i = range.Start.Value; i < range.End.Value; i++) attributes[map.Keys!.GetString(i)] = map.Values!.GetString(i);
        return attributes;
    }

    private static string FirstOf(string[] keys, IReadOnlySet<string> present)
    {
        string[] found = [.. keys.Select(k => "s:" + k).Where(present.Contains)];
        string text = found.Length == 0 ? "''" : $"multiIf({string.Join(", ", found.Select(k => $"attributes['{k}'] != '', attributes['{k}']"))}, '')";
        return $"CAST({text}, 'LowCardinality(String)')";
    }

    private static List<KeyValuePair<string, string>> Bounds(string tenant, TimeRange range) =>
        [EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano)];
}

/// <summary>What a resource says of who it is; empty where it says nothing.</summary>
public sealed record ResourceNames(string Pod, string Instance, string Version, IReadOnlyDictionary<string, string> Attributes)
{
    public string Service => Attributes.GetValueOrDefault("s:service.name", "");

    public string Environment => Attributes.GetValueOrDefault("s:deployment.environment.name", "") is { Length: > 0 } name ? name : Attributes.GetValueOrDefault("s:deployment.environment", "");
}
