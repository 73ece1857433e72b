using System.Globalization;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Traces;

namespace Waybill.Quarantine;

/// <summary>Reads what lies aside.</summary>
public sealed class QuarantineTable(EngineClient engine)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10, MemoryBytesMax = 200_000_000, ThreadsMax = 2 };

    private const string NoTrace = "toFixedString('', 16)";

    // The service of a point is that of its series; exemplars go where their point goes, and are not counted beside it.
    private static readonly (string Signal, string Rows)[] Sources =
    [
        ("traces", Rows("traces", "spans_quarantine", "service", "start", "name", "trace_id")),
        ("logs", Rows("logs", "logs_quarantine", "service", "time", "if(event_name != '', toString(event_name), substringUTF8(body, 1, 120))", "trace_id")),
        ("metrics", Rows("metrics", "metric_points_quarantine", OfSeries, "time", "metric", NoTrace)),
        ("metrics", Rows("metrics", "metric_distributions_quarantine", OfSeries, "time", "metric", NoTrace)),
    ];

    private const string OfSeries = "of_series.service";

    /// <param name="signal">traces, logs or metrics; empty for all.</param>
    public async Task<QuarantineListing> List(string tenant, string signal, int limit, CancellationToken cancel)
    {
        string rows = string.Join("\nUNION ALL\n", Sources.Where(source => signal.Length == 0 || source.Signal == signal).Select(source => source.Rows));
        string sql = $$"""
            SELECT signal, service, why, count() AS items, min(sent) AS oldest, max(sent) AS newest, max(received) AS last, argMax((name, trace_id, sent), received) AS sample
            FROM (
              SELECT signal, service, received, name, trace_id, sent, multiIf(sent = 0, 'no_time', sent > toUInt64(toUnixTimestamp(received)) * 1000000000, 'in_future', 'too_old') AS why
              FROM ({{rows}})
            )
            GROUP BY signal, service, why ORDER BY last DESC, items DESC, signal, service, why LIMIT {limit:UInt32}
            """;
        var entries = new List<QuarantineEntry>();
        await using EngineResponse response = await engine.Query(sql, [EngineParameter.String("tenant", tenant), EngineParameter.Int("limit", limit + 1L)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                IReadOnlyList<BlockColumn> sample = block["sample"].Elements;
                var trace = new TraceId(sample[1].GetBytes(row));
                entries.Add(new QuarantineEntry(block["signal"].GetString(row), block["service"].GetString(row), block["items"].GetInt64(row), block["why"].GetString(row), Text(block["oldest"].GetUInt64(row)),
                    Text(block["newest"].GetUInt64(row)), Text(block["last"].GetUInt64(row) * 1_000_000_000), new QuarantineSample(sample[0].GetString(row), trace.IsZero ? "" : trace.ToString(), Text(sample[2].GetUInt64(row)))));
            }
        IReadOnlyList<PartialReason> reasons = entries.Count <= limit ? [] : [new("over_limit", $"There are more services and causes; the {limit} that sent last are here. Raise limit, or send a signal.")];
        return new QuarantineListing(reasons.Count == 0 ? "complete" : "partial", reasons, [.. entries.Take(limit)]);
    }

    // A time beyond the year 2262 is negative as it is stored: read as it was sent, without a sign.
    private static string Rows(string signal, string table, string service, string time, string name, string trace)
    {
        string series = service == OfSeries ? " LEFT ANY JOIN (SELECT series_id, any(service) AS service FROM metric_series WHERE tenant = {tenant:String} GROUP BY series_id) AS of_series USING (series_id)" : "";
        return $"SELECT '{signal}' AS signal, toString({service}) AS service, received, toString({name}) AS name, {trace} AS trace_id, reinterpretAsUInt64(toUnixTimestamp64Nano({time})) AS sent FROM {table}{series} WHERE tenant = {{tenant:String}}";
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
