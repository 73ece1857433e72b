using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Waybill.Blocks;
using Waybill.Spans;

namespace Waybill.Traces;

/// <summary>Takes one stored attribute: its name, the letter of its type, and its text.</summary>
internal delegate void AttributeReader(ReadOnlySpan<byte> key, byte type, ReadOnlySpan<byte> text);

/// <summary>
/// Writes stored attributes as JSON: names without their type letter, values as JSON of the same type. An int is a number without,
/// a double one with a fraction or exponent; bytes, NaN and infinities are <c>{"$bytes":"base64"}</c> and <c>{"$double":"NaN"}</c>.
/// </summary>
internal static class StoredAttributes
{
    private static readonly (string Column, byte[] Key)[] Promoted = [.. PromotedColumns.Strings.Select(promoted => (promoted.Column, Encoding.UTF8.GetBytes(promoted.Key)))];
    private static readonly byte[] StatusKey = Encoding.UTF8.GetBytes(PromotedColumns.StatusKey);

    /// <summary>Writes one row of a typed map as an object.</summary>
    public static void WriteMap(Utf8JsonWriter json, BlockColumn map, int row)
    {
        json.WriteStartObject();
        WriteMembers(json, map, row);
        json.WriteEndObject();
    }

    /// <summary>One row of a typed map as JSON text.</summary>
    public static byte[] ToJson(BlockColumn map, int row)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Relaxed)) WriteMap(json, map, row);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Stored text is UTF-8 and goes out as it is, escaped only where JSON must; it is data, never markup.</summary>
    public static readonly JsonWriterOptions Relaxed = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the attributes of a span: those of the map and those that have columns of their own.</summary>
    public static void WriteSpan(Utf8JsonWriter json, Block block, int row)
    {
        json.WriteStartObject();
        foreach (PromotedAttribute promoted in PromotedColumns.Strings)
        {
            ReadOnlySpan<byte> value = block[promoted.Column].GetBytes(row);
            if (!value.IsEmpty) json.WriteString(promoted.Key, value);
        }
        if (block[PromotedColumns.StatusColumn].GetInt64(row) is not 0 and var status) json.WriteNumber(PromotedColumns.StatusKey, status);
        WriteMembers(json, block["attributes"], row);
        json.WriteEndObject();
    }

    /// <summary>Hands over the attributes of a span, for another form than JSON.</summary>
    public static void ReadSpan(Block block, int row, AttributeReader each)
    {
        foreach (var (column, key) in Promoted)
            if (block[column].GetBytes(row) is { IsEmpty: false } value) each(key, (byte)'s', value);
        if (block[PromotedColumns.StatusColumn].GetInt64(row) is not 0 and var status)
        {
            Span<byte> digits = stackalloc byte[20];
            status.TryFormat(digits, out int written, default, CultureInfo.InvariantCulture);
            each(StatusKey, (byte)'i', digits[..written]);
        }
        BlockColumn map = block["attributes"];
        Range range = map.GetRange(row);
        for (int i = range.Start.Value; i < range.End.Value; i++)
            if (map.Keys!.GetBytes(i) is { Length: >= 2 } key) each(key[2..], key[0], map.Values!.GetBytes(i));
    }

    /// <summary>Hands over the attributes of an event or link, from an object of typed keys.</summary>
    public static void ReadAttached(JsonElement item, AttributeReader each)
    {
        if (!item.TryGetProperty("attributes"u8, out JsonElement attributes)) return;
        foreach (JsonProperty attribute in attributes.EnumerateObject())
            if (Encoding.UTF8.GetBytes(attribute.Name) is { Length: >= 2 } key) each(key.AsSpan(2), key[0], Encoding.UTF8.GetBytes(attribute.Value.GetString() ?? ""));
    }

    /// <summary>Hands over the attributes of a resource or scope; what they carry is JSON whatever its type.</summary>
    public static void ReadOrigin(Origin origin, AttributeReader each)
    {
        using JsonDocument document = JsonDocument.Parse(origin.AttributesJson);
        foreach (JsonProperty attribute in document.RootElement.EnumerateObject())
            each(Encoding.UTF8.GetBytes(attribute.Name), attribute.Value.ValueKind == JsonValueKind.Null ? (byte)'n' : (byte)'j', Encoding.UTF8.GetBytes(attribute.Value.GetRawText()));
    }

    private static void WriteMembers(Utf8JsonWriter json, BlockColumn map, int row)
    {
        Range range = map.GetRange(row);
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            ReadOnlySpan<byte> key = map.Keys!.GetBytes(i);
            if (key.Length < 2) continue;
            json.WritePropertyName(key[2..]);
            WriteValue(json, key[0], map.Values!.GetBytes(i));
        }
    }

    /// <summary>Writes a value from its type letter and stored text.</summary>
    public static void WriteValue(Utf8JsonWriter json, byte type, ReadOnlySpan<byte> text)
    {
        switch (type)
        {
            case (byte)'i':
            case (byte)'j':
                json.WriteRawValue(text, skipInputValidation: true);
                break;
            case (byte)'b':
                json.WriteBooleanValue(text.SequenceEqual("true"u8));
                break;
            case (byte)'d':
                WriteDouble(json, text);
                break;
            case (byte)'x':
                json.WriteStartObject();
                json.WriteString("$bytes"u8, text);
                json.WriteEndObject();
                break;
            case (byte)'n':
                json.WriteNullValue();
                break;
            default:
                json.WriteStringValue(text);
                break;
        }
    }

    private static void WriteDouble(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (text.ContainsAny("Ny"u8))   // NaN, Infinity
        {
            json.WriteStartObject();
            json.WriteString("$double"u8, text);
            json.WriteEndObject();
            return;
        }
        if (text.ContainsAny(".eE"u8))
        {
            json.WriteRawValue(text, skipInputValidation: true);
            return;
        }
        Span<byte> whole = stackalloc byte[text.Length + 2];
        text.CopyTo(whole);
        ".0"u8.CopyTo(whole[text.Length..]);
        json.WriteRawValue(whole, skipInputValidation: true);
    }
}
