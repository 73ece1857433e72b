using System.Globalization;
using System.Text;
using System.Text.Json;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Query.Syntax;
using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Search;

/// <summary>One row of <c>spans</c> as the query language sees it: values by the names of fields. Nothing is converted before it is asked for.</summary>
internal sealed class StoredSpan(Block block, int row, Origin? resource, Origin? scope)
{
    public SpanId Id { get; } = new(block["span_id"].GetBytes(row));
    public SpanId ParentId { get; } = new(block["parent_id"].GetBytes(row));
    public long StartUnixNano { get; } = block["start"].GetInt64(row);
    public long DurationNano { get; } = block["duration"].GetInt64(row);
    public string Service => block["service"].GetString(row);
    public string Name => block["name"].GetString(row);
    public SpanKind Kind => (SpanKind)block["kind"].GetInt64(row);
    public SpanStatus Status => (SpanStatus)block["status"].GetInt64(row);
    public string StatusMessage => block["status_message"].GetString(row);
    public bool Matched => block["matched"].GetInt64(row) != 0;
    public long EndUnixNano => unchecked(StartUnixNano + DurationNano);

    /// <summary>A value: string, long, double, bool, or a JSON array; null when the span has none.</summary>
    public object? Attribute(AttributeScope scope, string name) => scope switch
    {
        AttributeScope.Span => OfSpan(name),
        AttributeScope.Resource => OfOrigin(resource, name),
        AttributeScope.Instrumentation => OfOrigin(this.scope, name),
        AttributeScope.Event => Attachments("events").Select(element => OfElement(element, name)).FirstOrDefault(value => value is not null),
        AttributeScope.Link => Attachments("links").Select(element => OfElement(element, name)).FirstOrDefault(value => value is not null),
        _ => OfSpan(name) ?? OfOrigin(resource, name) ?? Attribute(AttributeScope.Event, name) ?? Attribute(AttributeScope.Link, name) ?? OfOrigin(this.scope, name),
    };

    private readonly Origin? scope = scope;

    private object? OfSpan(string name)
    {
        if (PromotedColumns.Strings.FirstOrDefault(promoted => promoted.Key == name) is { } column && block[column.Column].GetString(row) is { Length: > 0 } text) return text;
        if (name == PromotedColumns.StatusKey && block[PromotedColumns.StatusColumn].GetInt64(row) is not 0 and var status) return status;
        BlockColumn map = block["attributes"];
        Range range = map.GetRange(row);
        byte[] key = Encoding.UTF8.GetBytes(name);
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            ReadOnlySpan<byte> stored = map.Keys!.GetBytes(i);
            if (stored.Length == key.Length + 2 && stored[2..].SequenceEqual(key)) return Typed((char)stored[0], map.Values!.GetString(i));
        }
        return null;
    }

    /// <summary>A stored value from its type's letter and its text.</summary>
    public static object? Typed(char type, string text) => type switch
    {
        'i' => long.Parse(text, CultureInfo.InvariantCulture),
        'd' => double.Parse(text, CultureInfo.InvariantCulture),
        'b' => text == "true",
        'j' => JsonSerializer.Deserialize<JsonElement>(text),
        'n' => null,
        _ => text,
    };

    private static object? OfOrigin(Origin? origin, string name)
    {
        if (origin is null) return null;
        using var json = JsonDocument.Parse(origin.AttributesJson);
        return json.RootElement.TryGetProperty(name, out JsonElement value) ? Plain(value) : null;
    }

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Number => value.GetRawText().AsSpan().ContainsAny(".eE") ? value.GetDouble() : value.GetInt64(),
        JsonValueKind.Null => null,
        _ => value.Clone(),
    };

    /// <summary>Events or links, parsed.</summary>
    public IEnumerable<JsonElement> Attachments(string column)
    {
        string text = block[column].GetString(row);
        return text.Length == 0 ? [] : JsonSerializer.Deserialize<JsonElement>(text).EnumerateArray();
    }

    private static object? OfElement(JsonElement element, string name)
    {
        if (!element.TryGetProperty("attributes", out JsonElement attributes)) return null;
        foreach (JsonProperty attribute in attributes.EnumerateObject())
            if (attribute.Name.Length == name.Length + 2 && attribute.Name.EndsWith(name, StringComparison.Ordinal)) return Typed(attribute.Name[0], attribute.Value.GetString()!);
        return null;
    }
}
