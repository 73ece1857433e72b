using System.Globalization;
using System.Text.Json;
using Waybill.Web;

namespace Waybill.Changes;

/// <summary>Reads the fields of one JSON object, whose place in the request is known, so that a wrong one can be named.</summary>
internal readonly struct Fields(JsonElement json, string path, int textCharsMax)
{
    public JsonElement Json { get; } = json.ValueKind == JsonValueKind.Object ? json : throw new BadReportException(path.Length == 0 ? "body" : path, "expected a JSON object.");

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public bool Has(string name) => Json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A text, a number or a truth as text; empty when it is missing.</summary>
    public string Text(string name)
    {
        if (!Json.TryGetProperty(name, out JsonElement value)) return "";
        return value.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => Bounded(name, value.GetString()!),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => throw new BadReportException(PathOf(name), "expected a text."),
        };
    }

    /// <summary>The first of several names that says something.</summary>
    public string Text(string name, string otherwise) => Text(name) is { Length: > 0 } text ? text : Text(otherwise);

    /// <exception cref="BadReportException">It is missing.</exception>
    public string Required(string name) => Text(name) is { Length: > 0 } text ? text : throw new BadReportException(PathOf(name), "is missing.");

    /// <summary>An object; null when it is missing. A text instead of it reads as an object of that <paramref name="textIs"/>.</summary>
    public Fields? Object(string name)
    {
        if (!Has(name)) return null;
        return new Fields(Json.GetProperty(name), PathOf(name), textCharsMax);
    }

    /// <summary>A text inside objects, empty when one of them is missing or of another kind: for what other systems may leave out.</summary>
    public string Deep(params ReadOnlySpan<string> names)
    {
        JsonElement at = Json;
        foreach (string name in names)
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return "";
        return at.ValueKind switch
        {
            JsonValueKind.String => Bounded(string.Join('.', names), at.GetString()!),
            JsonValueKind.Number => at.GetRawText(),
            _ => "",
        };
    }

    /// <summary>Any JSON as text: a string as it is, anything else as JSON; empty when missing.</summary>
    public string Value(string name)
    {
        if (!Has(name)) return "";
        JsonElement value = Json.GetProperty(name);
        return Bounded(name, value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonSerializer.Serialize(value));
    }

    /// <summary>Nanoseconds since 1970; 0 when missing.</summary>
    public long Time(string name)
    {
        string text = Text(name);
        if (text.Length == 0) return 0;
        return TryParseTime(text, out long unixNano) ? unixNano
            : throw new BadReportException(PathOf(name), "is not a time: send RFC 3339 (2026-11-22T10:00:00Z), or Unix seconds, milliseconds or nanoseconds.");
    }

    /// <summary>RFC 3339, a Unix time, or <c>2021-04-28 21:50:00 +0200</c> and <c>2021-04-28 19:50:00 UTC</c> as GitLab writes.</summary>
    public static bool TryParseTime(string text, out long unixNano)
    {
        if (text.EndsWith(" UTC", StringComparison.Ordinal)) text = text[..^4] + "Z";
        unixNano = 0;
        // A bare duration means "so long ago" in questions; a report says when.
        return !TimeRange.TryParseDuration(text, out _) && TimeRange.TryParse(text, 0, out unixNano) && unixNano > 0
            || DateTimeOffset.TryParseExact(text, "yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time)
               && (unixNano = time.ToUnixTimeMilliseconds() * 1_000_000) > 0;
    }

    private string Bounded(string name, string text) => text.Length <= textCharsMax ? text
        : throw new BadReportException(PathOf(name), $"has {text.Length} characters, at most {textCharsMax} are kept. Send the part that changed, or raise Changes:TextCharsMax.");
}
