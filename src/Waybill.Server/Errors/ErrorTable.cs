using System.Globalization;
using Waybill.Blocks;
using Waybill.Catalogs;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Errors;

/// <summary>Reads exceptions by group. Every method takes the tenant.</summary>
public sealed class ErrorTable(EngineClient engine, Catalog catalog)
{
    private const int SamplesMax = 5, VersionsMax = 20, FlagsMax = 20;

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10, ThreadsMax = 2 };

    private const string InRange = "tenant = {tenant:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}";
    private const string NoSpan = "toFixedString('', 8)", NoTrace = "toFixedString('', 16)";

    private sealed record Origin(string? Version, string? Environment);

    /// <summary>The groups with exceptions in the range, most frequent first.</summary>
    /// <param name="buckets">Parts into which the range is divided for the trend.</param>
    public async Task<List<ErrorGroup>> Groups(string tenant, TimeRange range, ErrorFilter filter, int limit, int buckets, CancellationToken cancel)
    {
        long bucket = BucketNano(range, buckets);
        List<KeyValuePair<string, string>> parameters = [.. Parameters(tenant, range), EngineParameter.Int("bucket", bucket), EngineParameter.Int("begin", range.SinceUnixNano), EngineParameter.Int("limit", limit)];
        string conditions = Conditions(filter, parameters);
        // A span event and a log record may tell of one exception: what has a span counts once for each span.
        var rows = await Rows($$"""
            SELECT group_id, any(of_service) AS named_service, argMax(longest_type, length(longest_type)) AS of_type, argMax(latest_message, last) AS latest, sum(heaviest) AS weighted, count() AS stored,
                   uniqExactIf(trace_id, trace_id != {{NoTrace}}) AS traces, min(first) AS first_seen, max(last) AS last_seen,
                   arraySlice(arrayDistinct(groupArrayIf(100)(lower(hex(trace_id)), trace_id != {{NoTrace}})), 1, {{SamplesMax}}) AS samples,
                   sumMap([toUInt32(intDiv(toUnixTimestamp64Nano(first) - {begin:Int64}, {bucket:Int64}))], [heaviest]) AS trend, sumMap([of_resource], [heaviest]) AS by_resource
            FROM (SELECT group_id, trace_id, span_id, any(service) AS of_service, argMax(type, length(type)) AS longest_type, argMax(message, time) AS latest_message, max(weight) AS heaviest, min(time) AS first, max(time) AS last,
                         any(resource_id) AS of_resource
                  FROM exceptions WHERE {{InRange}} {{conditions}}
                  GROUP BY group_id, trace_id, span_id, if(span_id = {{NoSpan}}, toUnixTimestamp64Nano(time), 0) ORDER BY last DESC)
            GROUP BY group_id ORDER BY weighted DESC, group_id LIMIT {limit:UInt32}
            """, parameters, (block, row) => (
                Id: block["group_id"].GetUInt64(row), Service: block["named_service"].GetString(row), Type: block["of_type"].GetString(row), Message: block["latest"].GetString(row),
                Weighted: block["weighted"].GetDouble(row), Stored: block["stored"].GetInt64(row), Traces: block["traces"].GetInt64(row), First: block["first_seen"].GetInt64(row), Last: block["last_seen"].GetInt64(row),
                Samples: Strings(block["samples"], row), Trend: Sums(block["trend"], row), ByResource: Sums(block["by_resource"], row)), cancel);
        if (rows.Count == 0) return [];

        var groups = ReadGroups(tenant, rows.Select(row => row.Id), withStack: filter.Group is not null, cancel);
        var origins = ReadOrigins(tenant, rows.SelectMany(row => row.ByResource.Keys).Distinct(), cancel);
        var flags = ReadFlags(tenant, range, rows.Select(row => row.Id), cancel);
        await Task.WhenAll(groups, origins, flags);
        return [.. rows.Select(row =>
        {
            groups.Result.TryGetValue(row.Id, out var known);
            long firstEver = known.First > 0 ? Math.Min(known.First, row.First) : row.First;
            double[] trend = new double[buckets];
            foreach (var (at, weight) in row.Trend) trend[Math.Min((int)at, buckets - 1)] += weight;
            var versions = row.ByResource.GroupBy(pair => origins.Result.GetValueOrDefault(pair.Key) ?? new Origin(null, null), pair => pair.Value)
                .Select(version => new ErrorVersion(version.Key.Version, version.Key.Environment, version.Sum())).OrderByDescending(version => version.WeightedCount).Take(VersionsMax);
            return new ErrorGroup(Hex(row.Id), row.Service, row.Type.Length > 0 ? row.Type : known.Type ?? "", row.Message, known.Culprit ?? "", catalog.OwnerOf(row.Service)?.Owner, row.Weighted, row.Stored, row.Traces,
                $"{row.First}", $"{row.Last}", $"{firstEver}", firstEver >= range.SinceUnixNano, [.. versions], flags.Result.GetValueOrDefault(row.Id) ?? [], row.Samples, trend)
            {
                Id = row.Id, FirstEverNano = firstEver, Stack = filter.Group is null ? null : known.Stack, Frames = filter.Group is null ? null : known.Frames,
            };
        })];
    }

    /// <summary>The latest exceptions of a group.</summary>
    public async Task<List<ErrorOccurrence>> Latest(string tenant, TimeRange range, ulong group, int limit, CancellationToken cancel)
    {
        var rows = await Rows($$"""
            SELECT lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, max(time) AS at, argMax(message, time) AS latest, argMin(operation, signal) AS named, any(resource_id) AS resource
            FROM exceptions WHERE {{InRange}} AND group_id = {group:UInt64} GROUP BY trace_id, span_id, if(span_id = {{NoSpan}}, toUnixTimestamp64Nano(time), 0) ORDER BY at DESC LIMIT {limit:UInt32}
            """, [.. Parameters(tenant, range), EngineParameter.UInt("group", group), EngineParameter.Int("limit", limit)], (block, row) => (
                Trace: block["trace"].GetString(row), Span: block["span"].GetString(row), At: block["at"].GetInt64(row), Message: block["latest"].GetString(row), Operation: block["named"].GetString(row),
                Resource: block["resource"].GetUInt64(row)), cancel);
        var origins = await ReadOrigins(tenant, rows.Select(row => row.Resource).Distinct(), cancel);
        return [.. rows.Select(row => new ErrorOccurrence(row.Trace, row.Span, $"{row.At}", row.Message, origins.GetValueOrDefault(row.Resource)?.Version, row.Operation))];
    }

    internal static long BucketNano(TimeRange range, int buckets) => Math.Max(1, (range.UntilUnixNano - range.SinceUnixNano + buckets - 1) / buckets);

    internal static string Hex(ulong group) => group.ToString("x16", CultureInfo.InvariantCulture);

    private async Task<Dictionary<ulong, (string? Type, string? Culprit, string[]? Frames, string? Stack, long First)>> ReadGroups(string tenant, IEnumerable<ulong> groups, bool withStack, CancellationToken cancel)
    {
        var rows = await Rows($$"""
            SELECT group_id, any(type) AS of_type, any(culprit) AS of_culprit, any(frames) AS of_frames, {{(withStack ? "anyLast(stack)" : "''")}} AS of_stack, min(first_seen) AS first
            FROM exception_groups WHERE tenant = {tenant:String} AND group_id IN {groups:Array(UInt64)} GROUP BY group_id
            """, [EngineParameter.String("tenant", tenant), EngineParameter.UInts("groups", groups)], (block, row) => (
                Id: block["group_id"].GetUInt64(row), Said: ((string?)block["of_type"].GetString(row), (string?)block["of_culprit"].GetString(row),
                    (string[]?)block["of_frames"].GetString(row).Split('\n', StringSplitOptions.RemoveEmptyEntries), (string?)block["of_stack"].GetString(row), block["first"].GetInt64(row))), cancel);
        return rows.ToDictionary(row => row.Id, row => row.Said);
    }

    private async Task<Dictionary<ulong, Origin>> ReadOrigins(string tenant, IEnumerable<ulong> resources, CancellationToken cancel)
    {
        var rows = await Rows("""
            SELECT resource_id, any(attributes['s:service.version']) AS version, any(if(attributes['s:deployment.environment.name'] != '', attributes['s:deployment.environment.name'], attributes['s:deployment.environment'])) AS environment
            FROM resources WHERE tenant = {tenant:String} AND resource_id IN {resources:Array(UInt64)} GROUP BY resource_id
            """, [EngineParameter.String("tenant", tenant), EngineParameter.UInts("resources", resources)], (block, row) => (
                Id: block["resource_id"].GetUInt64(row), Origin: new Origin(Said(block["version"].GetString(row)), Said(block["environment"].GetString(row)))), cancel);
        return rows.ToDictionary(row => row.Id, row => row.Origin);
    }

    /// <summary>The flag values that the groups' traces saw.</summary>
    private async Task<Dictionary<ulong, List<ErrorFlag>>> ReadFlags(string tenant, TimeRange range, IEnumerable<ulong> groups, CancellationToken cancel)
    {
        var rows = await Rows($$"""
            SELECT group_id, flag, value, count() AS traces FROM (SELECT DISTINCT group_id, trace_id FROM exceptions WHERE {{InRange}} AND group_id IN {groups:Array(UInt64)} AND trace_id != {{NoTrace}}) AS failed
            INNER JOIN (SELECT DISTINCT trace_id, flag, value FROM flag_evaluations WHERE {{InRange}}) AS flags USING trace_id
            GROUP BY group_id, flag, value ORDER BY group_id, traces DESC, flag, value LIMIT {{FlagsMax}} BY group_id
            """, [.. Parameters(tenant, range), EngineParameter.UInts("groups", groups)], (block, row) => (
                Id: block["group_id"].GetUInt64(row), Flag: new ErrorFlag(block["flag"].GetString(row), block["value"].GetString(row), block["traces"].GetInt64(row))), cancel);
        return rows.GroupBy(row => row.Id, row => row.Flag).ToDictionary(group => group.Key, group => group.ToList());
    }

    private static string Conditions(ErrorFilter filter, List<KeyValuePair<string, string>> parameters)
    {
        string sql = "";
        if (filter.Service is { } service)
        {
            sql += "AND service = {service:String} ";
            parameters.Add(EngineParameter.String("service", service));
        }
        if (filter.Group is { } group)
        {
            sql += "AND group_id = {group:UInt64} ";
            parameters.Add(EngineParameter.UInt("group", group));
        }
        if (filter.Version is null && filter.Environment is null) return sql;
        sql += """
            AND resource_id IN (SELECT resource_id FROM resources WHERE tenant = {tenant:String} AND ({version:String} = '' OR attributes['s:service.version'] = {version:String})
              AND ({environment:String} = '' OR attributes['s:deployment.environment.name'] = {environment:String} OR attributes['s:deployment.environment'] = {environment:String}))
            """;
        parameters.Add(EngineParameter.String("version", filter.Version ?? ""));
        parameters.Add(EngineParameter.String("environment", filter.Environment ?? ""));
        return sql;
    }

    private static KeyValuePair<string, string>[] Parameters(string tenant, TimeRange range) =>
        [EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano)];

    private async Task<List<T>> Rows<T>(string sql, IReadOnlyList<KeyValuePair<string, string>> parameters, Func<Block, int, T> read, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var rows = new List<T>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) rows.Add(read(block, row));
        return rows;
    }

    private static string? Said(string text) => text.Length == 0 ? null : text;

    private static string[] Strings(BlockColumn array, int row)
    {
        Range range = array.GetRange(row);
        return [.. Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value).Select(array.Values!.GetString)];
    }

    /// <summary>The answer of sumMap: a tuple of keys and sums.</summary>
    private static Dictionary<ulong, double> Sums(BlockColumn tuple, int row)
    {
        BlockColumn keys = tuple.Elements[0], sums = tuple.Elements[1];
        Range range = keys.GetRange(row);
        return Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value).ToDictionary(i => keys.Values!.GetUInt64(i), i => sums.Values!.GetDouble(i));
    }
}
