using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>Attributes and values in OTLP/JSON.</summary>
/// <remarks>
/// {"key":"x","value":{"intValue":"42"}}; stringValue, boolValue, intValue, doubleValue, arrayValue {"values":[value...]},
/// kvlistValue {"values":[{"key":..,"value":..}...]}, bytesValue (base64). {} is the empty value.
/// </remarks>
internal static class JsonAnyValue
{
    /// <summary>Reads an array of KeyValue, standing on its property's name.</summary>
    public static bool TryAttributes(ref Utf8JsonReader json, ref DecodeState state, AttributeColumns attributes, int first, int max, ref uint dropped)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool present)) return false;
        while (present && JsonReading.NextElement(ref json))
        {
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            Text key = default;
            AnyValue value = default;
            bool full = attributes.Count - first >= max;
            if (full) json.Skip();
            else if (!TryPair(ref json, ref state, out key, out value)) return false;
            if (key.IsEmpty)
            {
                state.Counts.DroppedAttributes++;
                dropped = ProtoRequest.AddSaturated(dropped, 1);
            }
            else attributes.Add(key, value);
        }
        return true;
    }

    private static bool TryPair(ref Utf8JsonReader json, ref DecodeState state, out Text key, out AnyValue value)
    {
        key = default;
        value = default;
        while (JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "key"u8))
            {
                if (!JsonReading.TryText(ref json, ref state, state.KeyBytesMax, out key)) return false;
            }
            else if (JsonReading.Is(ref json, "value"u8))
            {
                if (!TryRead(ref json, ref state, state.ValueBytesMax, out value)) return false;
            }
            else json.Skip();
        }
        return true;
    }

    /// <summary>Reads an AnyValue, standing on its property's name.</summary>
    public static bool TryRead(ref Utf8JsonReader json, ref DecodeState state, int bytesMax, out AnyValue value)
    {
        value = default;
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
        while (present && JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "stringValue"u8))
            {
                if (!JsonReading.TryText(ref json, ref state, bytesMax, out Text text)) return false;
                if (json.TokenType != JsonTokenType.Null) value = AnyValue.String(text);
            }
            else if (JsonReading.Is(ref json, "intValue"u8))
            {
                if (!JsonReading.TryNumber(ref json, ref state, out AnyValue number)) return false;
                if (json.TokenType != JsonTokenType.Null) value = number;
            }
            else if (JsonReading.Is(ref json, "boolValue"u8))
            {
                if (!JsonReading.TryBool(ref json, ref state, out bool flag)) return false;
                if (json.TokenType != JsonTokenType.Null) value = AnyValue.Of(flag);
            }
            else if (JsonReading.Is(ref json, "doubleValue"u8))
            {
                if (!JsonReading.TryDouble(ref json, ref state, out double real)) return false;
                if (json.TokenType != JsonTokenType.Null) value = AnyValue.Of(real);
            }
            else if (JsonReading.Is(ref json, "arrayValue"u8) || JsonReading.Is(ref json, "kvlistValue"u8))
            {
                bool isList = JsonReading.Is(ref json, "kvlistValue"u8);
                int start = NestedValue.Begin(ref state, bytesMax);
                if (!JsonNested.TryContainer(ref json, ref state, isList, 1, out present)) return false;
                if (present) value = NestedValue.End(ref state, start);
                present = true;
            }
            else if (JsonReading.Is(ref json, "bytesValue"u8))
            {
                if (!TryBytes(ref json, ref state, bytesMax, ref value)) return false;
            }
            else json.Skip();
        }
        return true;
    }

    private static bool TryBytes(ref Utf8JsonReader json, ref DecodeState state, int bytesMax, ref AnyValue value)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return true;
        if (json.TokenType != JsonTokenType.String) return JsonReading.Fail(ref json, ref state, DecodeFault.Type);
        int start = state.Arena.Length;
        bool whole = json.ValueSpan.Length <= bytesMax;
        var kept = whole ? json.ValueSpan : json.ValueSpan[..((bytesMax - Texts.CutRoom) / 4 * 4)];
        if (!JsonText.TryAppendBase64(state.Arena, kept)) return JsonReading.Fail(ref json, ref state, DecodeFault.Base64);
        if (!whole) Texts.AppendCut(ref state, (int)(json.ValueSpan.TrimEnd((byte)'=').Length * 3L / 4));
        var text = new Text(start, state.Arena.Length - start);
        value = whole ? AnyValue.Bytes(text) : AnyValue.String(text);
        return true;
    }
}
