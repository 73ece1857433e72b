using System.Globalization;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Verdicts;

/// <summary>Exceptions that one version throws and the other does not.</summary>
public sealed class ExceptionTable(EngineClient engine)
{
    private const int TimesMin = 3;
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5 };

    public async Task<CheckResult> Check(string tenant, string service, TimeRange range, IEnumerable<ulong> canary, IEnumerable<ulong> baseline, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query("""
            SELECT type, any(message) AS message, uniqExactIf(span_id, resource_id IN {canary:Array(UInt64)}) AS now, countIf(resource_id IN {baseline:Array(UInt64)}) AS before,
                   groupUniqArrayIf(5)(lower(hex(trace_id)), resource_id IN {canary:Array(UInt64)}) AS traces
            FROM exceptions WHERE tenant = {tenant:String} AND service = {service:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}
            GROUP BY type, group_id HAVING now >= {times:UInt32} AND before = 0 ORDER BY now DESC, type LIMIT 1
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.String("service", service), EngineParameter.Int("times", TimesMin),
                EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano),
                EngineParameter.UInts("canary", canary), EngineParameter.UInts("baseline", baseline),
            ], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        if (await reader.Read(cancel) is not { } block) return new CheckResult("exceptions", Checks.Promote, "It throws nothing that the other version does not throw.");
        BlockColumn traces = block["traces"];
        Range of = traces.GetRange(0);
        return new CheckResult("exceptions", Checks.Rollback, string.Create(CultureInfo.InvariantCulture, $"{block["type"].GetString(0)} was thrown {block["now"].GetInt64(0)} times, never by the other version: {block["message"].GetString(0)}"))
        {
            Canary = block["now"].GetInt64(0), Baseline = 0,
            Traces = [.. Enumerable.Range(of.Start.Value, of.End.Value - of.Start.Value).Select(traces.Values!.GetString)],
        };
    }
}
