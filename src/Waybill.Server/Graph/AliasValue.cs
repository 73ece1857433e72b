using System.Text.Json;

namespace Waybill.Graph;

/// <summary>The business ids in one stored attribute value: the value itself, or each text of an array.</summary>
internal static class AliasValue
{
    public static IEnumerable<string> Of(char type, string stored)
    {
        if (type is 's' or 'i') return stored.Length > 0 ? [stored] : [];
        if (type != 'j') return [];
        using JsonDocument json = JsonDocument.Parse(stored);
        return json.RootElement.ValueKind == JsonValueKind.Array
            ? [.. json.RootElement.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];
    }
}
