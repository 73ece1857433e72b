using System.Globalization;
using System.Text.Json;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Otlp;

namespace Waybill.Traces;

/// <summary>How ids and enumerations stand in JSON.</summary>
internal enum OtlpForm : byte
{
    /// <summary>As OTLP/JSON: ids in hexadecimal digits, enumerations by number.</summary>
    Otlp,
    /// <summary>As the mapping of protobuf to JSON, which Tempo answers: ids in base64, enumerations by name.</summary>
    Protobuf,
}

/// <summary>Writes OTLP's ResourceSpans as JSON. 64-bit numbers are strings, and what says nothing is left out.</summary>
internal sealed class ResourceSpansJson
{
    private const int FlushBytes = 64 * 1024;
    private static readonly string[] Kinds = ["SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"];
    private static readonly string[] Statuses = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

    private readonly Utf8JsonWriter _json;
    private readonly TraceAnswer _answer;
    private readonly OtlpForm _form;
    private readonly AttributeReader _attribute;
    private readonly string _traceId;

    public ResourceSpansJson(Utf8JsonWriter json, TraceAnswer answer, OtlpForm form)
    {
        (_json, _answer, _form) = (json, answer, form);
        _attribute = WriteAttribute;
        Span<byte> id = stackalloc byte[TraceId.Size];
        answer.Id.CopyTo(id);
        _traceId = IdText(id);
    }

    /// <summary>Writes all groups, as elements of an array, and sends what has piled up.</summary>
    public async Task WriteAll(CancellationToken cancel)
    {
        foreach (ResourceSpans group in ResourceSpans.Of(_answer))
        {
            Write(group);
            if (_json.BytesPending >= FlushBytes) await _json.FlushAsync(cancel);
        }
    }

