using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Logs;

/// <summary>Reads log records from the engine.</summary>
public sealed class LogTable(EngineClient engine)
{
    private const string Columns = "time, happened, observed, service, severity, severity_text, event_name, body, body_type, trace_id, span_id, flags, dropped, resource_id, scope_id, attributes, " + LogId.HashSql + " AS hash";

    /// <summary>Times of the selected records, newest or oldest first: one column to read, and those of the conditions.</summary>
    public async Task<List<long>> FindTimes(LogSelection selection, TimeRange range, bool newestFirst, int limit, double secondsMax, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters = [EngineParameter.Int("limit", limit)];
        string sql = $"SELECT time FROM logs WHERE {selection.Where(range, parameters)} ORDER BY time {(newestFirst ? "DESC" : "ASC")} LIMIT {{limit:UInt32}}";
        var times = new List<long>();
        await foreach (Block block in Read(sql, parameters, secondsMax, keep: false, cancel))
            for (int row = 0; row < block.Rows; row++) times.Add(block["time"].GetInt64(row));
        return times;
    }

    /// <summary>Whole records, newest or oldest first; of one time in the order of their hashes.</summary>
    public async Task<List<LogRow>> ReadRows(LogSelection selection, TimeRange range, bool newestFirst, int limit, double secondsMax, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters = [EngineParameter.Int("limit", limit)];
        string order = newestFirst ? "DESC" : "ASC";
        string sql = $"SELECT {Columns} FROM logs WHERE {selection.Where(range, parameters)} ORDER BY time {order}, hash {order} LIMIT {{limit:UInt32}}";
        return await Rows(sql, parameters, secondsMax, cancel);
    }

    /// <summary>The record of an id, or null.</summary>
    public async Task<LogRow?> Find(string tenant, LogId id, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters = [EngineParameter.UInt("hash", id.Hash)];
        string where = new LogSelection(tenant).Where(new TimeRange(id.UnixNano, id.UnixNano + 1), parameters);
        return await Rows($"SELECT {Columns} FROM logs WHERE {where} AND hash = {{hash:UInt64}} LIMIT 1", parameters, 10, cancel) is [var found, ..] ? found : null;
    }

    /// <summary>Records that arrived in or after a second, oldest first.</summary>
    public Task<List<LogRow>> ReadArrived(LogSelection selection, TimeRange range, long receivedUnixSeconds, int limit, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters = [EngineParameter.Int("received", receivedUnixSeconds), EngineParameter.Int("limit", limit)];
        string sql = $"SELECT {Columns}, received FROM logs WHERE {selection.Where(range, parameters)} AND received >= toDateTime({{received:UInt32}}, 'UTC') ORDER BY received, time, hash LIMIT {{limit:UInt32}}";
        return Rows(sql, parameters, 10, cancel);
    }

    /// <summary>Weighted counts by bucket (counted from an origin) and class of severity.</summary>
    public async Task<List<(int Bucket, string Severity, double Count)>> Count(LogSelection selection, TimeRange range, long originUnixNano, long stepNano, double secondsMax, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters = [EngineParameter.Int("step", stepNano), EngineParameter.Int("origin", originUnixNano)];
        string sql = $$"""
            SELECT intDiv(toUnixTimestamp64Nano(time) - {origin:Int64}, {step:Int64}) AS bucket, least(greatest(intDiv(severity + 3, 4), 0), 6) AS class, sum(weight) AS weighted
            FROM logs WHERE {{selection.Where(range, parameters)}} GROUP BY bucket, class
            """;
        var counts = new List<(int, string, double)>();
        await foreach (Block block in Read(sql, parameters, secondsMax, keep: false, cancel))
            for (int row = 0; row < block.Rows; row++)
                counts.Add(((int)block["bucket"].GetInt64(row), Severity.NameOf(block["class"].GetInt64(row) * 4), block["weighted"].GetDouble(row)));
        return counts;
    }

    private async Task<List<LogRow>> Rows(string sql, List<KeyValuePair<string, string>> parameters, double secondsMax, CancellationToken cancel)
    {
        var rows = new List<LogRow>();
        await foreach (Block block in Read(sql, parameters, secondsMax, keep: true, cancel))
            for (int row = 0; row < block.Rows; row++) rows.Add(new LogRow(block, row));
        return rows;
    }

    private async IAsyncEnumerable<Block> Read(string sql, List<KeyValuePair<string, string>> parameters, double secondsMax, bool keep, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql, parameters, new EngineSettings { ExecutionSecondsMax = secondsMax }, cancel);
        using var reader = new BlockReader(response.Body, keep);
        while (await reader.Read(cancel) is { } block) yield return block;
    }
}

/// <summary>A record as read: it still lies in the engine's block.</summary>
public readonly record struct LogRow(Block Block, int Row)
{
    public LogId Id => new(UnixNano, Block["hash"].GetUInt64(Row));
    public long UnixNano => Block["time"].GetInt64(Row);
    public ulong Resource => Block["resource_id"].GetUInt64(Row);
    public ulong Scope => Block["scope_id"].GetUInt64(Row);
    public string Service => Block["service"].GetString(Row);
    public Batches.TraceId Trace => new(Block["trace_id"].GetBytes(Row));
}
