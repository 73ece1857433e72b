using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Waybill.Redaction;
using Waybill.Web;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Waybill.Audit;

/// <summary>What is suspicious.</summary>
/// <param name="Kind">failures-then-success, first-access or unusual-volume.</param>
/// <param name="Actions">Acts it looks at; a * stands for anything.</param>
/// <param name="Least">Failures, earlier accesses by others, or acts: below it nothing is said.</param>
/// <param name="Factor">Of unusual-volume: so many times the most that was.</param>
public sealed record SuspicionRule(
    string Name, [property: AllowedValues("failures-then-success", "first-access", "unusual-volume")] string Kind, [property: AllowedValues("low", "medium", "high")] string Severity,
    IReadOnlyList<string> Actions, int Least, int WithinSeconds, int LookBackSeconds, double Factor)
{
    private const int Minute = 60, Day = 86_400;

    /// <summary>In force without a file.</summary>
    public static IReadOnlyList<SuspicionRule> Default { get; } =
    [
        new("failures-then-success", "failures-then-success", "high", ["user.sign-in", "authentication.*"], Least: 5, WithinSeconds: 15 * Minute, LookBackSeconds: 0, Factor: 0),
        new("first-access", "first-access", "low", ["*.read", "*.export"], Least: 10, WithinSeconds: 0, LookBackSeconds: 30 * Day, Factor: 0),
        new("unusual-volume", "unusual-volume", "medium", ["*.read", "*.export"], Least: 200, WithinSeconds: 60 * Minute, LookBackSeconds: 7 * Day, Factor: 5),
    ];

    /// <summary>The acts as the engine's LIKE takes them.</summary>
    internal IReadOnlyList<string> Likes => [.. Actions.Select(action => action.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal).Replace('*', '%'))];
}

/// <summary>Reads <c>suspicions.yaml</c>. Every error is reported at once; a file with an error gives no rules.</summary>
/// <remarks>
/// <code>
/// rules:
///   - name: guessed-passwords
///     kind: failures-then-success     # or first-access, unusual-volume
///     severity: high                  # low, medium, high
///     actions: [user.sign-in, "authentication.*"]
///     least: 5
///     within: 15m
///     lookBack: 30d
///     factor: 5
/// </code>
/// </remarks>
public static class SuspicionRules
{
    public const int BytesMax = 64 * 1024;
    private const int RulesMax = 100;
    private static readonly string[] Fields = ["name", "kind", "severity", "actions", "least", "within", "lookBack", "factor"];

    public static (IReadOnlyList<SuspicionRule>? Rules, IReadOnlyList<RuleError> Errors) Parse(string yaml)
    {
        var errors = new List<RuleError>();
        var rules = new List<SuspicionRule>();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count == 0) return ([], []);
            if (stream.Documents[0].RootNode is not YamlMappingNode root || root.Children.Keys.FirstOrDefault(key => key.ToString() != "rules") is not null || !root.Children.TryGetValue("rules", out YamlNode? list) || list is not YamlSequenceNode nodes)
                return (null, [new RuleError(1, "rules", "Expected a list, rules:, and nothing beside it.")]);
            if (nodes.Children.Count > RulesMax) return (null, [new RuleError((int)nodes.Start.Line, "rules", $"There are {nodes.Children.Count}; at most {RulesMax} are looked at.")]);
            for (int i = 0; i < nodes.Children.Count; i++)
                if (Read(nodes.Children[i], $"rules[{i}]", errors) is { } rule) rules.Add(rule);
        }
        catch (YamlException e)
        {
            errors.Add(new RuleError((int)e.Start.Line, "", $"This is no YAML: {e.Message}"));
        }
        return (errors.Count == 0 ? rules : null, errors);
    }

    private static SuspicionRule? Read(YamlNode node, string path, List<RuleError> errors)
    {
        int line = (int)node.Start.Line, before = errors.Count;
        if (node is not YamlMappingNode map) return Wrong("", "Expected name, kind and actions.");
        foreach (YamlNode key in map.Children.Keys.Where(key => !Fields.Contains(key.ToString()))) errors.Add(new RuleError((int)key.Start.Line, $"{path}.{key}", $"There are {string.Join(", ", Fields)}."));
        if (Text("kind") is not { } kind || SuspicionRule.Default.FirstOrDefault(rule => rule.Kind == kind) is not { } like) return Wrong("kind", $"Expected one of {string.Join(", ", SuspicionRule.Default.Select(rule => rule.Kind))}.");
        string severity = Text("severity") ?? like.Severity;
        if (severity is not ("low" or "medium" or "high")) Wrong("severity", "Expected low, medium or high.");
        string[] actions = map.Children.TryGetValue("actions", out YamlNode? listed) && listed is YamlSequenceNode several ? [.. several.Children.Select(one => one.ToString())] : Text("actions") is { } single ? [single] : [.. like.Actions];
        if (actions.Length is 0 or > 100 || actions.Any(action => action.Length is 0 or > 200)) Wrong("actions", "Name the acts it looks at, such as [user.sign-in, \"authentication.*\"].");
        var rule = like with
        {
            Name = Text("name") ?? kind, Severity = severity, Actions = actions, Least = Number("least", 1, 1_000_000, like.Least), Factor = Number("factor", 1, 1_000, (int)Math.Max(1, like.Factor)),
            WithinSeconds = Duration("within", like.WithinSeconds), LookBackSeconds = Duration("lookBack", like.LookBackSeconds),
        };
        return errors.Count == before ? rule : null;

        string? Text(string name) => map.Children.TryGetValue(name, out YamlNode? value) && value is YamlScalarNode { Value: { Length: > 0 } text } ? text : null;

        SuspicionRule? Wrong(string field, string message)
        {
            errors.Add(new RuleError(line, field.Length == 0 ? path : $"{path}.{field}", message));
            return null;
        }

        int Number(string name, int min, int max, int otherwise)
        {
            if (Text(name) is not { } text) return otherwise;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max) return number;
            Wrong(name, $"Expected a whole number from {min} to {max}.");
            return otherwise;
        }

        int Duration(string name, int otherwise)
        {
            if (Text(name) is not { } text) return otherwise;
            if (TimeRange.TryParseDuration(text, out long nano) && nano is >= 1_000_000_000 and <= 400L * 86_400 * 1_000_000_000) return (int)(nano / 1_000_000_000);
            Wrong(name, "Expected a duration from 1s to 400d, such as 15m or 30d.");
            return otherwise;
        }
    }
}
