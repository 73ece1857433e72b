using System.Globalization;
using System.Text.Json;

namespace Waybill.Servers;

/// <summary>What <c>GET /api/status</c> says. The one place that knows the answer's fields; a field the server does not have is null.</summary>
/// <param name="SpoolSegments">With records the engine has not got; 0 when it has all, whatever the files still take.</param>
/// <param name="SpoolBytes">Of all spool files; asked only when segments are not told.</param>
/// <param name="EngineMerges">Merges running now; when the server does not tell, idle processors stand for it.</param>
/// <param name="EngineBytes">On disk in active parts, without parts merged away and kept for a while.</param>
/// <param name="EngineSpans">Spans stored, unweighted.</param>
internal sealed record ServerStatus(long? SpoolSegments, long? SpoolBytes, long? EngineMerges, long? EngineBytes, long? EngineSpans)
{
    public bool SpoolEmpty => (SpoolSegments ?? SpoolBytes) == 0;

    public static async Task<ServerStatus> Get(HttpClient http, Uri api, CancellationToken cancel)
    {
        using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri(api, "/api/status"), cancel));
        var root = answer.RootElement;
        return new(Field(root, "spool", "segments"), Field(root, "spool", "bytes"), Field(root, "engine", "contents", "merges"),
            Field(root, "engine", "contents", "bytes"), Field(root, "engine", "contents", "spans"));
    }

    private static long? Field(JsonElement root, params string[] path)
    {
        foreach (string name in path)
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out root)) return null;
        }
        return root.ValueKind switch
        {
            JsonValueKind.Number => (long)root.GetDouble(),
            JsonValueKind.String when long.TryParse(root.GetString(), CultureInfo.InvariantCulture, out long value) => value,   // 64-bit integers as text
            JsonValueKind.Array => root.GetArrayLength(),
            _ => null,
        };
    }
}
