using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>Arrays and key-value lists of OTLP/JSON, rewritten into the compact JSON of <see cref="AnyValue"/>.</summary>
internal static class JsonNested
{
    /// <summary>Reads {"values":[...]}, standing on its property's name. Not present when it is null.</summary>
    public static bool TryContainer(ref Utf8JsonReader json, ref DecodeState state, bool isList, int depth, out bool present)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out present)) return false;
        if (!present) return true;
        if (NestedValue.TooDeep(ref state, depth))
        {
            json.Skip();
            return true;
        }
        int level = json.CurrentDepth;
        state.Arena.Append(isList ? "{"u8 : "["u8);
        bool first = true, more = true;
        while (more && JsonReading.NextProperty(ref json))
        {
            if (!JsonReading.Is(ref json, "values"u8))
            {
                json.Skip();
                continue;
            }
            if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
            while (any && JsonReading.NextElement(ref json))
            {
                if (!JsonReading.OnObject(ref json, ref state)) return false;
                more = NestedValue.Next(ref state, ref first, isList);
                if (!more) break;
                if (!(isList ? TryPair(ref json, ref state, depth) : TryValue(ref json, ref state, depth))) return false;
            }
        }
        JsonReading.SkipTo(ref json, level);
        state.Arena.Append(isList ? "}"u8 : "]"u8);
        return true;
    }

    /// <summary>Stands on the pair's object. When the value came before the key, the two change places in the arena.</summary>
    private static bool TryPair(ref Utf8JsonReader json, ref DecodeState state, int depth)
    {
        int start = state.Arena.Length, valueAt = start;   // where the value begins: behind the key once that is written
        bool hasKey = false, hasValue = false;
        while (JsonReading.NextProperty(ref json))
        {
            if (!hasKey && JsonReading.Is(ref json, "key"u8))
            {
                json.Read();
                if (json.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) return JsonReading.Fail(ref json, ref state, DecodeFault.Type);
                valueAt = WriteKey(ref state, start, json.TokenType == JsonTokenType.String ? json.ValueSpan : default, json.ValueIsEscaped);
                hasKey = true;
            }
            else if (JsonReading.Is(ref json, "value"u8))
            {
                if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
                if (!present) continue;
                state.Arena.Truncate(valueAt);
                if (!TryValue(ref json, ref state, depth)) return false;
                hasValue = true;
            }
            else json.Skip();
        }
        if (!hasKey) WriteKey(ref state, start, default, escaped: false);
        if (!hasValue) state.Arena.Append("null"u8);
        return true;
    }

    /// <returns>Where the key ends.</returns>
    private static int WriteKey(ref DecodeState state, int start, ReadOnlySpan<byte> key, bool escaped)
    {
        int end = state.Arena.Length;
        NestedValue.Key(ref state, key, escaped);
        int keyLength = state.Arena.Length - end;
        if (end > start)
        {
            state.Arena.Append(state.Arena.Bytes[start..end]);
            state.Arena.Remove(start, end - start);
        }
        return start + keyLength;
    }

    /// <summary>Stands on the value's object.</summary>
    private static bool TryValue(ref Utf8JsonReader json, ref DecodeState state, int depth)
    {
        int start = state.Arena.Length;
        while (JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "stringValue"u8) || JsonReading.Is(ref json, "bytesValue"u8))
            {
                bool bytes = JsonReading.Is(ref json, "bytesValue"u8);
                json.Read();
                if (json.TokenType == JsonTokenType.Null) continue;
                if (json.TokenType != JsonTokenType.String) return JsonReading.Fail(ref json, ref state, DecodeFault.Type);
                state.Arena.Truncate(start);
                if (!bytes) NestedValue.Quoted(ref state, json.ValueSpan, json.ValueIsEscaped);
                else if (!TryBytes(ref json, ref state)) return false;
            }
            else if (JsonReading.Is(ref json, "intValue"u8))
            {
                if (!JsonReading.TryNumber(ref json, ref state, out AnyValue number)) return false;
                if (json.TokenType == JsonTokenType.Null) continue;
                state.Arena.Truncate(start);
                if (number.Type == Batches.ValueType.Int) NestedValue.Number(ref state, number.Int);
                else NestedValue.Number(ref state, number.Double);
            }
            else if (JsonReading.Is(ref json, "boolValue"u8))
            {
                if (!JsonReading.TryBool(ref json, ref state, out bool flag)) return false;
                if (json.TokenType == JsonTokenType.Null) continue;
                state.Arena.Truncate(start);
                state.Arena.Append(flag ? "true"u8 : "false"u8);
            }
            else if (JsonReading.Is(ref json, "doubleValue"u8))
            {
                if (!JsonReading.TryDouble(ref json, ref state, out double real)) return false;
                if (json.TokenType == JsonTokenType.Null) continue;
                state.Arena.Truncate(start);
                NestedValue.Number(ref state, real);
            }
            else if (JsonReading.Is(ref json, "arrayValue"u8) || JsonReading.Is(ref json, "kvlistValue"u8))
            {
                state.Arena.Truncate(start);
                if (!TryContainer(ref json, ref state, JsonReading.Is(ref json, "kvlistValue"u8), depth + 1, out _)) return false;
            }
            else json.Skip();
        }
        if (state.Arena.Length == start) state.Arena.Append("null"u8);
        return true;
    }

    private static bool TryBytes(ref Utf8JsonReader json, ref DecodeState state)
    {
        bool whole = json.ValueSpan.Length <= NestedValue.Room(ref state);
        var kept = whole ? json.ValueSpan : json.ValueSpan[..(Math.Max(0, NestedValue.Room(ref state) - Texts.CutRoom) / 4 * 4)];
        state.Arena.Append(whole ? "{\"$bytes\":\""u8 : "\""u8);
        if (!JsonText.TryAppendBase64(state.Arena, kept)) return JsonReading.Fail(ref json, ref state, DecodeFault.Base64);
        if (!whole) Texts.AppendCut(ref state, (int)(json.ValueSpan.TrimEnd((byte)'=').Length * 3L / 4));
        state.Arena.Append(whole ? "\"}"u8 : "\""u8);
        return true;
    }
}
