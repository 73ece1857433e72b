using System.Text.Json;
using Waybill.Blocks;
using Waybill.Ingest;

namespace Waybill.Traces;

/// <summary>Writes OTLP's ResourceSpans as protobuf. Every level has a buffer of its own that is used again, so a trace costs the bytes of its largest group.</summary>
internal sealed class ResourceSpansProtobuf
{
    private readonly TraceAnswer _answer;
    private readonly ProtobufWriter _resourceSpans = new(), _scopeSpans = new(), _origin = new(), _span = new(), _attached = new(), _attribute = new(), _value = new();
    private readonly AttributeReader _ofOrigin, _ofSpan, _ofEvent, _ofLink;
    private int _originField;

    public ResourceSpansProtobuf(TraceAnswer answer)
    {
        _answer = answer;
        _ofOrigin = (key, type, text) => WriteAttribute(_origin, _originField, key, type, text);
        _ofSpan = (key, type, text) => WriteAttribute(_span, 9, key, type, text);
        _ofEvent = (key, type, text) => WriteAttribute(_attached, 3, key, type, text);
        _ofLink = (key, type, text) => WriteAttribute(_attached, 4, key, type, text);
    }

    /// <summary>The message; valid until the next one.</summary>
    public ProtobufWriter Write(ResourceSpans group)
    {
        _resourceSpans.Clear();
        if (group.Resource is { } resource) _resourceSpans.Message(1, Resource(resource));
        _scopeSpans.Clear();
        if (group.Scope is { } scope) _scopeSpans.Message(1, Scope(scope));
        foreach (int row in group.Rows) _scopeSpans.Message(2, Span(row));
        _scopeSpans.String(3, group.Scope?.SchemaUrl ?? "");
        return _resourceSpans.Message(2, _scopeSpans).String(3, group.Resource?.SchemaUrl ?? "");
    }

    private ProtobufWriter Resource(Origin resource)
    {
        _origin.Clear();
        _originField = 1;
        StoredAttributes.ReadOrigin(resource, _ofOrigin);
        return _origin.Int(2, resource.DroppedAttributes);
    }

    private ProtobufWriter Scope(Origin scope)
    {
        _origin.Clear().String(1, scope.Name).String(2, scope.Version);
        _originField = 3;
        StoredAttributes.ReadOrigin(scope, _ofOrigin);
        return _origin.Int(4, scope.DroppedAttributes);
    }

    private ProtobufWriter Span(int row)
    {
        SpanNode node = _answer.Trace.Nodes[row];
        (Block block, int at) = _answer.Trace[row];
        DroppedCounts dropped = DroppedCounts.Of(block, at);
        Span<byte> id = stackalloc byte[16];
        _answer.Id.CopyTo(id);
        _span.Clear().Bytes(1, id);
        node.Id.CopyTo(id);
        _span.Bytes(2, id[..8]);
        WriteText(_span, 3, block["trace_state"].GetBytes(at));
        node.ParentId.CopyTo(id);
        if (!node.ParentId.IsZero) _span.Bytes(4, id[..8]);
        WriteText(_span, 5, block["name"].GetBytes(at));
        _span.Int(6, node.Kind).Fixed64(7, (ulong)node.StartUnixNano).Fixed64(8, (ulong)node.EndUnixNano);
        StoredAttributes.ReadSpan(block, at, _ofSpan);
        _span.Int(10, dropped.Attributes);
        WriteEvents(block["events"].GetBytes(at));
        _span.Int(12, dropped.Events);
        WriteLinks(block["links"].GetBytes(at));
        _span.Int(14, dropped.Links);
        WriteStatus(block["status"].GetInt64(at), block["status_message"].GetBytes(at));
        if (block["flags"].GetInt64(at) is not 0 and var flags) _span.Fixed32(16, (uint)flags);
        return _span;
    }

    private void WriteEvents(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return;
        using JsonDocument document = AttachmentsJson.Parse(stored);
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            _attached.Clear().Fixed64(1, Time(item)).String(2, Text(item, "name"));
            StoredAttributes.ReadAttached(item, _ofEvent);
            _span.Message(11, _attached.Int(4, Count(item, "dropped")));
        }
    }

    private void WriteLinks(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return;
        using JsonDocument document = AttachmentsJson.Parse(stored);
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            _attached.Clear().Bytes(1, Convert.FromHexString(Text(item, "trace"))).Bytes(2, Convert.FromHexString(Text(item, "span"))).String(3, Text(item, "state"));
            StoredAttributes.ReadAttached(item, _ofLink);
            _attached.Int(5, Count(item, "dropped"));
            if (Count(item, "flags") is not 0 and var flags) _attached.Fixed32(6, flags);
            _span.Message(13, _attached);
        }
    }

    private void WriteStatus(long code, ReadOnlySpan<byte> message)
    {
        _attached.Clear();
        WriteText(_attached, 2, message);
        _span.Message(15, _attached.Int(3, code));
    }

    private void WriteAttribute(ProtobufWriter to, int field, ReadOnlySpan<byte> key, byte type, ReadOnlySpan<byte> text)
    {
        AnyValueProtobuf.Write(_value.Clear(), type, text);
        to.Message(field, _attribute.Clear().Bytes(1, key).Message(2, _value));
    }

    private static void WriteText(ProtobufWriter to, int field, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty) to.Bytes(field, text);
    }

    // Stored as the signed number of the column; a sender may have sent more.
    private static ulong Time(JsonElement item) => item.GetProperty("time"u8) is var time && time.TryGetUInt64(out ulong nano) ? nano : (ulong)time.GetInt64();

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";

    private static uint Count(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.GetUInt32() : 0;
}
