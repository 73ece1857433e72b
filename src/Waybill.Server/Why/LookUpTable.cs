using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Why;

/// <summary>A kind of exception as it was grouped; without a group when only spans tell of it.</summary>
public sealed record KnownException(string Service, string Type, string GroupId, long FirstUnixSeconds, long LastUnixSeconds);

/// <summary>An instance of a service.</summary>
public sealed record KnownInstance(string Service, string Instance, string Version, ulong ResourceId, long FirstUnixSeconds, long LastUnixSeconds);

/// <summary>A log record that was found.</summary>
public sealed record FoundLog(long UnixNano, string Service, int Severity, string Body, TraceId Trace, SpanId Span);

/// <summary>Finds what an id or word may be the name of. Every look-up is bounded; those without an index look back a day at most.</summary>
public sealed class LookUpTable(EngineClient engine)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 3 };

    /// <summary>A trace that holds a span of this id, started since then. There is no index over span ids: it reads one narrow column.</summary>
    public async Task<TraceId?> TraceOfSpan(string tenant, SpanId span, long sinceUnixSeconds, CancellationToken cancel) =>
        (await Read("SELECT trace_id FROM spans WHERE tenant = {tenant:String} AND start >= toDateTime64({since:UInt32}, 9, 'UTC') AND span_id = unhex({id:String}) LIMIT 1",
            [.. Tenant(tenant), EngineParameter.String("id", span.ToString()), EngineParameter.Int("since", Math.Max(0, sinceUnixSeconds))],
            (block, row) => (TraceId?)new TraceId(block["trace_id"].GetBytes(row)), cancel)).FirstOrDefault();

    public async Task<bool> IsService(string tenant, string name, CancellationToken cancel) =>
        (await Read("SELECT 1 AS one FROM resources WHERE tenant = {tenant:String} AND service = {name:String} LIMIT 1", [.. Tenant(tenant), EngineParameter.String("name", name)], (_, _) => true, cancel)).Count > 0;

    /// <summary>Instances by <c>service.instance.id</c>, or by the name of their pod, host or container.</summary>
    public Task<List<KnownInstance>> Instances(string tenant, string name, CancellationToken cancel) =>
        Read("""
            SELECT service, attributes['s:service.instance.id'] AS instance, attributes['s:service.version'] AS version, resource_id, min(first_seen) AS first, max(last_seen) AS last
            FROM resources WHERE tenant = {tenant:String} AND {name:String} IN
              (attributes['s:service.instance.id'], attributes['s:k8s.pod.name'], attributes['s:host.name'], attributes['s:container.id'])
            GROUP BY service, instance, version, resource_id ORDER BY last DESC LIMIT 20
            """, [.. Tenant(tenant), EngineParameter.String("name", name)],
            (block, row) => new KnownInstance(block["service"].GetString(row), block["instance"].GetString(row), block["version"].GetString(row), block["resource_id"].GetUInt64(row), block["first"].GetInt64(row), block["last"].GetInt64(row)), cancel);

    /// <summary>Exception groups by their id of 16 digits, their full type, or its last part.</summary>
    public Task<List<KnownException>> Exceptions(string tenant, string name, CancellationToken cancel) =>
        Read("""
            SELECT service, any(type) AS named, leftPad(lower(hex(group_id)), 16, '0') AS id, toUnixTimestamp(min(first_seen)) AS first, toUnixTimestamp(max(last_seen)) AS last
            FROM exception_groups WHERE tenant = {tenant:String} AND (leftPad(lower(hex(group_id)), 16, '0') = lower({name:String}) OR type = {name:String} OR endsWith(type, concat('.', {name:String})))
            GROUP BY service, group_id ORDER BY last DESC LIMIT 20
            """, [.. Tenant(tenant), EngineParameter.String("name", name)],
            (block, row) => new KnownException(block["service"].GetString(row), block["named"].GetString(row), block["id"].GetString(row), block["first"].GetInt64(row), block["last"].GetInt64(row)), cancel);

    /// <summary>Failed spans since then whose <c>error.type</c> is this, or ends with it.</summary>
    public Task<List<KnownException>> Failures(string tenant, string name, long sinceUnixSeconds, CancellationToken cancel) =>
        Read("""
            SELECT service, error_type, toUnixTimestamp(toDateTime(min(start), 'UTC')) AS first, toUnixTimestamp(toDateTime(max(start), 'UTC')) AS last FROM spans
            WHERE tenant = {tenant:String} AND start >= toDateTime64({since:UInt32}, 9, 'UTC') AND status = 2 AND (error_type = {name:String} OR endsWith(error_type, concat('.', {name:String})))
            GROUP BY service, error_type ORDER BY last DESC LIMIT 20
            """, [.. Tenant(tenant), EngineParameter.String("name", name), EngineParameter.Int("since", Math.Max(0, sinceUnixSeconds))],
            (block, row) => new KnownException(block["service"].GetString(row), block["error_type"].GetString(row), "", block["first"].GetInt64(row), block["last"].GetInt64(row)), cancel);

    /// <summary>Log records at exactly this time.</summary>
    public Task<List<FoundLog>> LogsAt(string tenant, long unixNano, CancellationToken cancel) =>
        Logs("time = {at:DateTime64(9, 'UTC')} AND time >= {at:DateTime64(9, 'UTC')} AND time < {at:DateTime64(9, 'UTC')} + INTERVAL 1 SECOND",
            [.. Tenant(tenant), EngineParameter.UnixNanoseconds("at", unixNano)], cancel);

    /// <summary>Log records since then whose text holds these words, the newest first.</summary>
    public Task<List<FoundLog>> LogsWith(string tenant, string words, long sinceUnixSeconds, CancellationToken cancel) =>
        Logs("time >= toDateTime64({since:UInt32}, 9, 'UTC') AND positionCaseInsensitiveUTF8(body, {words:String}) > 0",
            [.. Tenant(tenant), EngineParameter.String("words", words), EngineParameter.Int("since", Math.Max(0, sinceUnixSeconds))], cancel);

    /// <summary>Those of some typed keys that spans since then carry.</summary>
    public Task<List<string>> KeysOf(string tenant, IReadOnlyList<string> typedKeys, long sinceUnixSeconds, CancellationToken cancel) =>
        Read("""
            SELECT DISTINCT toString(key) AS typed FROM attribute_keys
            WHERE tenant = {tenant:String} AND scope = 'span' AND key IN {keys:Array(String)} AND hour >= toStartOfHour(toDateTime({since:UInt32}, 'UTC')) ORDER BY typed
            """, [.. Tenant(tenant), EngineParameter.Strings("keys", typedKeys), EngineParameter.Int("since", Math.Max(0, sinceUnixSeconds))], (block, row) => block["typed"].GetString(row), cancel);

    /// <summary>Traces since then in which one of these attributes has this value, by the index over attribute hashes; the newest first.</summary>
    public Task<List<(TraceId Trace, string Key)>> TracesWith(string tenant, IReadOnlyList<string> typedKeys, string value, long sinceUnixSeconds, int limit, CancellationToken cancel) =>
        Read("""
            SELECT trace_id, arrayFirst(k -> attributes[k] = {value:String}, {keys:Array(String)}) AS found, max(start) AS at FROM spans
            WHERE tenant = {tenant:String} AND start >= toDateTime64({since:UInt32}, 9, 'UTC')
              AND hasAny(arrayMap((k, v) -> cityHash64(k, v), mapKeys(attributes), mapValues(attributes)), arrayMap(k -> cityHash64(k, {value:String}), {keys:Array(String)}))
            GROUP BY trace_id, found ORDER BY at DESC LIMIT {limit:UInt32}
            """, [.. Tenant(tenant), EngineParameter.Strings("keys", typedKeys.Where(key => ReadScope.Mask?.Covers(key[2..]) != true)), EngineParameter.String("value", value), EngineParameter.Int("since", Math.Max(0, sinceUnixSeconds)), EngineParameter.Int("limit", limit)],
            (block, row) => (new TraceId(block["trace_id"].GetBytes(row)), block["found"].GetString(row)), cancel);

    /// <summary>The oldest span stored, in Unix seconds; null when there is none.</summary>
    public async Task<long?> OldestSpan(string tenant, CancellationToken cancel) =>
        (await Read("SELECT toUnixTimestamp(toDateTime(min(start), 'UTC')) AS oldest, count() AS spans FROM (SELECT start FROM spans WHERE tenant = {tenant:String} ORDER BY tenant, toStartOfMinute(start) LIMIT 1)", Tenant(tenant),
            (block, row) => block["spans"].GetInt64(row) == 0 ? (long?)null : block["oldest"].GetInt64(row), cancel)).FirstOrDefault();

    private Task<List<FoundLog>> Logs(string condition, List<KeyValuePair<string, string>> parameters, CancellationToken cancel) =>
        Read($"SELECT time, service, severity, substringUTF8(body, 1, 300) AS text, trace_id, span_id FROM logs WHERE tenant = {{tenant:String}} AND {condition} ORDER BY time DESC LIMIT 20", parameters,
            (block, row) => new FoundLog(block["time"].GetInt64(row), block["service"].GetString(row), (int)block["severity"].GetInt64(row), block["text"].GetString(row),
                new TraceId(block["trace_id"].GetBytes(row)), new SpanId(block["span_id"].GetBytes(row))), cancel);

    private async Task<List<T>> Read<T>(string sql, List<KeyValuePair<string, string>> parameters, Func<Block, int, T> read, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var rows = new List<T>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) rows.Add(read(block, row));
        return rows;
    }

    private static List<KeyValuePair<string, string>> Tenant(string tenant) => [EngineParameter.String("tenant", tenant)];
}
