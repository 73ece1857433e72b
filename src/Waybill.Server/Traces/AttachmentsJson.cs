using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Waybill.Traces;

/// <summary>Writes a span's events and links from the JSON they are stored as (see Waybill.Spans.AttachmentJson), with attributes of their own types.</summary>
internal static class AttachmentsJson
{
    public static void WriteEvents(Utf8JsonWriter json, ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return;
        using JsonDocument document = Parse(stored);
        json.WriteStartArray("events"u8);
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            json.WriteStartObject();
            json.WriteString("timeUnixNano"u8, item.GetProperty("time"u8).GetRawText());
            json.WriteString("name"u8, item.TryGetProperty("name"u8, out JsonElement name) ? name.GetString() : "");
            WriteAttributes(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void WriteLinks(Utf8JsonWriter json, ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return;
        using JsonDocument document = Parse(stored);
        json.WriteStartArray("links"u8);
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            json.WriteStartObject();
            json.WriteString("traceId"u8, item.GetProperty("trace"u8).GetString());
            json.WriteString("spanId"u8, item.GetProperty("span"u8).GetString());
            if (item.TryGetProperty("state"u8, out JsonElement state)) json.WriteString("traceState"u8, state.GetString());
            json.WriteNumber("flags"u8, item.TryGetProperty("flags"u8, out JsonElement flags) ? flags.GetUInt32() : 0);
            WriteAttributes(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteAttributes(Utf8JsonWriter json, JsonElement item)
    {
        json.WriteStartObject("attributes"u8);
        if (item.TryGetProperty("attributes"u8, out JsonElement attributes))
            foreach (JsonProperty attribute in attributes.EnumerateObject())
            {
                if (attribute.Name.Length < 2) continue;
                json.WritePropertyName(attribute.Name.AsSpan(2));
                StoredAttributes.WriteValue(json, (byte)attribute.Name[0], Encoding.UTF8.GetBytes(attribute.Value.GetString() ?? ""));
            }
        json.WriteEndObject();
        if (item.TryGetProperty("dropped"u8, out JsonElement dropped)) json.WriteNumber("droppedAttributes"u8, dropped.GetUInt32());
    }

    internal static JsonDocument Parse(ReadOnlySpan<byte> stored)
    {
        var reader = new Utf8JsonReader(stored);
        return JsonDocument.ParseValue(ref reader);
    }
}
