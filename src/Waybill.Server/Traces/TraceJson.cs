using System.Globalization;
using System.Text.Json;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Spans;

namespace Waybill.Traces;

/// <summary>Everything that the answer of <c>GET /api/traces/{id}</c> says.</summary>
public sealed record TraceAnswer(
    TraceId Id, StoredTrace Trace, IReadOnlyDictionary<ulong, Origin> Resources, IReadOnlyDictionary<ulong, Origin> Scopes, IReadOnlyList<Block> Logs, int LogLimit,
    IReadOnlyList<PartialReason> Reasons, bool Skeleton);

/// <summary>
/// Writes a trace as JSON, span by span in the order of a waterfall. Times are decimal strings of nanoseconds since 1970 (they pass 2^53);
/// durations are numbers of nanoseconds. Fields that say nothing are left out.
/// </summary>
public sealed class TraceJson(Utf8JsonWriter json, TraceAnswer answer)
{
    private static readonly string[] Kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];
    private static readonly string[] Statuses = ["unset", "ok", "error"];

    private readonly StoredTrace _trace = answer.Trace;
    private readonly Dictionary<int, ClockOffset> _offsets = answer.Trace.ClockOffsets.ToDictionary(offset => offset.Clock);

    /// <param name="flush">Called after each span, so that the caller can send what has piled up.</param>
    public async Task Write(Func<ValueTask> flush)
    {
        json.WriteStartObject();
        WriteSummary();
        WriteOrigins("resources"u8, answer.Resources.Values, isScope: false);
        if (!answer.Skeleton) WriteOrigins("scopes"u8, answer.Scopes.Values, isScope: true);
        json.WriteStartArray("spans"u8);
        foreach (int row in _trace.Tree.Order)
        {
            WriteSpan(row);
            await flush();
        }
        json.WriteEndArray();
        if (!answer.Skeleton)
        {
            json.WriteStartArray("logs"u8);
            int written = 0;
            foreach (Block block in answer.Logs)
                for (int row = 0; row < block.Rows && written < answer.LogLimit; row++, written++)
                {
                    LogJson.Write(json, block, row);
                    await flush();
                }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private void WriteSummary()
    {
        json.WriteString("traceId"u8, answer.Id.ToString());
        json.WriteString("status"u8, answer.Reasons.Count == 0 ? "complete"u8 : "partial"u8);
        json.WriteStartArray("reasons"u8);
        foreach (PartialReason reason in answer.Reasons)
        {
            json.WriteStartObject();
            json.WriteString("reason"u8, reason.Reason);
            json.WriteString("detail"u8, reason.Detail);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        TraceTree tree = _trace.Tree;
        long start = long.MaxValue, end = long.MinValue;
        int errors = 0;
        var services = new SortedDictionary<string, (int Spans, int Errors)>(StringComparer.Ordinal);
        foreach (int row in tree.Order)
        {
            SpanNode node = _trace.Nodes[row];
            start = Math.Min(start, node.StartUnixNano);
            end = Math.Max(end, Math.Max(node.StartUnixNano, node.EndUnixNano));
            (Block block, int at) = _trace[row];
            bool isError = block["status"].GetInt64(at) == (int)SpanStatus.Error;
            if (isError) errors++;
            string service = block["service"].GetString(at);
            services.TryGetValue(service, out var count);
            services[service] = (count.Spans + 1, count.Errors + (isError ? 1 : 0));
        }
        if (tree.Root >= 0)
        {
            (Block block, int at) = _trace[tree.Root];
            json.WriteStartObject("root"u8);
            json.WriteString("service"u8, block["service"].GetBytes(at));
            json.WriteString("name"u8, block["name"].GetBytes(at));
            json.WriteString("spanId"u8, _trace.Nodes[tree.Root].Id.ToString());
            json.WriteEndObject();
            WriteTime("startUnixNano"u8, start);
            json.WriteNumber("durationNano"u8, end - start);
        }
        json.WriteNumber("spanCount"u8, tree.Order.Length);
        json.WriteNumber("errorCount"u8, errors);
        json.WriteNumber("orphanCount"u8, tree.Orphans);
        json.WriteNumber("duplicateCount"u8, tree.Duplicates);
        json.WriteStartArray("services"u8);
        foreach ((string name, (int spans, int serviceErrors)) in services)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteNumber("spanCount"u8, spans);
            json.WriteNumber("errorCount"u8, serviceErrors);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteOrigins(ReadOnlySpan<byte> name, IEnumerable<Origin> origins, bool isScope)
    {
        json.WriteStartObject(name);
        foreach (Origin origin in origins)
        {
            json.WriteStartObject(Id(origin.Id));
            json.WriteString(isScope ? "name"u8 : "service"u8, origin.Name);
            if (origin.Version.Length > 0) json.WriteString("version"u8, origin.Version);
            if (origin.SchemaUrl.Length > 0) json.WriteString("schemaUrl"u8, origin.SchemaUrl);
            if (origin.DroppedAttributes > 0) json.WriteNumber("droppedAttributes"u8, origin.DroppedAttributes);
            json.WritePropertyName("attributes"u8);
            json.WriteRawValue(origin.AttributesJson, skipInputValidation: true);
            if (!isScope && _trace.Clocks.TryGetValue(origin.Id, out int clock) && _offsets.TryGetValue(clock, out ClockOffset? offset))
            {
                json.WriteStartObject("clockSkew"u8);
                json.WriteNumber("offsetNano"u8, offset.OffsetNano);
                json.WriteNumber("uncertaintyNano"u8, offset.UncertaintyNano);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private void WriteSpan(int row)
    {
        SpanNode node = _trace.Nodes[row];
        (Block block, int at) = _trace[row];
        json.WriteStartObject();
        json.WriteString("spanId"u8, node.Id.ToString());
        if (!node.ParentId.IsZero) json.WriteString("parentSpanId"u8, node.ParentId.ToString());
        json.WriteNumber("depth"u8, _trace.Tree.Depth[row]);
        SpanPlace place = _trace.Tree.Place[row];
        if (place.HasFlag(SpanPlace.Orphan)) json.WriteBoolean("orphan"u8, true);
        if (place.HasFlag(SpanPlace.Cycle)) json.WriteBoolean("cycle"u8, true);
        if (place.HasFlag(SpanPlace.SharedId)) json.WriteBoolean("sharedId"u8, true);
        if (row >= _trace.QuarantinedFrom) json.WriteBoolean("quarantined"u8, true);
        json.WriteString("service"u8, block["service"].GetBytes(at));
        json.WriteString("name"u8, block["name"].GetBytes(at));
        json.WriteString("kind"u8, Name(Kinds, node.Kind));
        WriteTime("startUnixNano"u8, node.StartUnixNano);
        json.WriteNumber("durationNano"u8, node.DurationNano);
        json.WriteString("status"u8, Name(Statuses, block["status"].GetInt64(at)));
        json.WriteString("resource"u8, Id(block["resource_id"].GetUInt64(at)));
        if (!answer.Skeleton) WriteDetails(block, at);
        json.WriteEndObject();
    }

    private void WriteDetails(Block block, int at)
    {
        WriteText("statusMessage"u8, block["status_message"].GetBytes(at));
        WriteText("traceState"u8, block["trace_state"].GetBytes(at));
        json.WriteNumber("flags"u8, block["flags"].GetInt64(at));
        if (block["weight"].GetDouble(at) is not 1 and var weight) json.WriteNumber("weight"u8, weight);
        json.WriteString("scope"u8, Id(block["scope_id"].GetUInt64(at)));
        WriteDropped(block["dropped"].GetString(at));
        json.WritePropertyName("attributes"u8);
        StoredAttributes.WriteSpan(json, block, at);
        AttachmentsJson.WriteEvents(json, block["events"].GetBytes(at));
        AttachmentsJson.WriteLinks(json, block["links"].GetBytes(at));
    }

    private void WriteDropped(string dropped)
    {
        if (dropped.Length == 0) return;
        string[] counts = dropped.Split(',');
        WriteCount("droppedAttributes"u8, counts[0]);
        WriteCount("droppedEvents"u8, counts[1]);
        WriteCount("droppedLinks"u8, counts[2]);
    }

    private void WriteCount(ReadOnlySpan<byte> name, string count)
    {
        if (count != "0") json.WriteNumber(name, uint.Parse(count, CultureInfo.InvariantCulture));
    }

    private void WriteText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty) json.WriteString(name, value);
    }

    private void WriteTime(ReadOnlySpan<byte> name, long unixNano) => json.WriteString(name, ((ulong)unixNano).ToString(CultureInfo.InvariantCulture));

    /// <summary>Names of resources and scopes within the answer: 16 hexadecimal digits.</summary>
    internal static string Id(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private static string Name(string[] names, long number) => number >= 0 && number < names.Length ? names[number] : number.ToString(CultureInfo.InvariantCulture);
}
