using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Waybill.Attributes;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Spans;

/// <summary>
/// Events and links of a span as the JSON text that their columns hold; '' for none. Reused.
/// <code>
/// events: [{"time":1732274542123456789,"name":"exception","attributes":{"s:exception.type":"Timeout"},"dropped":0}]
/// links:  [{"trace":"0af7...","span":"b7ad...","state":"","flags":257,"attributes":{},"dropped":0}]
/// </code>
/// Members that are empty or zero are left out. Attribute keys carry their value's type letter and values are text, as in the attributes column.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Over a buffer the writer holds nothing to dispose of.")]
public sealed class AttachmentJson
{
    private static readonly JsonWriterOptions Relaxed = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ByteBuffer _json = new(1024), _value = new(256);
    private readonly Utf8JsonWriter _writer;

    public AttachmentJson() => _writer = new Utf8JsonWriter(_json, Relaxed);

    /// <summary>The JSON of a range of the batch's events; valid until the next call.</summary>
    public ReadOnlySpan<byte> Events(SpanBatch batch, Range range)
    {
        if (range.Start.Value == range.End.Value) return default;
        Begin();
        EventColumns events = batch.Events;
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            _writer.WriteStartObject();
            _writer.WriteNumber("time"u8, events.TimeUnixNano[i]);
            if (!events.Name[i].IsEmpty) _writer.WriteString("name"u8, batch.Text[events.Name[i]]);
            WriteAttributes(batch.Text, events.Attributes, events.AttributesOf(i));
            if (events.DroppedAttributes[i] != 0) _writer.WriteNumber("dropped"u8, events.DroppedAttributes[i]);
            _writer.WriteEndObject();
        }
        return End();
    }

    /// <summary>The JSON of a range of the batch's links; valid until the next call.</summary>
    public ReadOnlySpan<byte> Links(SpanBatch batch, Range range)
    {
        if (range.Start.Value == range.End.Value) return default;
        Begin();
        LinkColumns links = batch.Links;
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            _writer.WriteStartObject();
            _writer.WriteString("trace"u8, links.TraceId[i].ToString());
            _writer.WriteString("span"u8, links.SpanId[i].ToString());
            if (!links.TraceState[i].IsEmpty) _writer.WriteString("state"u8, batch.Text[links.TraceState[i]]);
            if (links.Flags[i] != 0) _writer.WriteNumber("flags"u8, links.Flags[i]);
            WriteAttributes(batch.Text, links.Attributes, links.AttributesOf(i));
            if (links.DroppedAttributes[i] != 0) _writer.WriteNumber("dropped"u8, links.DroppedAttributes[i]);
            _writer.WriteEndObject();
        }
        return End();
    }

    private void WriteAttributes(TextArena text, AttributeColumns attributes, Range range)
    {
        if (range.Start.Value == range.End.Value) return;
        _writer.WriteStartObject("attributes"u8);
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            ReadOnlySpan<byte> key = text[attributes.Key[i]];
            AnyValue value = attributes.Value[i];
            _value.Clear();
            _value.WriteByte(value.TypeCode);
            _value.WriteByte((byte)':');
            _value.Write(key);
            _writer.WritePropertyName(_value.Span);
            if (value.HasText)
            {
                _writer.WriteStringValue(text[value.Text]);
                continue;
            }
            _value.Clear();
            ValueText.WriteBytes(_value, text, value);
            _writer.WriteStringValue(_value.Span);
        }
        _writer.WriteEndObject();
    }

    private void Begin()
    {
        _json.Clear();
        _writer.Reset(_json);
        _writer.WriteStartArray();
    }

    private ReadOnlySpan<byte> End()
    {
        _writer.WriteEndArray();
        _writer.Flush();
        return _json.Span;
    }
}
