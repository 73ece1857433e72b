using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Waybill.Blocks;
using Waybill.Catalogs;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Changes;

/// <summary>Puts reports together to changes and reads them. Every method takes the tenant.</summary>
public sealed class ChangeTable(EngineClient engine, Catalog catalog)
{
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 10, ThreadsMax = 2 };

    // The latest report that says something wins, field by field; with the same time, the one that knows the end.
    private static readonly string Merged = string.Join(",\n  ", ChangeBlocks.Texts.Where(text => text.Column != "outcome")
        .Select(text => $"argMaxIf(`{text.Column}`, at, `{text.Column}` != '') AS m_{text.Column}"));

    /// <summary>A deployment seen in telemetry is the one that was reported when that began so long before it or after it: who rolls out slowly, or reports after the fact.</summary>
    private const string ReportedBefore = "60 * 60 * 1000000000", ReportedAfter = "30 * 60 * 1000000000";

    /// <summary>One row a change. {0} says which changes.</summary>
    private static readonly string Together = $$"""
        SELECT id, {{Merged}},
          multiIf(countIf(outcome NOT IN ('', 'running')) > 0, argMaxIf(outcome, at, outcome NOT IN ('', 'running')), countIf(outcome = 'running') > 0, 'running', 'unknown') AS m_outcome,
          minIf(toUnixTimestamp64Nano(started), toUnixTimestamp64Nano(started) > 0) AS said_start, maxIf(toUnixTimestamp64Nano(finished), toUnixTimestamp64Nano(finished) > 0) AS end_nano,
          multiIf(said_start > 0, said_start, end_nano > 0, end_nano, toUnixTimestamp64Nano(min(reported))) AS start_nano, argMax(attributes, (notEmpty(attributes), at)) AS m_attributes, toInt64(count()) AS reports, max(received) AS last_received
        FROM (SELECT *, (reported, outcome NOT IN ('', 'running'), received) AS at FROM changes WHERE tenant = {tenant:String} AND {0})
        GROUP BY id
        """;

    /// <summary>Changes whose time touches the range, newest first. Inferred ones that were reported too are left out.</summary>
    /// <param name="after">Where the page before ended; null for the first.</param>
    public async Task<ChangePage> Read(string tenant, TimeRange range, ChangeFilter filter, int limit, ChangeCursor? after, CancellationToken cancel)
    {
        var parameters = new List<KeyValuePair<string, string>>
        {
            EngineParameter.String("tenant", tenant), EngineParameter.Int("since", range.SinceUnixNano), EngineParameter.Int("until", range.UntilUnixNano), EngineParameter.Int("limit", limit + 1L),
        };
        string near = $"""
            id IN (SELECT id FROM changes WHERE tenant = {"{tenant:String}"} GROUP BY id
                   HAVING greatest(max({Nano("started")}), max({Nano("finished")}), max({Nano("reported")})) >= {"{since:Int64}"} - {ReportedBefore}
                      AND min(least({Nano("reported")}, if({Nano("started")} > 0, {Nano("started")}, {Nano("reported")}))) < {"{until:Int64}"} + {ReportedAfter})
            """;
        string sql = $$"""
            WITH together AS ({{Together.Replace("{0}", near, StringComparison.Ordinal)}})
            SELECT * FROM together AS change
            LEFT JOIN (SELECT m_service AS of_service, groupArray((m_version, m_commit, start_nano)) AS reported_ones FROM together
                       WHERE m_source != 'inferred' AND m_kind IN ('deployment', 'rollback') GROUP BY of_service) AS known
              ON change.m_service = known.of_service
            WHERE start_nano < {until:Int64} AND greatest(start_nano, end_nano) >= {since:Int64}
              AND NOT (m_source = 'inferred' AND m_kind IN ('deployment', 'rollback')
                       AND arrayExists(one -> one.3 >= start_nano - {{ReportedBefore}} AND one.3 <= start_nano + {{ReportedAfter}}
                                              AND (one.1 = m_version OR one.1 = '' AND (one.2 = m_commit OR one.2 = '' OR m_commit = '')), reported_ones))
              {{Conditions(filter, after, parameters)}}
            ORDER BY start_nano DESC, id DESC LIMIT {limit:UInt32}
            """;
        List<Change> changes = await Query(sql, parameters, cancel);
        if (changes.Count <= limit) return new ChangePage(changes, null);
        changes.RemoveAt(limit);
        return new ChangePage(changes, new ChangeCursor(changes[^1].StartedNano, UInt128.Parse(changes[^1].Id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
    }

    /// <summary>One change by its id of 32 hexadecimal digits, or by its sender's own name for it (the latest of that name).</summary>
    public async Task<Change?> Find(string tenant, string idOrKey, CancellationToken cancel)
    {
        bool isId = idOrKey.Length == 32 && UInt128.TryParse(idOrKey, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
        string which = isId ? "id = unhex({id:String})" : "id IN (SELECT id FROM changes WHERE tenant = {tenant:String} AND report_key = {id:String})";
        var found = await Query($"{Together.Replace("{0}", which, StringComparison.Ordinal)} ORDER BY start_nano DESC LIMIT 1",
            [EngineParameter.String("tenant", tenant), EngineParameter.String("id", idOrKey)], cancel);
        return found.FirstOrDefault();
    }

    private static string Nano(string column) => $"toUnixTimestamp64Nano({column})";

    internal static string Hex(UInt128 id) => id.ToString("x32", CultureInfo.InvariantCulture);

    private static string Conditions(ChangeFilter filter, ChangeCursor? after, List<KeyValuePair<string, string>> parameters)
    {
        var sql = new StringBuilder();
        if (filter.Services.Length > 0) Add("m_service IN {services:Array(String)}", EngineParameter.Strings("services", filter.Services));
        if (filter.Kinds.Length > 0) Add("m_kind IN {kinds:Array(String)}", EngineParameter.Strings("kinds", filter.Kinds));
        if (filter.Authors.Length > 0) Add("m_author IN {authors:Array(String)}", EngineParameter.Strings("authors", filter.Authors));
        if (filter.Environment is { } environment) Add("m_environment = {environment:String}", EngineParameter.String("environment", environment));
        if (filter.Version is { } version) Add("m_version = {version:String}", EngineParameter.String("version", version));
        if (filter.CommitPrefix is { } commit) Add("startsWith(m_commit, {commit:String})", EngineParameter.String("commit", commit));
        if (filter.Source is { } source) Add("m_source = {source:String}", EngineParameter.String("source", source));
        if (filter.Inferred is { } inferred) Add("(m_source = 'inferred') = {inferred:Bool}", EngineParameter.Bool("inferred", inferred));
        if (after is not null)
        {
            parameters.Add(EngineParameter.String("after_id", Hex(after.Id)));
            Add("(start_nano, id) < ({after:Int64}, toFixedString(unhex({after_id:String}), 16))", EngineParameter.Int("after", after.StartedNano));
        }
        return sql.ToString();

        void Add(string condition, KeyValuePair<string, string> parameter)
        {
            sql.Append("AND ").Append(condition).Append(' ');
            parameters.Add(parameter);
        }
    }

    private async Task<List<Change>> Query(string sql, IReadOnlyList<KeyValuePair<string, string>> parameters, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query(sql, parameters, Settings, cancel);
        using var reader = new BlockReader(response.Body);
        var changes = new List<Change>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++) changes.Add(ReadRow(block, row));
        return changes;
    }

    private Change ReadRow(Block block, int row)
    {
        string repository = Text("repository"), commit = Text("commit"), before = Text("before"), after = Text("after"), source = Text("source");
        var diff = ChangedPart.Between(before, after);
        long end = block["end_nano"].GetInt64(row);
        IReadOnlyList<ChangeLink> links = ChangeLink.Read(Text("links"));
        return new Change
        {
            Id = Hex(BinaryPrimitives.ReadUInt128BigEndian(block["id"].GetBytes(row))), Kind = Text("kind"), Type = Said("type"), Source = source, Key = Said("report_key"),
            Summary = Said("summary"), Service = Said("service"), Namespace = Said("namespace"), Instance = Said("instance"), Zone = Said("zone"), Subject = Said("subject"),
            Environment = Said("environment"), Version = Said("version"), PreviousVersion = Said("previous_version"), Commit = Said("commit"), PreviousCommit = Said("previous_commit"),
            Repository = Said("repository"), CommitUrl = SourceLinks.Commit(repository, commit), CompareUrl = SourceLinks.Compare(repository, Text("previous_commit"), commit),
            Artifact = Said("artifact"), Author = Said("author"), Owner = catalog.OwnerOf(Text("service"))?.Owner,
            Pipeline = Said("pipeline") is null && Said("pipeline_run") is null && Said("pipeline_url") is null ? null : new(Said("pipeline"), Said("pipeline_run"), Said("pipeline_url")),
            StartedNano = block["start_nano"].GetInt64(row), FinishedNano = end > 0 ? end : null, Outcome = Text("outcome"),
            Before = Said("before"), After = Said("after"), Diff = diff?.Differences, DiffTruncated = diff is { Truncated: true } ? true : null,
            Links = links.Count == 0 ? null : links, Attributes = Attributes(block["m_attributes"], row), TraceId = Said("trace_id"),
            Inferred = source == "inferred" ? true : null, Evidence = Said("evidence") is { } evidence ? JsonSerializer.Deserialize<string[]>(evidence) : null,
            ReportCount = (int)block["reports"].GetInt64(row), ReceivedUnixNano = $"{block["last_received"].GetInt64(row)}000000000",
        };

        string Text(string column) => block["m_" + column].GetString(row);
        string? Said(string column) => Text(column) is { Length: > 0 } text ? text : null;
    }

    private static Dictionary<string, string>? Attributes(BlockColumn map, int row)
    {
        Range range = map.GetRange(row);
        var attributes = new Dictionary<string, string>();
        for (int i = range.Start.Value; i < range.End.Value; i++) attributes[map.Keys!.GetString(i)] = map.Values!.GetString(i);
        return attributes.Count == 0 ? null : attributes;
    }
}
