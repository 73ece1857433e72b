using System.Globalization;
using System.Text;
using System.Text.Json;
using Waybill.Blocks;
using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Jaeger;

/// <summary>
/// Writes a trace as Jaeger's UI reads it: spans with tags, logs and references, and the processes they ran in. What OpenTelemetry has as fields of a span
/// becomes tags, under the names Jaeger gives them. Times are microseconds.
/// </summary>
internal sealed class JaegerTraceJson
{
    private const int FlushBytes = 64 * 1024;
    private static readonly string[] Kinds = ["", "internal", "server", "client", "producer", "consumer"];

    private readonly Utf8JsonWriter _json;
    private readonly TraceAnswer _answer;
    private readonly AttributeReader _tag, _processTag;
    private readonly Dictionary<ulong, string> _processes = [];

    public JaegerTraceJson(Utf8JsonWriter json, TraceAnswer answer)
    {
        (_json, _answer) = (json, answer);
        _tag = WriteTag;
        _processTag = (key, type, text) =>
        {
            if (!key.SequenceEqual("service.name"u8)) WriteTag(key, type, text);
        };
    }

    public async Task Write(CancellationToken cancel)
    {
        string traceId = _answer.Id.ToString();
        _json.WriteStartObject();
        _json.WriteString("traceID"u8, traceId);
        _json.WriteStartArray("spans"u8);
        foreach (int row in _answer.Trace.Tree.Order)
        {
            WriteSpan(row, traceId);
            if (_json.BytesPending >= FlushBytes) await _json.FlushAsync(cancel);
        }
        _json.WriteEndArray();
        _json.WriteStartObject("processes"u8);
        foreach (var (resource, name) in _processes) WriteProcess(name, resource);
        _json.WriteEndObject();
        WriteWarnings([.. _answer.Reasons.Select(reason => reason.Detail)]);
        _json.WriteEndObject();
    }

    private void WriteSpan(int row, string traceId)
    {
        SpanNode node = _answer.Trace.Nodes[row];
        (Block block, int at) = _answer.Trace[row];
        _json.WriteStartObject();
        _json.WriteString("traceID"u8, traceId);
        _json.WriteString("spanID"u8, node.Id.ToString());
        _json.WriteNumber("flags"u8, block["flags"].GetInt64(at) & 0xFF);
        _json.WriteString("operationName"u8, block["name"].GetBytes(at));
        _json.WriteStartArray("references"u8);
        if (!node.ParentId.IsZero) WriteReference("CHILD_OF"u8, traceId, node.ParentId.ToString());
        WriteLinks(block["links"].GetBytes(at));
        _json.WriteEndArray();
        _json.WriteNumber("startTime"u8, (ulong)node.StartUnixNano / 1_000);
        _json.WriteNumber("duration"u8, Math.Max(0, node.DurationNano) / 1_000);
        _json.WriteStartArray("tags"u8);
        StoredAttributes.ReadSpan(block, at, _tag);
        WriteFields(node, block, at);
        _json.WriteEndArray();
        WriteLogs(block["events"].GetBytes(at));
        _json.WriteString("processID"u8, ProcessOf(block["resource_id"].GetUInt64(at)));
        WriteWarnings(WarningsOf(row, node));
        _json.WriteEndObject();
    }

    /// <summary>Fields of an OpenTelemetry span that are tags to Jaeger.</summary>
    private void WriteFields(SpanNode node, Block block, int at)
    {
        if (node.Kind > 0 && node.Kind < Kinds.Length) WriteText("span.kind"u8, Encoding.UTF8.GetBytes(Kinds[node.Kind]));
        long status = block["status"].GetInt64(at);
        if (status == (int)SpanStatus.Error) WriteTag("error"u8, (byte)'b', "true"u8);
        if (status == (int)SpanStatus.Ok) WriteText("otel.status_code"u8, "OK"u8);
        WriteText("otel.status_description"u8, block["status_message"].GetBytes(at));
        WriteText("w3c.tracestate"u8, block["trace_state"].GetBytes(at));
        if (_answer.Scopes.GetValueOrDefault(block["scope_id"].GetUInt64(at)) is not { } scope) return;
        WriteText("otel.scope.name"u8, Encoding.UTF8.GetBytes(scope.Name));
        WriteText("otel.scope.version"u8, Encoding.UTF8.GetBytes(scope.Version));
    }

