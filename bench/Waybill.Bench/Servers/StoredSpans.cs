using System.Text.Json;

namespace Waybill.Servers;

/// <summary>How many spans a server says it holds.</summary>
internal static class StoredSpans
{
    /// <summary>From the status, else the sum over <c>GET /api/services</c>; null when neither says.</summary>
    public static async Task<long?> Count(HttpClient http, Uri api, CancellationToken cancel)
    {
        if ((await ServerStatus.Get(http, api, cancel)).EngineSpans is { } spans) return spans;
        using var answer = await http.GetAsync(new Uri(api, "/api/services"), cancel);
        if (!answer.IsSuccessStatusCode) return null;
        using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
        var root = body.RootElement;
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("services", out var list)) root = list;
        if (root.ValueKind != JsonValueKind.Array) return null;
        long sum = 0;
        foreach (var service in root.EnumerateArray())
        {
            if (Field(service, "spans") is not { } count) return null;
            sum += count;
        }
        return sum;
    }

    private static long? Field(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? (long)value.GetDouble() : null;
}
