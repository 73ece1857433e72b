using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Map;
using Waybill.Web;

namespace Waybill.Changes;

/// <summary>Compares the minutes before changes with those after them, from the map's minutes.</summary>
public sealed class EffectTable(EngineClient engine, MapTable map, TimeProvider clock)
{
    private const long NanoPerSecond = 1_000_000_000;
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10, ThreadsMax = 2 };

    /// <summary>The effect of each change that names a service, in the order of the changes.</summary>
    public async Task<List<ChangeEffect>> Read(string tenant, IReadOnlyList<Change> changes, int minutes, CancellationToken cancel)
    {
        Change[] named = [.. changes.Where(change => !string.IsNullOrEmpty(change.Service))];
        if (named.Length == 0) return [];
        EffectWindow[] windows = [.. named.Select(change => EffectWindow.Around(change, minutes))];
        var range = new TimeRange(windows.Min(of => of.BeforeSince) * NanoPerSecond, windows.Max(of => of.AfterUntil) * NanoPerSecond);
        Task<Coverage?> covered = map.Covered(tenant, range, cancel);
        var loads = await Loads(tenant, range, named, windows, cancel);
        long last = await covered is { } coverage ? coverage.LastUnixSeconds + 60 : clock.GetUtcNow().ToUnixTimeSeconds();
        var effects = new List<ChangeEffect>(named.Length);
        for (int i = 0; i < named.Length; i++)
        {
            EffectWindow of = windows[i].EndingAt(last);
            Load? before = LoadOf((i, false), of.BeforeUntil - of.BeforeSince), after = LoadOf((i, true), of.AfterUntil - of.AfterSince);
            (string verdict, IReadOnlyList<string> reasons) = of.AfterUntil == of.AfterSince
                ? ("unknown", ["It is too recent: a minute after it is added up about two minutes later."]) : ChangeEffect.Judge(before, after);
            effects.Add(new ChangeEffect(named[i].Id, named[i].Service!, Nano(of.BeforeSince), Nano(of.BeforeUntil), Nano(of.AfterSince), Nano(of.AfterUntil), before, after, verdict, reasons));
        }
        return effects;

        Load? LoadOf((int, bool) side, long seconds) => seconds > 0 && loads.TryGetValue(side, out var load) ? Load.Of(load.Requests, load.Errors, load.Latencies, seconds) : null;
    }

    private async Task<Dictionary<(int At, bool After), (double Requests, double Errors, Latencies Latencies)>> Loads(
        string tenant, TimeRange range, Change[] changes, EffectWindow[] windows, CancellationToken cancel)
    {
        // Who sends no environment is taken for the one that the change names.
        await using EngineResponse response = await engine.Query($$"""
            SELECT at, minute >= toDateTime(middle, 'UTC') AS is_after, sum(requests) AS asked, sum(errors) AS failed, (sumMap(buckets, counts) AS durations).1 AS places, durations.2 AS weights
            FROM (SELECT minute, toString(target) AS of, toString(environment) AS place, requests, errors, buckets, counts FROM service_edges
                  WHERE {{MapTable.Newest}} AND target IN {services:Array(String)}) AS asked_of
            INNER JOIN (SELECT w.1 AS at, w.2 AS of, w.3 AS named, w.4 AS first, w.5 AS middle, w.6 AS second, w.7 AS last
                        FROM (SELECT arrayJoin(arrayZip(range(length({services:Array(String)})), {services:Array(String)}, {environments:Array(String)},
                          {firsts:Array(UInt32)}, {middles:Array(UInt32)}, {seconds:Array(UInt32)}, {lasts:Array(UInt32)})) AS w)) AS changed USING (of)
            WHERE (named = '' OR place = '' OR place = named)
              AND (minute >= toDateTime(first, 'UTC') AND minute < toDateTime(middle, 'UTC') OR minute >= toDateTime(second, 'UTC') AND minute < toDateTime(last, 'UTC'))
            GROUP BY at, is_after
            """, [
                .. MapTable.Parameters(tenant, range),
                EngineParameter.Strings("services", [.. changes.Select(change => $"service:{change.Service}")]), EngineParameter.Strings("environments", [.. changes.Select(change => change.Environment ?? "")]),
                EngineParameter.Ints("firsts", windows.Select(of => of.BeforeSince)), EngineParameter.Ints("middles", windows.Select(of => of.BeforeUntil)),
                EngineParameter.Ints("seconds", windows.Select(of => of.AfterSince)), EngineParameter.Ints("lasts", windows.Select(of => of.AfterUntil)),
            ], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var loads = new Dictionary<(int, bool), (double, double, Latencies)>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                loads[((int)block["at"].GetInt64(row), block["is_after"].GetInt64(row) != 0)] = (block["asked"].GetDouble(row), block["failed"].GetDouble(row), MapTable.ReadLatencies(block, row));
        return loads;
    }

    private static string Nano(long unixSeconds) => $"{unixSeconds}000000000";
}
