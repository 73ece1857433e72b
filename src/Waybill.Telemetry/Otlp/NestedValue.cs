using System.Text;
using System.Text.Json;
using System.Buffers.Text;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>
/// Arrays and key-value lists as the compact JSON that <see cref="AnyValue"/> describes: the pieces that both encodings write it with,
/// and the way back to an OTLP/JSON AnyValue.
/// </summary>
public static class NestedValue
{
    /// <summary>Room for closing brackets and the words of one cut behind the limit.</summary>
    private const int CloseRoom = 160;

    internal static int Begin(ref DecodeState state, int bytesMax)
    {
        state.NestedLimit = state.Arena.Length + bytesMax - CloseRoom;
        state.NestedCut = false;
        return state.Arena.Length;
    }

    internal static AnyValue End(ref DecodeState state, int start) => AnyValue.Json(new Text(start, state.Arena.Length - start));

    /// <summary>Writes a text in place of a value that lies too deep.</summary>
    internal static bool TooDeep(ref DecodeState state, int depth)
    {
        if (depth <= state.Limits.NestingMax) return false;
        state.Counts.TruncatedValues++;
        state.Arena.Append("\"…[cut: nested too deep]\""u8);
        return true;
    }

    /// <summary>Writes what stands before the next element; false when the text is long enough: then it ends with words that say so.</summary>
    internal static bool Next(ref DecodeState state, ref bool first, bool inList)
    {
        bool full = state.Arena.Length >= state.NestedLimit;
        if (full && state.NestedCut) return false;
        if (!first) state.Arena.Append(","u8);
        first = false;
        if (!full) return true;
        state.NestedCut = true;
        state.Counts.TruncatedValues++;
        if (inList) state.Arena.Append("\"…\":"u8);
        state.Arena.Append("\"…[cut: too long]\""u8);
        return false;
    }

    internal static void Key(ref DecodeState state, ReadOnlySpan<byte> key, bool escaped)
    {
        state.Arena.Append("\""u8);
        if (!key.IsEmpty && key[0] == '$') state.Arena.Append("$"u8);
        JsonText.Append(ref state, key, escaped, quoted: true, Math.Min(state.KeyBytesMax, Room(ref state)));
        state.Arena.Append("\":"u8);
    }

    internal static void Quoted(ref DecodeState state, ReadOnlySpan<byte> text, bool escaped)
    {
        state.Arena.Append("\""u8);
        JsonText.Append(ref state, text, escaped, quoted: true, Room(ref state));
        state.Arena.Append("\""u8);
    }

    internal static int Room(ref DecodeState state) => Math.Max(Texts.CutRoom, state.NestedLimit - state.Arena.Length);

    internal static void Number(ref DecodeState state, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int written);
        state.Arena.Append(digits[..written]);
    }

    /// <summary>The shortest digits that give the same double back, always with a fraction or exponent.</summary>
    internal static void Number(ref DecodeState state, double value)
    {
        if (!double.IsFinite(value))
        {
            state.Arena.Append(double.IsNaN(value) ? "{\"$double\":\"NaN\"}"u8 : value > 0 ? "{\"$double\":\"Infinity\"}"u8 : "{\"$double\":\"-Infinity\"}"u8);
            return;
        }
        Span<byte> digits = stackalloc byte[32];
        Utf8Formatter.TryFormat(value, digits, out int written);
        state.Arena.Append(digits[..written]);
        if (!digits[..written].ContainsAny((byte)'.', (byte)'E')) state.Arena.Append(".0"u8);
    }

    internal static void Bytes(ref DecodeState state, ReadOnlySpan<byte> bytes)
    {
        if (Base64.GetMaxEncodedToUtf8Length(bytes.Length) > Room(ref state))
        {
            state.Arena.Append("\""u8);
            Texts.AppendBase64(state.Arena, bytes[..Math.Min(bytes.Length, Math.Max(0, Room(ref state) - Texts.CutRoom) / 4 * 3)]);
            Texts.AppendCut(ref state, bytes.Length);
            state.Arena.Append("\""u8);
            return;
        }
        state.Arena.Append("{\"$bytes\":\""u8);
        Texts.AppendBase64(state.Arena, bytes);
        state.Arena.Append("\"}"u8);
    }

    /// <summary>Writes the AnyValue of OTLP/JSON that a stored value came from, such as <c>{"arrayValue":{"values":[{"intValue":"1"}]}}</c>.</summary>
    /// <exception cref="JsonException">A Json value whose text this class did not write.</exception>
    public static void WriteOtlpJson(Utf8JsonWriter writer, AnyValue value, ReadOnlySpan<byte> text)
    {
        if (value.Type == Batches.ValueType.Json)
        {
            var json = new Utf8JsonReader(text);
            json.Read();
            WriteNested(writer, ref json);
            return;
        }
        writer.WriteStartObject();
        switch (value.Type)
        {
            case Batches.ValueType.String: writer.WriteString("stringValue"u8, text); break;
            case Batches.ValueType.Bytes: writer.WriteString("bytesValue"u8, text); break;
            case Batches.ValueType.Bool: writer.WriteBoolean("boolValue"u8, value.Bool); break;
            case Batches.ValueType.Int: WriteInt(writer, value.Int); break;
            case Batches.ValueType.Double: WriteDouble(writer, value.Double); break;
        }
        writer.WriteEndObject();
    }

    // Depth is bounded: the text was written with at most DecodeLimits.NestingMax levels.
    private static void WriteNested(Utf8JsonWriter writer, ref Utf8JsonReader json)
    {
        writer.WriteStartObject();
        switch (json.TokenType)
        {
            case JsonTokenType.String: writer.WriteString("stringValue"u8, json.GetString()); break;
            case JsonTokenType.True or JsonTokenType.False: writer.WriteBoolean("boolValue"u8, json.GetBoolean()); break;
            case JsonTokenType.Number when json.ValueSpan.ContainsAny((byte)'.', (byte)'E', (byte)'e'): WriteDouble(writer, json.GetDouble()); break;
            case JsonTokenType.Number: WriteInt(writer, json.GetInt64()); break;
            case JsonTokenType.StartArray: WriteArray(writer, ref json); break;
            case JsonTokenType.StartObject: WriteObject(writer, ref json); break;
        }
        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, ref Utf8JsonReader json)
    {
        writer.WriteStartObject("arrayValue"u8);
        writer.WriteStartArray("values"u8);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) WriteNested(writer, ref json);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter writer, ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.PropertyName && (json.ValueTextEquals("$bytes"u8) || json.ValueTextEquals("$double"u8)))
        {
            bool bytes = json.ValueTextEquals("$bytes"u8);
            json.Read();
            writer.WriteString(bytes ? "bytesValue"u8 : "doubleValue"u8, json.GetString());
            json.Read();
            return;
        }
        writer.WriteStartObject("kvlistValue"u8);
        writer.WriteStartArray("values"u8);
        for (; json.TokenType == JsonTokenType.PropertyName; json.Read())
        {
            string key = json.GetString()!;
            writer.WriteStartObject();
            writer.WriteString("key"u8, key.StartsWith('$') ? key[1..] : key);
            writer.WritePropertyName("value"u8);
            json.Read();
            WriteNested(writer, ref json);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteInt(Utf8JsonWriter writer, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int written);
        writer.WriteString("intValue"u8, digits[..written]);
    }

    private static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber("doubleValue"u8, value);
        else writer.WriteString("doubleValue"u8, double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
    }
}
