using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Audit;

/// <summary>What one actor did of one kind, with one outcome.</summary>
/// <param name="Resources">Some of what it was done to, the latest first.</param>
public sealed record Activity(string Action, string Outcome, long Count, long FirstUnixNano, long LastUnixNano, IReadOnlyList<string> Resources);

/// <summary>Who did anything.</summary>
public sealed record ActiveActor(string Kind, string Id, long Acts, long Reads, long Refused, long Failed, IReadOnlyList<string> Addresses, string LastUnixNano);

/// <summary>Sums over the ledger's rows, for who investigates. SELECT only.</summary>
public sealed class ActivityTable(EngineClient engine)
{
    private const int ResourcesShown = 20, AddressesShown = 5;
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10, MemoryBytesMax = 1L << 30 };

    // An entry of repeats stands for as many reads as it says.
    private const string Times = "greatest(1, JSONExtractInt(entry, 'detail', 'repeated'))";
    private const string InRange = "tenant = {tenant:String} AND time >= {since:DateTime64(9, 'UTC')} AND time < {until:DateTime64(9, 'UTC')}";

    /// <summary>The busiest first.</summary>
    public Task<List<ActiveActor>> Actors(string tenant, TimeRange range, int limit, CancellationToken cancel) => Read(
        $"""
        SELECT actor_kind, actor, sum({Times}) AS acts, sumIf({Times}, endsWith(act, '.read')) AS reads, countIf(outcome = 'refused') AS refused, countIf(outcome = 'failed') AS failed,
            groupUniqArray({AddressesShown})(address) AS addresses, toUnixTimestamp64Nano(max(time)) AS last
        FROM ledger WHERE {InRange} GROUP BY actor_kind, actor ORDER BY acts DESC, actor LIMIT {"{limit:UInt32}"}
        """,
        [.. Range(tenant, range), EngineParameter.Int("limit", limit)],
        (block, row) => new ActiveActor(block["actor_kind"].GetString(row), block["actor"].GetString(row), block["acts"].GetInt64(row), block["reads"].GetInt64(row), block["refused"].GetInt64(row),
            block["failed"].GetInt64(row), [.. Texts(block["addresses"], row).Where(address => address.Length > 0).Order(StringComparer.Ordinal)], $"{block["last"].GetInt64(row)}"),
        cancel);

    /// <summary>What an actor did, the most frequent first.</summary>
    /// <param name="names">The actor's name, in every spelling it may have been written down in.</param>
    public Task<List<Activity>> Of(string tenant, TimeRange range, string[] names, int limit, CancellationToken cancel) => Read(
        $"""
        SELECT act, outcome, sum({Times}) AS count, toUnixTimestamp64Nano(min(time)) AS first, toUnixTimestamp64Nano(max(time)) AS last,
            arrayMap(r -> r.2, arraySlice(arrayReverseSort(groupUniqArray(1000)((time, subject))), 1, {ResourcesShown})) AS resources
        FROM ledger WHERE {InRange} AND actor IN {"{names:Array(String)}"} GROUP BY act, outcome ORDER BY count DESC, act LIMIT {"{limit:UInt32}"}
        """,
        [.. Range(tenant, range), EngineParameter.Strings("names", names), EngineParameter.Int("limit", limit)],
        (block, row) => new Activity(block["act"].GetString(row), block["outcome"].GetString(row), block["count"].GetInt64(row), block["first"].GetInt64(row), block["last"].GetInt64(row), [.. Texts(block["resources"], row).Distinct()]),
        cancel);

    private static IEnumerable<KeyValuePair<string, string>> Range(string tenant, TimeRange range) =>
        [EngineParameter.String("tenant", tenant), EngineParameter.UnixNanoseconds("since", range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", range.UntilUnixNano)];

    private static IEnumerable<string> Texts(BlockColumn list, int row)
    {
        Range range = list.GetRange(row);
        for (int i = range.Start.Value; i < range.End.Value; i++) yield return list.Values!.GetString(i);
    }

    /// <summary>Single acts in order of time, for rules that look at their order; an entry of repeats is one.</summary>
    public Task<List<SeenAct>> InOrder(string tenant, TimeRange range, IReadOnlyList<string> actions, int limit, CancellationToken cancel) => Read(
        $"""
        SELECT number, toUnixTimestamp64Nano(time) AS at, actor, address, outcome FROM ledger
        WHERE {InRange} AND arrayExists(p -> act LIKE p, {"{actions:Array(String)}"}) ORDER BY time, number LIMIT {"{limit:UInt32}"}
        """,
        [.. Range(tenant, range), EngineParameter.Strings("actions", actions), EngineParameter.Int("limit", limit)],
        (block, row) => new SeenAct(block["number"].GetInt64(row), block["at"].GetInt64(row), block["actor"].GetString(row), block["address"].GetString(row), block["outcome"].GetString(row)), cancel);

    /// <summary>How often each actor did something to each set of data, since when.</summary>
    public Task<List<DataSetAccess>> DataSets(string tenant, TimeRange range, IReadOnlyList<string> actions, int limit, CancellationToken cancel) => Read(
        $"""
        SELECT actor, concat(arrayStringConcat(arrayPopBack(splitByChar('.', toString(act))), '.'), ' ', multiIf(position(subject, '/') > 1, substring(subject, 1, position(subject, '/') - 1), actor_kind = '{EntryRedaction.External}', subject, '')) AS data_set,
            sum({Times}) AS count, toUnixTimestamp64Nano(min(time)) AS first, argMin(number, time) AS number, argMin(address, time) AS from
        FROM ledger WHERE {InRange} AND outcome = 'done' AND arrayExists(p -> act LIKE p, {"{actions:Array(String)}"}) GROUP BY actor, data_set ORDER BY first LIMIT {"{limit:UInt32}"}
        """,
        [.. Range(tenant, range), EngineParameter.Strings("actions", actions), EngineParameter.Int("limit", limit)],
        (block, row) => new DataSetAccess(block["actor"].GetString(row), block["data_set"].GetString(row).Trim(), block["count"].GetInt64(row), block["first"].GetInt64(row), block["number"].GetInt64(row), block["from"].GetString(row)), cancel);

    /// <summary>How often each actor did something in each stretch of time.</summary>
    public Task<List<Volume>> Volumes(string tenant, TimeRange range, IReadOnlyList<string> actions, int seconds, int limit, CancellationToken cancel) => Read(
        $"""
        SELECT actor, toInt64(intDiv(toUnixTimestamp(time), {"{seconds:UInt32}"}) * {"{seconds:UInt32}"}) AS begin, sum({Times}) AS count, max(number) AS number, any(address) AS from
        FROM ledger WHERE {InRange} AND arrayExists(p -> act LIKE p, {"{actions:Array(String)}"}) GROUP BY actor, begin ORDER BY begin LIMIT {"{limit:UInt32}"}
        """,
        [.. Range(tenant, range), EngineParameter.Strings("actions", actions), EngineParameter.Int("seconds", seconds), EngineParameter.Int("limit", limit)],
        (block, row) => new Volume(block["actor"].GetString(row), block["begin"].GetInt64(row), block["count"].GetInt64(row), block["number"].GetInt64(row), block["from"].GetString(row)), cancel);

    private async Task<List<T>> Read<T>(string sql, IReadOnlyList<KeyValuePair<string, string>> parameters, Func<Block, int, T> row, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var rows = new List<T>();
        while (await reader.Read(cancel) is { } block)
            for (int i = 0; i < block.Rows; i++) rows.Add(row(block, i));
        return rows;
    }
}
