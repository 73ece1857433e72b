using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Waybill.Changes;

/// <summary>Hides the values of what is named like a secret before it is stored: of a rotated credential one wants to know that it changed, not what it is.</summary>
internal static partial class Secrets
{
    public const string Hidden = "***", HiddenChanged = "*** (changed)";

    public static bool IsSecret(string name) => SecretName().IsMatch(name);

    /// <summary>Both sides of a change, JSON or text. A hidden value on the right says whether it differs from the one on the left.</summary>
    public static (string Before, string After) Mask(string before, string after)
    {
        if (TryParse(before, out JsonNode? left) & TryParse(after, out JsonNode? right))
        {
            Mask(left, right);
            return (left is null ? before : left.ToJsonString(Plain), right is null ? after : right.ToJsonString(Plain));
        }
        Dictionary<string, string> known = [];
        before = SecretLine().Replace(before, line =>
        {
            known[line.Groups["name"].Value] = line.Groups["value"].Value;
            return line.Groups["name"].Value + line.Groups["sign"].Value + Hidden;
        });
        after = SecretLine().Replace(after, line =>
            line.Groups["name"].Value + line.Groups["sign"].Value
            + (known.TryGetValue(line.Groups["name"].Value, out string? value) && value != line.Groups["value"].Value ? HiddenChanged : Hidden));
        return (before, after);
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>True for an object or an array, and for nothing at all.</summary>
    private static bool TryParse(string text, out JsonNode? node)
    {
        node = null;
        if (text.Length == 0) return true;
        if (text.TrimStart() is not ['{' or '[', ..]) return false;
        try
        {
            node = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 32 });
            return node is not null && Touch(node);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return false;   // ArgumentException: a key twice
        }
    }

    /// <summary>Nodes are made when they are first looked at, and fail then on a key that occurs twice.</summary>
    private static bool Touch(JsonNode? node)
    {
        if (node is JsonObject members) foreach (var (_, value) in members) Touch(value);
        else if (node is JsonArray items) foreach (JsonNode? item in items) Touch(item);
        return true;
    }

    private static void Mask(JsonNode? left, JsonNode? right)
    {
        var (before, after) = (left as JsonObject, right as JsonObject);
        foreach (string name in (before?.Select(pair => pair.Key) ?? []).Union(after?.Select(pair => pair.Key) ?? []).ToList())
        {
            JsonNode? old = before?[name], now = after?[name];
            if (!IsSecret(name) || (old ?? now) is null)
            {
                Mask(old, now);
                continue;
            }
            string hidden = old is not null && now is not null && !JsonNode.DeepEquals(old, now) ? HiddenChanged : Hidden;
            if (old is not null) before![name] = Hidden;
            if (now is not null) after![name] = hidden;
        }
        var (list, next) = (left as JsonArray, right as JsonArray);
        for (int i = 0; i < Math.Max(list?.Count ?? 0, next?.Count ?? 0); i++) Mask(i < list?.Count ? list[i] : null, i < next?.Count ? next[i] : null);
    }

    // "key" alone is too common (a flag's key, a cache's key); compounds of it are not.
    private const string Names = "passw(or)?d|passphrase|secret|token|credential|api[-_.]?key|private[-_.]?key|access[-_.]?key|signing[-_.]?key|connection[-_.]?string|authorization";

    [GeneratedRegex(Names, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    [GeneratedRegex($"""(?<name>^[ \t]*(export[ \t]+|-[ \t]+)?["']?[\w.-]{"{0,64}"}({Names})[\w.-]{"{0,64}"}["']?)(?<sign>[ \t]*[:=][ \t]*)(?<value>[^\r\n]+)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretLine();
}
