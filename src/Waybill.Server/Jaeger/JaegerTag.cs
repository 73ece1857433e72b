using System.Text;
using System.Text.Json;
using Waybill.Traces;

namespace Waybill.Jaeger;

/// <summary>Type and value of a tag. Lists and objects are texts of JSON, since Jaeger has no type for them.</summary>
internal static class JaegerTag
{
    public static void WriteValue(Utf8JsonWriter json, byte type, ReadOnlySpan<byte> text)
    {
        switch (type)
        {
            case (byte)'b': Write(json, "bool"u8, type, text); break;
            case (byte)'i': Write(json, "int64"u8, type, text); break;
            case (byte)'d' when text.ContainsAny("Ny"u8): Write(json, "float64"u8, (byte)'s', text); break;   // NaN and Infinity are no JSON
            case (byte)'d': Write(json, "float64"u8, type, text); break;
            case (byte)'x': Write(json, "binary"u8, (byte)'s', text); break;
            case (byte)'j': WriteJson(json, text); break;
            default: Write(json, "string"u8, (byte)'s', text); break;
        }
    }

    private static void WriteJson(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement value = document.RootElement;
        switch (value.ValueKind)
        {
            case JsonValueKind.String: Write(json, "string"u8, (byte)'s', Encoding.UTF8.GetBytes(value.GetString()!)); break;
            case JsonValueKind.True or JsonValueKind.False: Write(json, "bool"u8, (byte)'b', text); break;
            case JsonValueKind.Number: Write(json, text.ContainsAny(".eE"u8) ? "float64"u8 : "int64"u8, (byte)'j', text); break;
            case JsonValueKind.Object when value.TryGetProperty("$bytes"u8, out JsonElement bytes): Write(json, "binary"u8, (byte)'s', Encoding.UTF8.GetBytes(bytes.GetString()!)); break;
            case JsonValueKind.Object when value.TryGetProperty("$double"u8, out JsonElement real): Write(json, "float64"u8, (byte)'s', Encoding.UTF8.GetBytes(real.GetString()!)); break;
            default: Write(json, "string"u8, (byte)'s', text); break;
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> typeName, byte type, ReadOnlySpan<byte> text)
    {
        json.WriteString("type"u8, typeName);
        json.WritePropertyName("value"u8);
        StoredAttributes.WriteValue(json, type, text);
    }
}
