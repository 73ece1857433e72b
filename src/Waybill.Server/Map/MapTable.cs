using System.Runtime.InteropServices;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Map;

/// <summary>One edge of a window as stored. Everything but <see cref="Operation"/> and <see cref="Peer"/> is weighted.</summary>
public sealed record StoredEdge(string Edge, string Source, string Target, string Operation, string Peer)
{
    public double Requests { get; init; }
    public double Errors { get; init; }
    public double EdgeErrors { get; init; }
    /// <summary>Of an external edge: what is silent, if spans of that address are received after all.</summary>
    public double Orphans { get; init; }
    public double Uncaused { get; init; }
    public Latencies Latencies { get; init; } = new();
    public string[] Environments { get; init; } = [];
}

/// <summary>What is derived of a window.</summary>
/// <param name="LastUnixSeconds">Its last derived minute.</param>
/// <param name="SpansMax">Spans of its fullest minute.</param>
public sealed record Coverage(uint LastUnixSeconds, long SpansMax);

/// <summary>How often a service called another, or sent to a topic that the other takes from, in one minute. Weighted.</summary>
public readonly record struct CallerMinute(string Caller, long UnixSeconds, double Requests);

/// <summary>Which version of a service ran where.</summary>
/// <param name="Instances">Values of <c>service.instance.id</c>, at most 20.</param>
public sealed record RunningVersion(string Version, string Environment, string[] Instances, string FirstSeenUnixNano, string LastSeenUnixNano);

/// <summary>Reads the derived edges of a window.</summary>
public sealed class MapTable(EngineClient engine)
{
    private const int RowsMax = 50_000;

