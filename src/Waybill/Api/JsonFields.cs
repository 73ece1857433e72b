using System.Globalization;
using System.Text.Json;

namespace Waybill.Api;

/// <summary>Fields of the server's answers. A missing one is empty: the server leaves out what says nothing, and versions differ.</summary>
internal static class JsonFields
{
    public static string Text(this JsonElement from, string name) => from.TryGetProperty(name, out JsonElement value) ? value.ToText() : "";

    public static long Number(this JsonElement from, string name) =>
        !from.TryGetProperty(name, out JsonElement value) ? 0
        : value.ValueKind == JsonValueKind.Number ? value.TryGetInt64(out long number) ? number : (long)value.GetDouble()
        : value.ValueKind == JsonValueKind.String && ulong.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong time) ? (long)Math.Min(time, long.MaxValue)
        : 0;

    public static double Real(this JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;

    public static bool Flag(this JsonElement from, string name) => from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonElement> Items(this JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Members(this JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];

    /// <summary>A value as a person reads it: text without quotes, the rest as JSON.</summary>
    public static string ToText(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        _ => value.GetRawText(),
    };
}
