using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Causes;

/// <summary>Counts kinds of log lines of both sides: what varies in them (numbers, ids, quoted values) is cut out in the engine.</summary>
public sealed class LogLineTable(EngineClient engine)
{
    /// <summary>Lines looked at, both sides together; of more, a fixed part by hash.</summary>
    private const long LinesMax = 400_000;
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5, ResultRowsMax = 200_000 };

    private const string Times = """
        tenant = {tenant:String} AND ((time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}) OR (time >= {baseline_since:DateTime64(9, 'UTC')} AND time < {baseline_until:DateTime64(9, 'UTC')}))
        """;

    public async Task<List<LogLine>> Read(string tenant, Timeline time, Names names, SampleTable resources, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters =
        [
            EngineParameter.String("tenant", tenant),
            EngineParameter.UnixNanoseconds("since", time.Window.SinceUnixNano), EngineParameter.UnixNanoseconds("until", time.Window.UntilUnixNano),
            EngineParameter.UnixNanoseconds("baseline_since", time.Baseline.SinceUnixNano), EngineParameter.UnixNanoseconds("baseline_until", time.Baseline.UntilUnixNano),
        ];
        long count = await Count(parameters, cancel);
        if (count == 0) return [];
        long oneOf = (count + LinesMax - 1) / LinesMax;
        await using EngineResponse response = await engine.Query($$"""
            SELECT service, resource_id, substring(replaceRegexpAll(substring(body, 1, 300), '"[^"]*"|\'[^\']*\'|\\b[0-9a-fA-F]{8,}[-0-9a-fA-F]*\\b|[0-9]+([.,:][0-9]+)*', '#'), 1, 160) AS template,
                   multiIf(attributes['s:k8s.pod.name'] != '', attributes['s:k8s.pod.name'], attributes['s:pod'] != '', attributes['s:pod'], attributes['s:pod_name'] != '', attributes['s:pod_name'], attributes['s:container_name']) AS pod,
                   max(severity >= 17 OR (severity < 13 AND match(lower(template), '\\b(error|exception|fail|failed|failure|fatal|panic|refused|timeout|timed out|unavailable|traceback)\\b')) OR (severity >= 13 AND severity < 17)) AS bad,
                   countIf(time < {since:DateTime64(9, 'UTC')} OR time >= {until:DateTime64(9, 'UTC')}) AS before, countIf(time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}) AS now
            FROM logs WHERE {{Times}} AND cityHash64(body, time) % {one_of:UInt64} = 0
            GROUP BY service, resource_id, template, pod ORDER BY before + now DESC, service, resource_id, template, pod LIMIT 20000
            """, [.. parameters, EngineParameter.Int("one_of", oneOf)], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var read = new List<(string Service, ulong Resource, string Template, string Pod, bool Bad, double Before, double Now)>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                read.Add((block["service"].GetString(row), block["resource_id"].GetUInt64(row), block["template"].GetString(row), block["pod"].GetString(row), block["bad"].GetInt64(row) != 0,
                    block["before"].GetInt64(row) * oneOf, block["now"].GetInt64(row) * oneOf));
        var origins = await resources.Resources(tenant, read.Select(r => r.Resource).Distinct(), cancel);
        return [.. read.Select(line =>
        {
            var of = origins.GetValueOrDefault(line.Resource)?.Attributes;
            var (service, instance) = names.Of(line.Service, null, key => key == "pod" && line.Pod.Length > 0 ? line.Pod : of?.GetValueOrDefault("s:" + key));
            return new LogLine(service, instance, line.Template, line.Bad, line.Before, line.Now);
        })];
    }

    private async Task<long> Count(List<KeyValuePair<string, string>> parameters, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($"SELECT count() AS lines FROM logs WHERE {Times}", parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is { } block ? block["lines"].GetInt64(0) : 0;
    }
}
