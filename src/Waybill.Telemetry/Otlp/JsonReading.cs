using System.Buffers.Text;
using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>
/// Reads JSON fields into the batch's types. Each Try method stands on a property's name, reads its value, takes null as absent, and returns
/// false with a fault noted when the value has the wrong type. Broken syntax is the one thing that throws (Utf8JsonReader does); the entry
/// points turn it into a result.
/// </summary>
internal static class JsonReading
{
    /// <summary>Levels of JSON followed: far more than values may nest, so that too deep values are cut in both encodings alike, yet bounded.</summary>
    public const int DepthMax = 4096;

    public static Utf8JsonReader Open(scoped ref DecodeState state)
    {
        // RFC 8259 8.1: a byte order mark may be ignored.
        state.JsonStart = state.Body.StartsWith("\uFEFF"u8) ? 3 : 0;
        return new Utf8JsonReader(state.Body[state.JsonStart..], new JsonReaderOptions { MaxDepth = DepthMax });
    }

    public static bool Fail(ref Utf8JsonReader json, ref DecodeState state, DecodeFault fault) => state.Fail(fault, At(ref json, ref state));

    public static int At(ref Utf8JsonReader json, ref DecodeState state) => state.JsonStart + (int)json.TokenStartIndex;

    public static bool Is(ref Utf8JsonReader json, ReadOnlySpan<byte> name) =>
        json.ValueIsEscaped ? EscapedEquals(json.ValueSpan, name) : json.ValueSpan.SequenceEqual(name);

    // Utf8JsonReader.ValueTextEquals would throw at a lone surrogate.
    private static bool EscapedEquals(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> name)
    {
        int at = 0;
        foreach (byte expected in name)
        {
            if (at >= raw.Length) return false;
            if (raw[at] != '\\')
            {
                if (raw[at++] != expected) return false;
                continue;
            }
            if (raw[at + 1] != 'u' || !Utf8Parser.TryParse(raw.Slice(at + 2, 4), out ushort unit, out _, 'x') || unit != expected) return false;
            at += 6;
        }
        return at == raw.Length;
    }

    /// <summary>Goes into the object or array that is the property's value; not present when it is null.</summary>
    public static bool TryOpen(ref Utf8JsonReader json, ref DecodeState state, JsonTokenType start, out bool present)
    {
        json.Read();
        present = json.TokenType == start;
        return present || json.TokenType == JsonTokenType.Null || Fail(ref json, ref state, DecodeFault.Type);
    }

