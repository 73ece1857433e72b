using System.Text;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Redaction;

/// <summary>Which findings are asked for; null asks for all.</summary>
public sealed record FindingFilter(string? Service, string? Signal, string? Detector, string? Rule);

/// <summary>What was found of one kind in one place, and how often.</summary>
/// <param name="Examples">Shapes, no text: letters are x or X, digits 9.</param>
public sealed record FindingCount(
    string Service, string Signal, string Carrier, string Key, string Detector, string Family, string Rule, string Action, long Count,
    string FirstHourUnixNano, string LastHourUnixNano, IReadOnlyList<string> Examples);

public sealed record FindingHour(string HourUnixNano, string Family, string Detector, long Count);

/// <summary>Reads <c>redaction_findings</c>.</summary>
public sealed class FindingTable(EngineClient engine, RedactionTally tally)
{
    private const long Second = 1_000_000_000, Hour = 3_600;
    private const int TrendRowsMax = 20_000;

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10 };

    private const string Where = "tenant = {tenant:String} AND received >= toDateTime({since:Int64}, 'UTC') AND received < toDateTime({until:Int64}, 'UTC')";

    /// <summary>The most frequent first, at most <paramref name="limit"/> and one more.</summary>
    public async Task<List<FindingCount>> Read(string tenant, TimeRange range, FindingFilter filter, int limit, CancellationToken cancel)
    {
        var (where, parameters) = Conditions(tenant, range, filter);
        parameters.Add(EngineParameter.Int("limit", limit + 1));
        var found = new List<FindingCount>();
        await Read($"""
            SELECT service, signal, carrier, key, detector, rule, action, sum(count) AS total, toInt64(toStartOfHour(min(received))) AS first, toInt64(toStartOfHour(max(received))) AS last
            FROM redaction_findings WHERE {where}
            GROUP BY service, signal, carrier, key, detector, rule, action ORDER BY total DESC, service, key LIMIT {"{limit:UInt32}"}
            """, parameters, (block, row) =>
            {
                string service = block["service"].GetString(row), carrier = block["carrier"].GetString(row), key = block["key"].GetString(row), detector = block["detector"].GetString(row);
                found.Add(new FindingCount(service, block["signal"].GetString(row), carrier, key, detector, FamilyOf(detector), block["rule"].GetString(row), block["action"].GetString(row),
                    block["total"].GetInt64(row), Nano(block["first"].GetInt64(row)), Nano(block["last"].GetInt64(row)), tally.ShapesOf(service, carrier, key, detector)));
            }, cancel);
        return found;
    }

    public async Task<List<FindingHour>> ReadTrend(string tenant, TimeRange range, FindingFilter filter, CancellationToken cancel)
    {
        var (where, parameters) = Conditions(tenant, range, filter);
        parameters.Add(EngineParameter.Int("limit", TrendRowsMax));
        var hours = new List<FindingHour>();
        await Read($"""
            SELECT toInt64(toStartOfHour(received)) AS hour, detector, sum(count) AS total FROM redaction_findings WHERE {where}
            GROUP BY hour, detector ORDER BY hour, detector LIMIT {"{limit:UInt32}"}
            """, parameters, (block, row) =>
            {
                string detector = block["detector"].GetString(row);
                hours.Add(new FindingHour(Nano(block["hour"].GetInt64(row)), FamilyOf(detector), detector, block["total"].GetInt64(row)));
            }, cancel);
        return hours;
    }

    private static (string, List<KeyValuePair<string, string>>) Conditions(string tenant, TimeRange range, FindingFilter filter)
    {
        long since = range.SinceUnixNano / Second;
        var where = new StringBuilder(Where);
        List<KeyValuePair<string, string>> parameters =
        [
            EngineParameter.String("tenant", tenant), EngineParameter.Int("since", since - since % Hour), EngineParameter.Int("until", (range.UntilUnixNano + Second - 1) / Second),
        ];
        Add("service", filter.Service);
        Add("signal", filter.Signal);
        Add("detector", filter.Detector);
        Add("rule", filter.Rule);
        return (where.ToString(), parameters);

        void Add(string column, string? value)
        {
            if (value is null) return;
            where.Append($" AND {column} = {{{column}:String}}");
            parameters.Add(EngineParameter.String(column, value));
        }
    }

    private async Task Read(string sql, List<KeyValuePair<string, string>> parameters, Action<Block, int> row, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int i = 0; i < block.Rows; i++) row(block, i);
    }

    private static string FamilyOf(string detector) => Detectors.All.FirstOrDefault(info => info.Name == detector)?.Family.ToString().ToLowerInvariant() ?? "rule";

    private static string Nano(long seconds) => (seconds * Second).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