    /// <summary>SDKs export every 5 s, and a span when it ends: most parents are here a minute after their children.</summary>
    internal static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10 };

    // Only the newest derivation of a minute counts.
    internal const string Newest = """
        tenant = {tenant:String} AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
          AND ({environment:String} = '' OR environment = {environment:String}) AND (minute, generation) IN (SELECT minute, max(generation) FROM service_edge_minutes
            WHERE tenant = {tenant:String} AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC') GROUP BY minute)
        """;

    /// <summary>The edges of a window, operations added up.</summary>
    /// <param name="settledUnixSeconds">Spans of later minutes may still arrive, and nothing in them is called lost.</param>
    /// <param name="environment">Only of this one; empty for all.</param>
    public async Task<List<StoredEdge>> Read(string tenant, TimeRange range, string environment, long settledUnixSeconds, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($$"""
            SELECT edge, source, target, if(edge IN ('call', 'external'), peer, '') AS at, sum(requests) AS asked, sum(errors) AS failed, sum(edge_errors) AS edge_failed,
                   sumIf(if(edge = 'external', requests, orphans), minute < toDateTime({settled:UInt32}, 'UTC')) AS lost, sumIf(uncaused, minute < toDateTime({settled:UInt32}, 'UTC')) AS rootless, (sumMap(buckets, counts) AS durations).1 AS places, durations.2 AS weights, arraySort(groupUniqArrayIf(20)(environment, environment != '')) AS environments
            FROM service_edges WHERE {{Newest}} GROUP BY edge, source, target, at ORDER BY asked DESC LIMIT {{RowsMax}}
            """, [.. Parameters(tenant, range, environment), EngineParameter.Int("settled", Math.Max(0, settledUnixSeconds))], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var edges = new List<StoredEdge>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                edges.Add(new StoredEdge(block["edge"].GetString(row), block["source"].GetString(row), block["target"].GetString(row), "", block["at"].GetString(row))
                {
                    Requests = block["asked"].GetDouble(row), Errors = block["failed"].GetDouble(row), EdgeErrors = block["edge_failed"].GetDouble(row),
                    Orphans = block["lost"].GetDouble(row), Uncaused = block["rootless"].GetDouble(row), Latencies = ReadLatencies(block, row), Environments = Strings(block["environments"], row),
                });
        return edges;
    }

    /// <summary>How often each operation of a service was asked for and failed. Weighted.</summary>
    public async Task<Dictionary<string, (double Requests, double Errors)>> ReadOperations(string tenant, TimeRange range, string service, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($$"""
            SELECT operation, sum(requests) AS asked, sum(errors) AS failed FROM service_edges
            WHERE {{Newest}} AND target = concat('service:', {service:String}) GROUP BY operation ORDER BY asked DESC LIMIT 1000
            """, [.. Parameters(tenant, range), EngineParameter.String("service", service)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var operations = new Dictionary<string, (double, double)>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) operations[block["operation"].GetString(row)] = (block["asked"].GetDouble(row), block["failed"].GetDouble(row));
        return operations;
    }

    /// <summary>What was derived in the window; null when nothing was.</summary>
    public async Task<Coverage?> Covered(string tenant, TimeRange range, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT min(minute) AS first, max(minute) AS last, count() AS minutes, max(spans) AS most FROM service_edge_minutes
            WHERE tenant = {tenant:String} AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
            """, Parameters(tenant, range), Settings, cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is { } block && block["minutes"].GetInt64(0) > 0 ? new Coverage((uint)block["last"].GetInt64(0), block["most"].GetInt64(0)) : null;
    }

    /// <summary>The services that a service calls or reads from.</summary>
    public async Task<HashSet<string>> CalledBy(string tenant, TimeRange range, string service, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT DISTINCT substring(target, 9) AS name FROM service_edges
            WHERE tenant = {tenant:String} AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
              AND edge = 'call' AND source = concat('service:', {service:String}) LIMIT 1000
            """, [.. Parameters(tenant, range), EngineParameter.String("service", service)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var called = new HashSet<string>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) called.Add(block["name"].GetString(row));
        return called;
    }

    /// <summary>Who called a service or sent it messages, minute by minute.</summary>
    public async Task<List<CallerMinute>> CallersOf(string tenant, TimeRange range, string service, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($$"""
            SELECT substring(source, 9) AS caller, toUnixTimestamp(minute) AS at, sum(requests) AS asked FROM service_edges
            WHERE {{Newest}} AND startsWith(source, 'service:') AND (edge = 'call' AND target = concat('service:', {service:String}) OR edge = 'publish' AND target IN
              (SELECT DISTINCT source FROM service_edges WHERE tenant = {tenant:String} AND minute >= toDateTime({since:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')
                 AND edge = 'consume' AND target = concat('service:', {service:String})))
            GROUP BY caller, at ORDER BY caller, at LIMIT {{RowsMax}}
            """, [.. Parameters(tenant, range), EngineParameter.String("service", service)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var callers = new List<CallerMinute>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) callers.Add(new CallerMinute(block["caller"].GetString(row), block["at"].GetInt64(row), block["asked"].GetDouble(row)));
        return callers;
    }

    /// <summary>Versions, environments and instances of every service in the window.</summary>
    public async Task<Dictionary<string, List<RunningVersion>>> ReadVersions(string tenant, TimeRange range, CancellationToken cancel)
    {
        // A resource is written again about once an hour, so one seen in the window was last seen after an hour before it.
        await using EngineResponse response = await engine.Query("""
            SELECT service, attributes['s:service.version'] AS version,
                   if(attributes['s:deployment.environment.name'] = '', attributes['s:deployment.environment'], attributes['s:deployment.environment.name']) AS environment,
                   arraySort(groupUniqArrayIf(20)(attributes['s:service.instance.id'], attributes['s:service.instance.id'] != '')) AS instances,
                   min(first_seen) AS first, max(last_seen) AS last
            FROM resources WHERE tenant = {tenant:String} AND last_seen >= toDateTime({since:UInt32}, 'UTC') - INTERVAL 2 HOUR AND first_seen < toDateTime({until:UInt32}, 'UTC')
            GROUP BY service, version, environment ORDER BY service, first LIMIT 5000
            """, Parameters(tenant, range), Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var versions = new Dictionary<string, List<RunningVersion>>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                ref List<RunningVersion>? of = ref CollectionsMarshal.GetValueRefOrAddDefault(versions, block["service"].GetString(row), out _);
                (of ??= []).Add(new RunningVersion(block["version"].GetString(row), block["environment"].GetString(row), Strings(block["instances"], row),
                    $"{block["first"].GetInt64(row)}000000000", $"{block["last"].GetInt64(row)}000000000"));
            }
        return versions;
    }

    internal static List<KeyValuePair<string, string>> Parameters(string tenant, TimeRange range, string environment = "") =>
    [
        EngineParameter.String("tenant", tenant), EngineParameter.String("environment", environment),
        EngineParameter.Int("since", range.SinceUnixNano / 60_000_000_000 * 60), EngineParameter.Int("until", (range.UntilUnixNano + 999_999_999) / 1_000_000_000),
    ];

    internal static Latencies ReadLatencies(Block block, int row)
    {
        var latencies = new Latencies();
        BlockColumn buckets = block["places"], weights = block["weights"];
        Range at = buckets.GetRange(row);
        int shift = weights.GetRange(row).Start.Value - at.Start.Value;
        for (int i = at.Start.Value; i < at.End.Value; i++) latencies.Add((int)buckets.Values!.GetInt64(i), weights.Values!.GetDouble(i + shift));
        return latencies;
    }

    internal static string[] Strings(BlockColumn array, int row)
    {
        Range range = array.GetRange(row);
        return [.. Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value).Select(array.Values!.GetString)];
    }
}
