using System.Text.Json;
using Waybill.Traces;

namespace Waybill.Digests;

/// <summary>An exception as a span event or log record tells it.</summary>
public sealed record SeenException(string Type, string Message, string SpanId, string Service, string TimeUnixNano, int Count);

/// <summary>A feature flag as it was evaluated in the trace.</summary>
public sealed record SeenFlag(string Key, string Variant, string SpanId, string Service);

/// <summary>What a span points to.</summary>
public readonly record struct SeenLink(string TraceId, string SpanId, string MessageId);

/// <summary>Reads what spans tell in events and links. Both are stored as JSON; most spans have none.</summary>
internal static class SpanFacts
{
    private const int MessageCharsMax = 500;

    public static IEnumerable<SeenException> Exceptions(SpanView span)
    {
        if (span.Events.IsEmpty) return [];
        using JsonDocument events = Parse(span.Events);
        return [.. events.RootElement.EnumerateArray().Where(item => Name(item) == "exception").Select(item =>
            new SeenException(Attribute(item, "exception.type"), Shorten(Attribute(item, "exception.message")), span.SpanId, span.Service, item.GetProperty("time"u8).GetRawText(), 1))];
    }

    /// <summary>Flags by the event of semantic conventions 1.44 (<c>feature_flag.evaluation</c>) and before (<c>feature_flag</c>).</summary>
    public static IEnumerable<SeenFlag> Flags(SpanView span)
    {
        if (span.Events.IsEmpty) return [];
        using JsonDocument events = Parse(span.Events);
        return [.. events.RootElement.EnumerateArray().Where(item => Name(item) is "feature_flag" or "feature_flag.evaluation").Select(item =>
            new SeenFlag(Attribute(item, "feature_flag.key"), FirstOf(item, "feature_flag.result.variant", "feature_flag.result.value", "feature_flag.variant"), span.SpanId, span.Service))
            .Where(flag => flag.Key.Length > 0)];
    }

    public static IReadOnlyList<SeenLink> Links(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return [];
        using JsonDocument links = Parse(stored);
        return [.. links.RootElement.EnumerateArray().Select(item =>
            new SeenLink(item.GetProperty("trace"u8).GetString() ?? "", item.GetProperty("span"u8).GetString() ?? "", Attribute(item, "messaging.message.id")))];
    }

    private static string Name(JsonElement item) => item.TryGetProperty("name"u8, out JsonElement name) ? name.GetString() ?? "" : "";

    private static string FirstOf(JsonElement item, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
            if (Attribute(item, key) is { Length: > 0 } value) return value;
        return "";
    }

    // Keys carry their value's type letter.
    private static string Attribute(JsonElement item, string key)
    {
        if (!item.TryGetProperty("attributes"u8, out JsonElement attributes)) return "";
        foreach (JsonProperty attribute in attributes.EnumerateObject())
            if (attribute.Name.Length == key.Length + 2 && attribute.Name.EndsWith(key, StringComparison.Ordinal)) return attribute.Value.GetString() ?? "";
        return "";
    }

    internal static string Shorten(string text) => text.Length <= MessageCharsMax ? text : text[..MessageCharsMax] + "...";

    private static JsonDocument Parse(ReadOnlySpan<byte> stored)
    {
        var reader = new Utf8JsonReader(stored);
        return JsonDocument.ParseValue(ref reader);
    }
}