    private List<string> WarningsOf(int row, SpanNode node)
    {
        var warnings = new List<string>();
        SpanPlace place = _answer.Trace.Tree.Place[row];
        if (place.HasFlag(SpanPlace.Orphan)) warnings.Add($"Its parent {node.ParentId} was not received.");
        if (place.HasFlag(SpanPlace.Cycle)) warnings.Add("Its parents lead back to itself.");
        if (place.HasFlag(SpanPlace.SharedId)) warnings.Add("Another span of the trace has the same id.");
        if (row >= _answer.Trace.QuarantinedFrom) warnings.Add("Its times cannot be right.");
        if (node.DurationNano < 0) warnings.Add($"It ended {(-(decimal)node.DurationNano).ToString(CultureInfo.InvariantCulture)} ns before it began.");
        return warnings;
    }

    private string ProcessOf(ulong resource)
    {
        if (!_processes.TryGetValue(resource, out string? name)) _processes[resource] = name = $"p{_processes.Count + 1}";
        return name;
    }

    private void WriteProcess(string name, ulong resource)
    {
        _json.WriteStartObject(name);
        Origin? origin = _answer.Resources.GetValueOrDefault(resource);
        _json.WriteString("serviceName"u8, origin?.Name ?? "");
        _json.WriteStartArray("tags"u8);
        if (origin is not null) StoredAttributes.ReadOrigin(origin, _processTag);
        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    private void WriteLogs(ReadOnlySpan<byte> stored)
    {
        _json.WriteStartArray("logs"u8);
        if (!stored.IsEmpty)
        {
            using JsonDocument document = AttachmentsJson.Parse(stored);
            foreach (JsonElement item in document.RootElement.EnumerateArray())
            {
                _json.WriteStartObject();
                _json.WriteNumber("timestamp"u8, item.GetProperty("time"u8).GetDecimal() is var time && time > 0 ? (ulong)(time / 1_000) : 0);
                _json.WriteStartArray("fields"u8);
                if (item.TryGetProperty("name"u8, out JsonElement name)) WriteText("event"u8, Encoding.UTF8.GetBytes(name.GetString() ?? ""));
                StoredAttributes.ReadAttached(item, _tag);
                _json.WriteEndArray();
                _json.WriteEndObject();
            }
        }
        _json.WriteEndArray();
    }

    private void WriteLinks(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return;
        using JsonDocument document = AttachmentsJson.Parse(stored);
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            // The OpenTracing bridges write down what a link was to them.
            bool isParent = item.TryGetProperty("attributes"u8, out JsonElement attributes) && attributes.TryGetProperty("s:opentracing.ref_type"u8, out JsonElement kind) && kind.ValueEquals("child_of"u8);
            WriteReference(isParent ? "CHILD_OF"u8 : "FOLLOWS_FROM"u8, item.GetProperty("trace"u8).GetString()!, item.GetProperty("span"u8).GetString()!);
        }
    }

    private void WriteReference(ReadOnlySpan<byte> kind, string traceId, string spanId)
    {
        _json.WriteStartObject();
        _json.WriteString("refType"u8, kind);
        _json.WriteString("traceID"u8, traceId);
        _json.WriteString("spanID"u8, spanId);
        _json.WriteEndObject();
    }

    private void WriteText(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty) WriteTag(key, (byte)'s', text);
    }

    private void WriteTag(ReadOnlySpan<byte> key, byte type, ReadOnlySpan<byte> text)
    {
        _json.WriteStartObject();
        _json.WriteString("key"u8, key);
        JaegerTag.WriteValue(_json, type, text);
        _json.WriteEndObject();
    }

    private void WriteWarnings(List<string> warnings)
    {
        if (warnings.Count == 0)
        {
            _json.WriteNull("warnings"u8);
            return;
        }
        _json.WriteStartArray("warnings"u8);
        foreach (string warning in warnings) _json.WriteStringValue(warning);
        _json.WriteEndArray();
    }
}
