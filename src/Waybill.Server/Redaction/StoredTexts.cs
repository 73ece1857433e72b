using System.Globalization;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Web;

namespace Waybill.Redaction;

/// <summary>One stored text.</summary>
/// <param name="Item">Number of its row within the table's sample.</param>
/// <param name="Key">The attribute's key, or the column's name.</param>
public readonly record struct StoredText(string Table, int Item, string Service, RedactedSignal Signal, Carrier Carrier, string Key, string Text);

/// <summary>Reads the texts of the newest rows of every table that keeps what senders said. Bounded by rows and by the engine's limits.</summary>
public sealed class StoredTexts(EngineClient engine)
{
    private sealed record Table(string Name, RedactedSignal Signal, string Time, string NewestFirst, Carrier Attributes = Carrier.Text);

    private static readonly Table[] Tables =
    [
        new("spans", RedactedSignal.Traces, "start", "toStartOfMinute(start)", Carrier.SpanAttribute),
        new("logs", RedactedSignal.Logs, "time", "toStartOfMinute(time)", Carrier.LogAttribute),
        new("resources", RedactedSignal.Traces, "last_seen", "last_seen", Carrier.ResourceAttribute),
        new("scopes", RedactedSignal.Traces, "last_seen", "last_seen", Carrier.ScopeAttribute),
        new("metric_series", RedactedSignal.Metrics, "last_seen", "last_seen", Carrier.PointAttribute),
        new("metric_exemplars", RedactedSignal.Metrics, "point_time", "point_time", Carrier.ExemplarAttribute),
        new("spans_quarantine", RedactedSignal.Traces, "received", "received", Carrier.SpanAttribute),
        new("logs_quarantine", RedactedSignal.Logs, "received", "received", Carrier.LogAttribute),
        new("changes", RedactedSignal.Changes, "received", "received"),
    ];

    private static readonly Dictionary<string, Carrier> Columns = new(StringComparer.Ordinal)
    {
        ["spans.name"] = Carrier.SpanName, ["spans.status_message"] = Carrier.SpanStatusMessage, ["spans.trace_state"] = Carrier.SpanTraceState, ["spans.events"] = Carrier.EventAttribute,
        ["spans.links"] = Carrier.LinkAttribute, ["logs.body"] = Carrier.LogBody, ["logs.severity_text"] = Carrier.LogSeverityText, ["logs.event_name"] = Carrier.LogEventName,
        ["scopes.name"] = Carrier.ScopeName, ["scopes.version"] = Carrier.ScopeVersion, ["metric_series.metric"] = Carrier.MetricName, ["metric_series.description"] = Carrier.MetricDescription,
        ["metric_series.unit"] = Carrier.MetricUnit, ["metric_series.metadata"] = Carrier.MetricMetadata,
    };

    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 15, ThreadsMax = 1, MemoryBytesMax = 200_000_000, ResultRowsMax = 100_000 };

    /// <summary>Calls <paramref name="each"/> for every text of at most <paramref name="rows"/> rows of each table.</summary>
    /// <returns>Rows read, and whether a table had more.</returns>
    public async Task<(long Items, bool More)> Read(string tenant, TimeRange range, int rows, Action<StoredText> each, CancellationToken cancel)
    {
        long items = 0;
        bool more = false;
        foreach (var table in Tables)
        {
            int read = await Read(table, tenant, range, rows, each, cancel);
            items += read;
            more |= read == rows;
        }
        return (items, more);
    }

    private async Task<int> Read(Table table, string tenant, TimeRange range, int rows, Action<StoredText> each, CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($$"""
            SELECT * FROM {{table.Name}}
            WHERE tenant = {tenant:String} AND toUnixTimestamp({{table.Time}}) >= {since:Int64} AND toUnixTimestamp({{table.Time}}) <= {until:Int64}
            ORDER BY {{table.NewestFirst}} DESC LIMIT {rows:UInt32}
            """,
            [
                EngineParameter.String("tenant", tenant), EngineParameter.Int("since", range.SinceUnixNano / 1_000_000_000), EngineParameter.Int("until", range.UntilUnixNano / 1_000_000_000 + 1),
                EngineParameter.Int("rows", rows),
            ], Settings, cancel);
        using var reader = new BlockReader(response.Body);
        int item = 0;
        while (await reader.Read(cancel) is { } block)
        {
            var service = block.Columns.FirstOrDefault(column => column.Name == "service");
            for (int row = 0; row < block.Rows; row++, item++)
                foreach (var column in block.Columns) Read(table, column, row, new StoredText(table.Name, item, service?.GetString(row) ?? "", table.Signal, Carrier.Text, "", ""), each);
        }
        return item;
    }

    private static void Read(Table table, BlockColumn column, int row, StoredText text, Action<StoredText> each)
    {
        if (column.Name == "tenant") return;
        bool isMap = column.Type.StartsWith("Map(", StringComparison.Ordinal) || column.Type.Contains(", Map(", StringComparison.Ordinal);
        text = text with { Carrier = Columns.GetValueOrDefault($"{table.Name}.{column.Name}", isMap ? table.Attributes : Carrier.Text), Key = column.Name };
        if (column.Keys is not null)
        {
            Range range = column.GetRange(row);
            for (int i = range.Start.Value; i < range.End.Value; i++)
            {
                string key = column.Keys.GetString(i);
                if (key.Length > 2 && key[1] == ':') key = key[2..];
                each(text with { Key = key, Text = column.Values!.GetString(i) });
            }
        }
        else if (column.Type.Contains("String", StringComparison.Ordinal) && !column.Type.Contains("FixedString", StringComparison.Ordinal) && !column.Type.StartsWith("Array", StringComparison.Ordinal))
        {
            if (column.GetBytes(row).Length > 0) each(text with { Text = column.GetString(row) });
        }
    }

    internal static string Nano(DateTimeOffset time) => (time.ToUnixTimeMilliseconds() * 1_000_000).ToString(CultureInfo.InvariantCulture);
}
