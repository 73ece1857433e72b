using System.Globalization;
using System.Text.Json;

namespace Waybill.Web;

/// <summary>
/// Holds JSON against the schemas of an OpenAPI document: the few keywords that ours uses, strictly. A keyword that it does not know is an error of this
/// class, not of the answer; a member that no schema declares is one of the answer.
/// </summary>
internal sealed class JsonSchema(JsonElement document)
{
    private const string Reference = "#/components/schemas/";

    // Said for readers, not for values.
    private static readonly HashSet<string> Notes = ["description", "default", "deprecated", "example", "examples", "title"];

    private readonly List<string> _mistakes = [];

    /// <summary>Names of the schemas that a value was held against.</summary>
    public HashSet<string> Seen { get; } = [];

    /// <returns>What is wrong, each with its place; empty when nothing is.</returns>
    public IReadOnlyList<string> Check(JsonElement value, JsonElement schema)
    {
        _mistakes.Clear();
        Check(value, schema, "$");
        return [.. _mistakes];
    }

    private void Check(JsonElement value, JsonElement schema, string place)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
            switch (keyword.Name)
            {
                case "$ref": CheckReference(value, keyword.Value.GetString()!, place); break;
                case "type": CheckType(value, keyword.Value, place); break;
                case "required": CheckRequired(value, keyword.Value, place); break;
                case "properties" or "additionalProperties": break;   // together, below
                case "items":
                    if (value.ValueKind != JsonValueKind.Array) break;
                    foreach (var (i, item) in value.EnumerateArray().Index()) Check(item, keyword.Value, $"{place}[{i}]");
                    break;
                case "enum":
                    if (!keyword.Value.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value))) Wrong(place, $"{Short(value)} is none of {keyword.Value.GetRawText()}");
                    break;
                case "oneOf": CheckOneOf(value, keyword.Value, place); break;
                case "format": CheckFormat(value, keyword.Value.GetString()!, place); break;
                case "minimum": if (value.ValueKind == JsonValueKind.Number && value.GetDouble() < keyword.Value.GetDouble()) Wrong(place, $"{Short(value)} is less than {keyword.Value}"); break;
                case "maximum": if (value.ValueKind == JsonValueKind.Number && value.GetDouble() > keyword.Value.GetDouble()) Wrong(place, $"{Short(value)} is more than {keyword.Value}"); break;
                default: Assert.True(Notes.Contains(keyword.Name), $"Teach {nameof(JsonSchema)} the keyword {keyword.Name}."); break;
            }
        CheckMembers(value, schema, place);
    }

    private void CheckReference(JsonElement value, string reference, string place)
    {
        string name = reference[Reference.Length..];
        if (value.ValueKind != JsonValueKind.Null) Seen.Add(name);
        Check(value, document.GetProperty("components").GetProperty("schemas").GetProperty(name), place);
    }

    private void CheckType(JsonElement value, JsonElement type, string place)
    {
        string[] allowed = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.GetString()!)] : [type.GetString()!];
        string actual = value.ValueKind switch
        {
            JsonValueKind.Null => "null", JsonValueKind.True or JsonValueKind.False => "boolean", JsonValueKind.String => "string",
            JsonValueKind.Array => "array", JsonValueKind.Object => "object",
            _ => value.GetRawText().AsSpan().ContainsAny(".eE") ? "number" : "integer",
        };
        if (!allowed.Contains(actual) && !(actual == "integer" && allowed.Contains("number"))) Wrong(place, $"{Short(value)} is {actual}, not {string.Join(" or ", allowed)}");
    }

    private void CheckRequired(JsonElement value, JsonElement required, string place)
    {
        if (value.ValueKind != JsonValueKind.Object) return;
        foreach (JsonElement name in required.EnumerateArray())
            if (!value.TryGetProperty(name.GetString()!, out _)) Wrong(place, $"has no {name}");
    }

    private void CheckMembers(JsonElement value, JsonElement schema, string place)
    {
        if (value.ValueKind != JsonValueKind.Object) return;
        bool hasProperties = schema.TryGetProperty("properties", out JsonElement properties), hasOthers = schema.TryGetProperty("additionalProperties", out JsonElement others);
        if (!hasProperties && !hasOthers) return;
        foreach (JsonProperty member in value.EnumerateObject())
            if (hasProperties && properties.TryGetProperty(member.Name, out JsonElement of)) Check(member.Value, of, $"{place}.{member.Name}");
            else if (!hasOthers || others.ValueKind == JsonValueKind.False) Wrong(place, $"has {member.Name}, which is not declared");
            else if (others.ValueKind == JsonValueKind.Object) Check(member.Value, others, $"{place}.{member.Name}");
    }

    private void CheckOneOf(JsonElement value, JsonElement schemas, string place)
    {
        string[][] tries = [.. schemas.EnumerateArray().Select(schema =>
        {
            int before = _mistakes.Count;
            Check(value, schema, place);
            string[] found = [.. _mistakes.Skip(before)];
            _mistakes.RemoveRange(before, found.Length);
            return found;
        })];
        if (tries.Count(mistakes => mistakes.Length == 0) != 1) _mistakes.AddRange(tries.Where(mistakes => mistakes.Length > 0).MaxBy(mistakes => mistakes.Length) ?? [$"{place}: fits more than one of oneOf"]);
    }

    private void CheckFormat(JsonElement value, string format, string place)
    {
        if (value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String)) return;
        bool fits = format switch
        {
            "int32" => value.TryGetInt32(out _),
            "int64" => value.TryGetInt64(out _),
            "uint32" => value.TryGetUInt32(out _),
            "uint64" => value.TryGetUInt64(out _),
            "double" or "float" => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()),
            "date-time" => DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _),
            _ => throw new NotSupportedException($"Teach {nameof(JsonSchema)} the format {format}."),
        };
        if (!fits) Wrong(place, $"{Short(value)} is no {format}");
    }

    private void Wrong(string place, string what) => _mistakes.Add($"{place}: {what}");

    private static string Short(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? text[..60] + "..." : value.GetRawText();
}
