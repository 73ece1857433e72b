using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Waybill.Deploy;

/// <summary>As much of Go's templates and Sprig as the notifications of Argo CD use here: paths, toJson, default, index, dict.</summary>
internal static partial class GoTemplate
{
    public static string Render(string template, JsonNode data) => Action().Replace(template, action => Write(Evaluate(new Queue<string>(Token().Matches(action.Groups[1].Value).Select(token => token.Value)), data)));

    private static string Write(JsonNode? value) => value is JsonValue text && text.TryGetValue(out string? plain) ? plain : value?.ToJsonString() ?? "";

    /// <summary>One expression: a function takes all that follows, up to the closing parenthesis.</summary>
    private static JsonNode? Evaluate(Queue<string> tokens, JsonNode data)
    {
        string first = tokens.Dequeue();
        if (first[0] == '.') return first[1..].Split('.').Aggregate((JsonNode?)data, (node, name) => node is JsonObject of ? of[name] : null);
        if (first[0] == '"') return JsonValue.Create(first[1..^1]);
        var arguments = new List<JsonNode?>();
        while (tokens.TryPeek(out string? next) && next != ")")
        {
            if (next == "(") tokens.Dequeue();
            bool nested = next == "(";
            arguments.Add(next == "dict" ? new JsonObject() : Evaluate(tokens, data));
            if (next == "dict" || nested) tokens.Dequeue();
        }
        return first switch
        {
            "toJson" => JsonValue.Create(arguments[0]?.ToJsonString() ?? "null"),
            "default" => arguments[1] is null ? arguments[0] : arguments[1],
            "index" => (arguments[0] as JsonObject)?[(string)arguments[1]!],
            _ => throw new InvalidOperationException($"The template calls '{first}', which this test does not know."),
        };
    }

    [GeneratedRegex(@"\{\{(.*?)\}\}")] private static partial Regex Action();
    [GeneratedRegex("""\(|\)|"[^"]*"|[^\s()]+""")] private static partial Regex Token();
}
