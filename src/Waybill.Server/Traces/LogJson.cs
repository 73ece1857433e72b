using System.Globalization;
using System.Text.Json;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Traces;

/// <summary>Writes one stored log record as JSON.</summary>
internal static class LogJson
{
    /// <summary>As a part of its trace.</summary>
    public static void Write(Utf8JsonWriter json, Block block, int row)
    {
        json.WriteStartObject();
        WriteTime(json, "timeUnixNano"u8, block["happened"].GetInt64(row));
        WriteFields(json, block, row);
        json.WriteString("resource"u8, TraceJson.Id(block["resource_id"].GetUInt64(row)));
        json.WriteString("scope"u8, TraceJson.Id(block["scope_id"].GetUInt64(row)));
        json.WriteEndObject();
    }

    /// <summary>What a record says by itself, without its first time, its trace and its origin.</summary>
    public static void WriteFields(Utf8JsonWriter json, Block block, int row)
    {
        WriteTime(json, "observedUnixNano"u8, block["observed"].GetInt64(row));
        json.WriteString("service"u8, block["service"].GetBytes(row));
        json.WriteNumber("severity"u8, block["severity"].GetInt64(row));
        WriteText(json, "severityText"u8, block["severity_text"].GetBytes(row));
        WriteText(json, "eventName"u8, block["event_name"].GetBytes(row));
        json.WritePropertyName("body"u8);
        StoredAttributes.WriteValue(json, (byte)block["body_type"].GetInt64(row), block["body"].GetBytes(row));
        var span = new SpanId(block["span_id"].GetBytes(row));
        if (!span.IsZero) json.WriteString("spanId"u8, span.ToString());
        json.WriteNumber("flags"u8, block["flags"].GetInt64(row));
        if (block["dropped"].GetInt64(row) is > 0 and var dropped) json.WriteNumber("droppedAttributes"u8, dropped);
        json.WritePropertyName("attributes"u8);
        StoredAttributes.WriteMap(json, block["attributes"], row);
    }

    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, long unixNano) =>
        json.WriteString(name, ((ulong)unixNano).ToString(CultureInfo.InvariantCulture));

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty) json.WriteString(name, value);
    }
}
