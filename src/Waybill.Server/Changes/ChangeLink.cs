using System.Text.Json;

namespace Waybill.Changes;

/// <summary>Where more about a change can be read.</summary>
public sealed record ChangeLink(string Title, string Url)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As it is stored; empty for none.</summary>
    internal static string Write(IEnumerable<ChangeLink> links)
    {
        List<ChangeLink> kept = [.. links.Where(link => link.Url.Length > 0).DistinctBy(link => link.Url)];
        return kept.Count == 0 ? "" : JsonSerializer.Serialize(kept, Web);
    }

    internal static IReadOnlyList<ChangeLink> Read(string stored) => stored.Length == 0 ? [] : JsonSerializer.Deserialize<List<ChangeLink>>(stored, Web)!;
}