    private void Write(ResourceSpans group)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("resource"u8);
        if (group.Resource is { } resource) WriteOrigin(resource);
        _json.WriteEndObject();
        _json.WriteStartArray("scopeSpans"u8);
        _json.WriteStartObject();
        _json.WriteStartObject("scope"u8);
        if (group.Scope is { } scope)
        {
            WriteText("name"u8, scope.Name);
            WriteText("version"u8, scope.Version);
            WriteOrigin(scope);
        }
        _json.WriteEndObject();
        _json.WriteStartArray("spans"u8);
        foreach (int row in group.Rows) WriteSpan(row);
        _json.WriteEndArray();
        WriteText("schemaUrl"u8, group.Scope?.SchemaUrl ?? "");
        _json.WriteEndObject();
        _json.WriteEndArray();
        WriteText("schemaUrl"u8, group.Resource?.SchemaUrl ?? "");
        _json.WriteEndObject();
    }

    private void WriteOrigin(Origin origin)
    {
        _json.WriteStartArray("attributes"u8);
        StoredAttributes.ReadOrigin(origin, _attribute);
        _json.WriteEndArray();
        WriteCount("droppedAttributesCount"u8, (uint)origin.DroppedAttributes);
    }

    private void WriteSpan(int row)
    {
        SpanNode node = _answer.Trace.Nodes[row];
        (Block block, int at) = _answer.Trace[row];
        DroppedCounts dropped = DroppedCounts.Of(block, at);
        _json.WriteStartObject();
        _json.WriteString("traceId"u8, _traceId);
        _json.WriteString("spanId"u8, IdText(node.Id));
        if (!node.ParentId.IsZero) _json.WriteString("parentSpanId"u8, IdText(node.ParentId));
        WriteText("traceState"u8, block["trace_state"].GetBytes(at));
        WriteCount("flags"u8, (uint)block["flags"].GetInt64(at));
        _json.WriteString("name"u8, block["name"].GetBytes(at));
        WriteEnum("kind"u8, node.Kind, Kinds);
        WriteTime("startTimeUnixNano"u8, (ulong)node.StartUnixNano);
        WriteTime("endTimeUnixNano"u8, (ulong)node.EndUnixNano);
        _json.WriteStartArray("attributes"u8);
        StoredAttributes.ReadSpan(block, at, _attribute);
        _json.WriteEndArray();
        WriteCount("droppedAttributesCount"u8, dropped.Attributes);
        WriteEvents(block["events"].GetBytes(at));
        WriteCount("droppedEventsCount"u8, dropped.Events);
        WriteLinks(block["links"].GetBytes(at));
        WriteCount("droppedLinksCount"u8, dropped.Links);
        _json.WriteStartObject("status"u8);
        WriteText("message"u8, block["status_message"].GetBytes(at));
        WriteEnum("code"u8, block["status"].GetInt64(at), Statuses);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void WriteEvents(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return;
        using JsonDocument document = AttachmentsJson.Parse(stored);
        _json.WriteStartArray("events"u8);
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            _json.WriteStartObject();
            _json.WriteString("timeUnixNano"u8, item.GetProperty("time"u8).GetRawText());
            if (item.TryGetProperty("name"u8, out JsonElement name)) _json.WriteString("name"u8, name.GetString());
            WriteAttached(item);
        }
        _json.WriteEndArray();
    }

    private void WriteLinks(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return;
        using JsonDocument document = AttachmentsJson.Parse(stored);
        _json.WriteStartArray("links"u8);
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            _json.WriteStartObject();
            _json.WriteString("traceId"u8, IdText(Convert.FromHexString(item.GetProperty("trace"u8).GetString()!)));
            _json.WriteString("spanId"u8, IdText(Convert.FromHexString(item.GetProperty("span"u8).GetString()!)));
            if (item.TryGetProperty("state"u8, out JsonElement state)) _json.WriteString("traceState"u8, state.GetString());
            if (item.TryGetProperty("flags"u8, out JsonElement flags)) WriteCount("flags"u8, flags.GetUInt32());
            WriteAttached(item);
        }
        _json.WriteEndArray();
    }

    private void WriteAttached(JsonElement item)
    {
        _json.WriteStartArray("attributes"u8);
        StoredAttributes.ReadAttached(item, _attribute);
        _json.WriteEndArray();
        if (item.TryGetProperty("dropped"u8, out JsonElement dropped)) WriteCount("droppedAttributesCount"u8, dropped.GetUInt32());
        _json.WriteEndObject();
    }

    private void WriteAttribute(ReadOnlySpan<byte> key, byte type, ReadOnlySpan<byte> text)
    {
        _json.WriteStartObject();
        _json.WriteString("key"u8, key);
        _json.WritePropertyName("value"u8);
        AnyValue value = type switch
        {
            (byte)'b' => AnyValue.Of(text.SequenceEqual("true"u8)),
            (byte)'i' => AnyValue.Of(long.Parse(text, provider: CultureInfo.InvariantCulture)),
            (byte)'d' => AnyValue.Of(double.Parse(text, provider: CultureInfo.InvariantCulture)),
            (byte)'x' => AnyValue.Bytes(default),
            (byte)'j' => AnyValue.Json(default),
            (byte)'n' => AnyValue.Empty,
            _ => AnyValue.String(default),
        };
        NestedValue.WriteOtlpJson(_json, value, text);
        _json.WriteEndObject();
    }

    private string IdText(SpanId id)
    {
        Span<byte> bytes = stackalloc byte[SpanId.Size];
        id.CopyTo(bytes);
        return IdText(bytes);
    }

    private string IdText(ReadOnlySpan<byte> id) => _form == OtlpForm.Protobuf ? Convert.ToBase64String(id) : Convert.ToHexStringLower(id);

    private void WriteEnum(ReadOnlySpan<byte> name, long value, string[] names)
    {
        if (value == 0) return;
        if (_form == OtlpForm.Protobuf && value > 0 && value < names.Length) _json.WriteString(name, names[value]);
        else _json.WriteNumber(name, value);
    }

    private void WriteTime(ReadOnlySpan<byte> name, ulong unixNano) => _json.WriteString(name, unixNano.ToString(CultureInfo.InvariantCulture));

    private void WriteCount(ReadOnlySpan<byte> name, uint count)
    {
        if (count != 0) _json.WriteNumber(name, count);
    }

    private void WriteText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty) _json.WriteString(name, text);
    }

    private void WriteText(ReadOnlySpan<byte> name, string text)
    {
        if (text.Length > 0) _json.WriteString(name, text);
    }
}
