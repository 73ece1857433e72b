using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Why;

/// <summary>What an operation usually takes. Weighted.</summary>
public sealed record UsualTime(double Requests, double P50Nano, double P95Nano)
{
    private const int MinutesMin = 3, RequestsOfMinuteMin = 20;

    /// <summary>
    /// What most minutes say, so that an incident in the range, or a cold start, does not pass for what is usual; where minutes have too few requests for that, all together.
    /// </summary>
    /// <param name="times">All together first, then minute by minute.</param>
    public static UsualTime? Of(IReadOnlyList<UsualTime> times)
    {
        if (times is not [{ Requests: > 0 } all, ..]) return null;
        UsualTime[] minutes = [.. times.Skip(1)];
        if (minutes.Length < MinutesMin || Middle(minutes.Select(minute => minute.Requests)) < RequestsOfMinuteMin) return all;
        return new UsualTime(all.Requests, Middle(minutes.Select(minute => minute.P50Nano)), Middle(minutes.Select(minute => minute.P95Nano)));
    }

    private static double Middle(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
}

/// <summary>Another trace in which the same failed.</summary>
public sealed record SameFailure(string TraceId, long StartUnixNano, string ErrorType);

/// <summary>Asks the spans of one operation: how often it failed by minute and version, how long it takes, where else it failed.</summary>
public sealed class OperationTable(EngineClient engine)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5 };

    private const string Spans = "FROM spans WHERE tenant = {tenant:String} AND start >= {since:DateTime64(9, 'UTC')} AND start < {until:DateTime64(9, 'UTC')} AND service = {service:String} AND name = {operation:String}";

    /// <param name="errorType">Only failures of this <c>error.type</c> count; null for all.</param>
    public Task<List<OperationMinute>> History(string tenant, TimeRange range, string service, string operation, string? errorType, CancellationToken cancel) =>
        Read($"SELECT toDateTime(toStartOfMinute(start), 'UTC') AS minute, resource_id, sum(weight) AS requests, sumIf(weight, status = 2 AND ({{type:String}} = '' OR error_type = {{type:String}})) AS errors {Spans} GROUP BY minute, resource_id ORDER BY minute, resource_id LIMIT 20000",
            [.. Parameters(tenant, range, service, operation), EngineParameter.String("type", errorType ?? "")],
            (block, row) => new OperationMinute((uint)block["minute"].GetInt64(row), block["resource_id"].GetUInt64(row), block["requests"].GetDouble(row), block["errors"].GetDouble(row)), cancel);

    /// <summary>The same, but what counts is that it took longer.</summary>
    public Task<List<OperationMinute>> SlowHistory(string tenant, TimeRange range, string service, string operation, long longerThanNano, CancellationToken cancel) =>
        Read($"SELECT toDateTime(toStartOfMinute(start), 'UTC') AS minute, sum(weight) AS requests, sumIf(weight, duration > {{longer:Int64}}) AS slow {Spans} GROUP BY minute ORDER BY minute LIMIT 2000",
            [.. Parameters(tenant, range, service, operation), EngineParameter.Int("longer", longerThanNano)],
            (block, row) => new OperationMinute((uint)block["minute"].GetInt64(row), 0, block["requests"].GetDouble(row), block["slow"].GetDouble(row)), cancel);

    /// <summary>How long the operation took in a range; null when it did not run.</summary>
    public async Task<UsualTime?> Usual(string tenant, TimeRange range, string service, string operation, CancellationToken cancel) =>
        UsualTime.Of(await Read($"""
            SELECT toDateTime(toStartOfMinute(start), 'UTC') AS minute, grouping(minute) AS is_all, sum(weight) AS requests, quantilesTDigest(0.5, 0.95)(greatest(duration, 0)) AS times
            {Spans} GROUP BY GROUPING SETS ((minute), ()) ORDER BY is_all DESC, minute LIMIT 2000
            """, Parameters(tenant, range, service, operation), (block, row) =>
        {
            int at = block["times"].GetRange(row).Start.Value;
            return new UsualTime(block["requests"].GetDouble(row), block["times"].Values!.GetDouble(at), block["times"].Values!.GetDouble(at + 1));
        }, cancel));

    /// <summary>Traces in which the operation failed, the newest first.</summary>
    public Task<List<SameFailure>> Failures(string tenant, TimeRange range, string service, string operation, int limit, CancellationToken cancel) =>
        Read($"SELECT lower(hex(trace_id)) AS id, min(start) AS first, any(error_type) AS type {Spans} AND status = 2 GROUP BY trace_id ORDER BY first DESC LIMIT {{limit:UInt32}}",
            [.. Parameters(tenant, range, service, operation), EngineParameter.Int("limit", limit)],
            (block, row) => new SameFailure(block["id"].GetString(row), block["first"].GetInt64(row), block["type"].GetString(row)), cancel);

    private async Task<List<T>> Read<T>(string sql, IReadOnlyList<KeyValuePair<string, string>> parameters, Func<Block, int, T> read, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var rows = new List<T>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) rows.Add(read(block, row));
        return rows;
    }

    private static List<KeyValuePair<string, string>> Parameters(string tenant, TimeRange range, string service, string operation) =>
    [
        EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
        EngineParameter.String("service", service), EngineParameter.String("operation", operation),
    ];
}