    /// <summary>Goes to the next property of an object, or to its end.</summary>
    public static bool NextProperty(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    /// <summary>Goes to the next element of an array, or to its end.</summary>
    public static bool NextElement(ref Utf8JsonReader json) => json.Read() && json.TokenType != JsonTokenType.EndArray;

    /// <summary>True on an element that is an object; else a fault.</summary>
    public static bool OnObject(ref Utf8JsonReader json, ref DecodeState state) =>
        json.TokenType == JsonTokenType.StartObject || Fail(ref json, ref state, DecodeFault.Type);

    /// <summary>Goes to the end of the object that began at <paramref name="depth"/>, from anywhere inside.</summary>
    public static void SkipTo(ref Utf8JsonReader json, int depth)
    {
        while (json.TokenType != JsonTokenType.EndObject || json.CurrentDepth != depth) json.Read();
    }

    public static bool TryText(ref Utf8JsonReader json, ref DecodeState state, int bytesMax, out Text text)
    {
        json.Read();
        text = default;
        if (json.TokenType == JsonTokenType.Null) return true;
        if (json.TokenType != JsonTokenType.String) return Fail(ref json, ref state, DecodeFault.Type);
        text = json.ValueIsEscaped
            ? JsonText.Unescape(ref state, json.ValueSpan, bytesMax)
            : state.Take(At(ref json, ref state) + 1, json.ValueSpan.Length, bytesMax);
        return true;
    }

    /// <summary>The inside of a string that is hexadecimal or a number: never escaped by anyone, so escapes make it wrong.</summary>
    private static bool TryPlain(ref Utf8JsonReader json, ref DecodeState state, out ReadOnlySpan<byte> text)
    {
        json.Read();
        text = json.TokenType is JsonTokenType.String or JsonTokenType.Number ? json.ValueSpan : default;
        return json.TokenType is JsonTokenType.Null or JsonTokenType.Number || json.TokenType == JsonTokenType.String || Fail(ref json, ref state, DecodeFault.Type);
    }

    public static bool TryUInt64(ref Utf8JsonReader json, ref DecodeState state, out ulong value)
    {
        value = 0;
        if (!TryPlain(ref json, ref state, out var text)) return false;
        if (json.TokenType == JsonTokenType.Null) return true;
        if (Utf8Parser.TryParse(text, out value, out int used) && used == text.Length) return true;
        // 1e3 and 5.0 are whole numbers in JSON too.
        if (Utf8Parser.TryParse(text, out double real, out used) && used == text.Length && real >= 0 && real < 18446744073709551616.0 && double.IsInteger(real))
        {
            value = (ulong)real;
            return true;
        }
        return Fail(ref json, ref state, DecodeFault.Number);
    }

    public static bool TryInt64(ref Utf8JsonReader json, ref DecodeState state, out long value)
    {
        value = 0;
        if (!TryPlain(ref json, ref state, out var text)) return false;
        if (json.TokenType == JsonTokenType.Null) return true;
        if (Utf8Parser.TryParse(text, out value, out int used) && used == text.Length) return true;
        if (Utf8Parser.TryParse(text, out double real, out used) && used == text.Length &&
            real >= -9223372036854775808.0 && real < 9223372036854775808.0 && double.IsInteger(real))
        {
            value = (long)real;
            return true;
        }
        return Fail(ref json, ref state, DecodeFault.Number);
    }

    /// <summary>
    /// An intValue: an Int, or a Double when it is a JSON number beyond 64 bits. JavaScript's SDK writes every whole number as intValue, 1e300 too,
    /// and refusing it would cost the span. Null is the empty value.
    /// </summary>
    public static bool TryNumber(ref Utf8JsonReader json, ref DecodeState state, out AnyValue value)
    {
        value = AnyValue.Empty;
        Utf8JsonReader again = json;
        DecodeState before = state;
        if (TryInt64(ref json, ref state, out long number))
        {
            if (json.TokenType != JsonTokenType.Null) value = AnyValue.Of(number);
            return true;
        }
        if (json.TokenType != JsonTokenType.Number) return false;
        json = again;
        state = before;
        if (!TryDouble(ref json, ref state, out double real)) return false;
        value = AnyValue.Of(real);
        return true;
    }

    public static bool TryUInt32(ref Utf8JsonReader json, ref DecodeState state, out uint value)
    {
        value = 0;
        if (!TryUInt64(ref json, ref state, out ulong wide)) return false;
        value = (uint)wide;
        return wide <= uint.MaxValue || Fail(ref json, ref state, DecodeFault.Number);
    }

    public static bool TryInt32(ref Utf8JsonReader json, ref DecodeState state, out int value)
    {
        value = 0;
        if (!TryInt64(ref json, ref state, out long wide)) return false;
        value = (int)wide;
        return wide == value || Fail(ref json, ref state, DecodeFault.Number);
    }

    /// <summary>An enum's number; OTLP/JSON does not allow names.</summary>
    public static bool TryEnum(ref Utf8JsonReader json, ref DecodeState state, int max, out byte value)
    {
        value = 0;
        if (!TryInt64(ref json, ref state, out long number)) return false;
        value = state.KnownEnum((ulong)number, max);
        return true;
    }

    public static bool TryDouble(ref Utf8JsonReader json, ref DecodeState state, out double value)
    {
        value = 0;
        if (!TryPlain(ref json, ref state, out var text)) return false;
        if (json.TokenType == JsonTokenType.Null) return true;
        if (json.TokenType == JsonTokenType.String)
        {
            if (text.SequenceEqual("NaN"u8)) value = double.NaN;
            else if (text.SequenceEqual("Infinity"u8)) value = double.PositiveInfinity;
            else if (text.SequenceEqual("-Infinity"u8)) value = double.NegativeInfinity;
            if (value != 0) return true;
        }
        return (Utf8Parser.TryParse(text, out value, out int used) && used == text.Length && double.IsFinite(value)) || Fail(ref json, ref state, DecodeFault.Number);
    }

    public static bool TryBool(ref Utf8JsonReader json, ref DecodeState state, out bool value)
    {
        json.Read();
        value = json.TokenType == JsonTokenType.True;
        return json.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null || Fail(ref json, ref state, DecodeFault.Type);
    }

    /// <summary>32 hexadecimal digits of either case. False only for a wrong JSON type; <paramref name="fits"/> is false for wrong digits, true for none.</summary>
    public static bool TryTraceId(ref Utf8JsonReader json, ref DecodeState state, out TraceId id, out bool fits)
    {
        id = default;
        fits = false;
        if (!TryHex(ref json, ref state, out var hex)) return false;
        Span<byte> bytes = stackalloc byte[TraceId.Size];
        fits = hex.IsEmpty || (hex.Length == 2 * TraceId.Size && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done);
        if (fits && !hex.IsEmpty) id = new TraceId(bytes);
        return true;
    }

    /// <summary>16 hexadecimal digits of either case, like <see cref="TryTraceId"/>.</summary>
    public static bool TrySpanId(ref Utf8JsonReader json, ref DecodeState state, out SpanId id, out bool fits)
    {
        id = default;
        fits = false;
        if (!TryHex(ref json, ref state, out var hex)) return false;
        Span<byte> bytes = stackalloc byte[SpanId.Size];
        fits = hex.IsEmpty || (hex.Length == 2 * SpanId.Size && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done);
        if (fits && !hex.IsEmpty) id = new SpanId(bytes);
        return true;
    }

    public static bool TryHex(ref Utf8JsonReader json, ref DecodeState state, out ReadOnlySpan<byte> hex) =>
        TryPlain(ref json, ref state, out hex) && (json.TokenType != JsonTokenType.Number || Fail(ref json, ref state, DecodeFault.Type));
}
