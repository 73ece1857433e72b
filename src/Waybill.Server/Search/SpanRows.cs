using System.Globalization;
using System.Text.Json;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;
using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Search;

using TraceSpan = Waybill.Query.Evaluation.TraceSpan;

/// <summary>Turns rows of <c>spans</c> into the spans that the query language's interpreter reads, with the fields that a query mentions.</summary>
internal sealed class SpanRows(QueryFields fields, IReadOnlyDictionary<ulong, Origin> resources, IReadOnlyDictionary<ulong, Origin> scopes)
{
    private readonly Dictionary<ulong, AttributeSet> _resources = resources.ToDictionary(pair => pair.Key, pair => OfOrigin(pair.Value));
    private readonly Dictionary<ulong, AttributeSet> _scopes = scopes.ToDictionary(pair => pair.Key, pair => OfOrigin(pair.Value));
    private readonly Dictionary<string, AttributeSet> _services = [];

    public TraceSpan Read(Block block, int row)
    {
        ulong scope = block["scope_id"].GetUInt64(row);
        var parent = new SpanId(block["parent_id"].GetBytes(row));
        return new TraceSpan
        {
            SpanId = new SpanId(block["span_id"].GetBytes(row)).ToString(),
            ParentId = parent.IsZero ? "" : parent.ToString(),
            Name = block["name"].GetString(row),
            Kind = (Query.Syntax.SpanKind)block["kind"].GetInt64(row),
            Status = (Query.Syntax.SpanStatus)block["status"].GetInt64(row),
            StatusMessage = block["status_message"].GetString(row),
            StartUnixNano = block["start"].GetInt64(row),
            DurationNano = block["duration"].GetInt64(row),
            Weight = block["weight"].GetDouble(row),
            Attributes = fields.HasSpan ? OfSpan(block, row) : AttributeSet.None,
            Resource = fields.HasResource ? _resources.GetValueOrDefault(block["resource_id"].GetUInt64(row), AttributeSet.None) : OfService(block["service"].GetString(row)),
            InstrumentationName = scopes.GetValueOrDefault(scope)?.Name ?? "",
            InstrumentationVersion = scopes.GetValueOrDefault(scope)?.Version ?? "",
            Instrumentation = _scopes.GetValueOrDefault(scope, AttributeSet.None),
            Events = fields.HasEvents ? [.. Elements(block, "events", row).Select(ToEvent)] : [],
            Links = fields.HasLinks ? [.. Elements(block, "links", row).Select(ToLink)] : [],
        };
    }

    private AttributeSet OfService(string service)
    {
        if (!_services.TryGetValue(service, out AttributeSet? attributes)) _services[service] = attributes = new AttributeSet { { "service.name", Static.Of(service) } };
        return attributes;
    }

    private AttributeSet OfSpan(Block block, int row)
    {
        var attributes = new AttributeSet();
        foreach (PromotedAttribute promoted in fields.Promoted)
            if (block[promoted.Column].GetString(row) is { Length: > 0 } text) attributes[promoted.Key] = Value.Of(Static.Of(text));
        if (fields.HasStatusCode && block[PromotedColumns.StatusColumn].GetInt64(row) is not 0 and var status) attributes[PromotedColumns.StatusKey] = Value.Of(Static.Of(status));
        BlockColumn map = block["attributes"];
        Range range = map.GetRange(row);
        for (int i = range.Start.Value; i < range.End.Value; i++) Add(attributes, map.Keys!.GetString(i), map.Values!.GetString(i));
        return attributes;
    }

    /// <summary>Adds what is stored under a typed key, if the language has such values.</summary>
    private static void Add(AttributeSet to, string typedKey, string text)
    {
        if (typedKey.Length >= 2 && Typed(typedKey[0], text) is { } value) to.TryAdd(typedKey[2..], value);
    }

    private static Value? Typed(char type, string text) => type switch
    {
        's' => Value.Of(Static.Of(text)),
        'i' => Value.Of(Static.Of(long.Parse(text, CultureInfo.InvariantCulture))),
        'd' => Value.Of(Static.Of(double.Parse(text, CultureInfo.InvariantCulture))),
        'b' => Value.Of(Static.Of(text == "true")),
        'j' => OfJson(JsonSerializer.Deserialize<JsonElement>(text)),
        _ => null,
    };

    private static Value? OfJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => Value.Array([.. json.EnumerateArray().Select(OfJson).OfType<Value>().Where(value => !value.IsArray).Select(value => value.First)]),
        JsonValueKind.Object when json.TryGetProperty("$double"u8, out JsonElement real) => Value.Of(Static.Of(double.Parse(real.GetString()!, CultureInfo.InvariantCulture))),
        JsonValueKind.Object => Value.Array(),   // there, and nothing to compare
        JsonValueKind.String => Value.Of(Static.Of(json.GetString()!)),
        JsonValueKind.True or JsonValueKind.False => Value.Of(Static.Of(json.GetBoolean())),
        JsonValueKind.Number => Value.Of(json.GetRawText().AsSpan().ContainsAny(".eE") ? Static.Of(json.GetDouble()) : Static.Of(json.GetInt64())),
        _ => null,
    };

    private static AttributeSet OfOrigin(Origin origin)
    {
        var attributes = new AttributeSet();
        using var json = JsonDocument.Parse(origin.AttributesJson);
        foreach (JsonProperty property in json.RootElement.EnumerateObject())
            if (OfJson(property.Value) is { } value) attributes.TryAdd(property.Name, value);
        return attributes;
    }

    private static JsonElement.ArrayEnumerator Elements(Block block, string column, int row) =>
        block[column].GetString(row) is { Length: > 0 } text ? JsonSerializer.Deserialize<JsonElement>(text).EnumerateArray() : default;

    private static TraceEvent ToEvent(JsonElement element) => new(Text(element, "name"), element.GetProperty("time").GetInt64(), OfElement(element));

    private static TraceLink ToLink(JsonElement element) => new(Text(element, "trace"), Text(element, "span"), OfElement(element));

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString()! : "";

    private static AttributeSet OfElement(JsonElement element)
    {
        var attributes = new AttributeSet();
        if (element.TryGetProperty("attributes", out JsonElement stored))
            foreach (JsonProperty property in stored.EnumerateObject()) Add(attributes, property.Name, property.Value.GetString()!);
        return attributes;
    }
}
