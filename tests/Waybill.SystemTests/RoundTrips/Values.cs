using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Waybill.RoundTrips;

/// <summary>
/// One spelling for values, whoever says them: a type letter and a text, <c>s:key=value</c> for an attribute. Letters as in the tables:
/// s string, b bool, i int, d double, x bytes (base64), j array or list (JSON), n empty.
/// </summary>
internal static class Values
{
    /// <summary>Attributes in one order, whatever order they were sent or kept in.</summary>
    public static string Sorted(IEnumerable<string> attributes) => string.Join("; ", attributes.Order(StringComparer.Ordinal));

    public static string Real(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>An OTLP/JSON AnyValue, such as <c>{"intValue":"1"}</c>.</summary>
    public static (char Letter, string Text) OfOtlp(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return ('n', "");
        if (value.TryGetProperty("stringValue", out var text)) return ('s', text.GetString()!);
        if (value.TryGetProperty("boolValue", out var flag)) return ('b', flag.GetBoolean() ? "true" : "false");
        if (value.TryGetProperty("intValue", out var whole)) return ('i', whole.ToString());
        if (value.TryGetProperty("doubleValue", out var real)) return ('d', Real(Double(real)));
        if (value.TryGetProperty("bytesValue", out var bytes)) return ('x', Base64(bytes.GetString()!));
        if (value.TryGetProperty("arrayValue", out _) || value.TryGetProperty("kvlistValue", out _)) return ('j', Nested(value));
        return ('n', "");
    }

    /// <summary>A value as <c>GET /api/traces/{id}</c> answers it.</summary>
    public static (char Letter, string Text) OfApi(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => ('s', value.GetString()!),
        JsonValueKind.True => ('b', "true"),
        JsonValueKind.False => ('b', "false"),
        JsonValueKind.Null => ('n', ""),
        JsonValueKind.Number when value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') => ('d', Real(value.GetDouble())),
        JsonValueKind.Number => ('i', value.GetRawText()),
        JsonValueKind.Object when value.TryGetProperty("$bytes", out var bytes) => ('x', bytes.GetString()!),
        JsonValueKind.Object when value.TryGetProperty("$double", out var real) => ('d', real.GetString()!),
        _ => ('j', value.GetRawText()),
    };

    /// <summary>Doubles that JSON has no number for are texts.</summary>
    public static double Double(JsonElement value) => value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();

    // The compact JSON that nested values are kept as.
    private static string Nested(JsonElement value)
    {
        if (value.TryGetProperty("arrayValue", out var array)) return $"[{string.Join(",", Items(array).Select(Nested))}]";
        if (value.TryGetProperty("kvlistValue", out var list))
            return $"{{{string.Join(",", Items(list).Select(pair => $"{Quote(Escape(Key(pair)))}:{(pair.TryGetProperty("value", out var of) ? Nested(of) : "null")}"))}}}";
        var (letter, text) = OfOtlp(value);
        return letter switch
        {
            's' => Quote(text),
            'x' => $$"""{"$bytes":"{{text}}"}""",
            'd' when text.AsSpan().ContainsAny('N', 'y') => $$"""{"$double":"{{text}}"}""",
            'd' => text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0",
            'n' => "null",
            _ => text,
        };
    }

    private static string Key(JsonElement pair) => pair.TryGetProperty("key", out var key) ? key.GetString()! : "";

    private static string Escape(string key) => key.StartsWith('$') ? "$" + key : key;

    private static JsonElement.ArrayEnumerator Items(JsonElement list) => list.TryGetProperty("values", out var values) ? values.EnumerateArray() : default;

    private static string Base64(string either) => Convert.ToBase64String(Convert.FromBase64String(either.Replace('-', '+').Replace('_', '/').PadRight((either.Length + 3) / 4 * 4, '=')));

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
            quoted.Append(c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\t' => "\\t", '\r' => "\\r", < ' ' => $"\\u{(int)c:x4}", _ => c.ToString() });
        return quoted.Append('"').ToString();
    }
}
