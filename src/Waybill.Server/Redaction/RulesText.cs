using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Waybill.Redaction;

/// <summary>What is wrong in a rules file, and what to write instead.</summary>
public sealed record RuleError(int Line, string Field, string Message)
{
    public override string ToString() => $"line {Line}{(Field.Length > 0 ? $", {Field}" : "")}: {Message}";
}

/// <summary>Reads <c>redaction.yaml</c>. Every error is reported at once; a file with an error gives no rules.</summary>
public static class RulesText
{
    public const int BytesMax = 256 * 1024;
    private const int RulesMax = 1_000, NamesMax = 1_000, NameMax = 256, PatternMax = 1_000;

    private static readonly TimeSpan PatternTime = TimeSpan.FromSeconds(1);

    public static (RuleSet? Rules, IReadOnlyList<RuleError> Errors) Parse(string yaml)
    {
        var reading = new Reading();
        if (Encoding.UTF8.GetByteCount(yaml) > BytesMax) return (null, [new RuleError(1, "", $"The file is larger than {BytesMax} bytes.")]);
        RuleSet? rules = null;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            rules = reading.Read(stream, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)))[..16]);
        }
        catch (YamlException e)
        {
            reading.Add((int)e.Start.Line, "", $"This is no YAML: {e.Message}");
        }
        return (reading.Errors.Count == 0 ? rules : null, reading.Errors);
    }

    /// <summary>One file being read, with the errors so far.</summary>
    private sealed class Reading
    {
        public List<RuleError> Errors { get; } = [];

        public void Add(int line, string field, string message) => Errors.Add(new RuleError(line, field, message));

        public RuleSet Read(YamlStream stream, string version)
        {
            if (stream.Documents.Count == 0) return new RuleSet([], [], RedactionMode.Deny, true, new Dictionary<Detector, RedactionAction>(), version);
            if (Map(stream.Documents[0].RootNode, "", ["mode", "defaults", "detectors", "allow", "rules"]) is not { } root) return RuleSet.Default;
            var mode = Choice(root, "mode", "", "deny", ["deny", "allow"]) == "allow" ? RedactionMode.Allow : RedactionMode.Deny;
            bool defaults = Choice(root, "defaults", "", "true", ["true", "false"]) == "true";
            var actions = new Dictionary<Detector, RedactionAction>();
            if (root.GetValueOrDefault("detectors") is { } detectors && Map(detectors, "detectors", null) is { } named)
                foreach (var (name, node) in named)
                    if (DetectorOf(name, node, "detectors") is { } detector && ActionOf(node, $"detectors.{name}", simpleOnly: true) is { } action) actions[detector] = action;
            var allowed = List(root, "allow", "", RulesMax).Select((node, i) => AllowanceOf(node, $"allow[{i}]")).OfType<Allowance>().ToList();
            var rules = List(root, "rules", "", RulesMax).Select((node, i) => RuleOf(node, $"rules[{i}]")).OfType<Rule>().ToList();
            return new RuleSet(rules, allowed, mode, defaults, actions, version);
        }

        private Allowance? AllowanceOf(YamlNode node, string path)
        {
            if (node is YamlScalarNode { Value: { Length: > 0 } key }) return new Allowance([new Glob(key)], [], []);
            if (Map(node, path, ["keys", "signals", "services"]) is not { } map) return null;
            var keys = Globs(map, "keys", path);
            if (keys.Count == 0) Add(Line(node), $"{path}.keys", "Name the keys that may be stored, such as keys: [\"http.*\"].");
            return new Allowance(keys, Signals(map, path), Globs(map, "services", path));
        }

        private Rule? RuleOf(YamlNode node, string path)
        {
            if (Map(node, path, ["name", "keys", "signals", "services", "carriers", "detectors", "pattern", "action", "length", "replacement"]) is not { } map) return null;
            string name = Scalar(map, "name", path) ?? path;
            if (name.Length > NameMax) Add(Line(node), $"{path}.name", $"A name has at most {NameMax} characters.");
            RedactionAction? action = map.TryGetValue("action", out var actionNode) ? ActionOf(actionNode, $"{path}.action", simpleOnly: false) : null;
            if (actionNode is null) Add(Line(node), $"{path}.action", "Say what to do: drop, mask, hash, truncate, replace or keep.");
            var rule = new Rule(name, action ?? RedactionAction.Replace)
            {
                Keys = Globs(map, "keys", path),
                Signals = Signals(map, path),
                Services = Globs(map, "services", path),
                Carriers = [.. Names(map, "carriers", path).Select(item => CarrierOf(item.Name, item.Node, path)).OfType<Carrier>()],
                Detectors = [.. Names(map, "detectors", path).Select(item => DetectorOf(item.Name, item.Node, $"{path}.detectors")).OfType<Detector>()],
                Pattern = map.TryGetValue("pattern", out var pattern) ? PatternOf(pattern, $"{path}.pattern") : null,
                LengthMax = LengthOf(map, action, node, path),
                Replacement = Scalar(map, "replacement", path),
            };
            if (map.TryGetValue("replacement", out var replacement) && action is not RedactionAction.Replace) Add(Line(replacement), $"{path}.replacement", "Only action: replace has a replacement.");
            if (!map.ContainsKey("keys") && !map.ContainsKey("carriers") && !map.ContainsKey("detectors") && !map.ContainsKey("pattern"))
                Add(Line(node), path, "This takes every value of everything. Name keys, carriers, detectors or a pattern; to take everything, write keys: [\"*\"].");
            return rule;
        }

        private int LengthOf(Dictionary<string, YamlNode> map, RedactionAction? action, YamlNode rule, string path)
        {
            if (action == RedactionAction.Truncate && !map.ContainsKey("length")) Add(Line(rule), $"{path}.length", "Say how many characters truncating leaves, such as length: 16.");
            if (Scalar(map, "length", path) is not { } text) return 0;
            if (int.TryParse(text, out int length) && length is >= 0 and <= 65_536) return length;
            Add(Line(map["length"]), $"{path}.length", "Write a whole number from 0 to 65536.");
            return 0;
        }

        private Regex? PatternOf(YamlNode node, string path)
        {
            if (node is not YamlScalarNode { Value: { Length: > 0 and <= PatternMax } text })
            {
                Add(Line(node), path, $"Write a regular expression of 1 to {PatternMax} characters.");
                return null;
            }
            try
            {
                return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternTime);
            }
            catch (NotSupportedException)
            {
                Add(Line(node), path, "Look-arounds, back-references and atomic groups are not allowed: they can take time without bound. Match what is to go, and its context with a key or a longer pattern.");
            }
            catch (ArgumentException e)
            {
                Add(Line(node), path, $"This is no regular expression: {e.Message}");
            }
            return null;
        }

        private RedactionAction? ActionOf(YamlNode node, string path, bool simpleOnly)
        {
            string? text = (node as YamlScalarNode)?.Value;
            RedactionAction? action = text switch
            {
                "drop" => RedactionAction.Drop, "mask" => RedactionAction.Mask, "hash" => RedactionAction.Hash, "replace" => RedactionAction.Replace, "keep" => RedactionAction.Keep,
                "truncate" when !simpleOnly => RedactionAction.Truncate,
                _ => null,
            };
            if (action is null) Add(Line(node), path, $"'{Short(text)}' is no action here; use drop, mask, hash, {(simpleOnly ? "" : "truncate, ")}replace or keep.");
            return action;
        }

        private Detector? DetectorOf(string name, YamlNode node, string path)
        {
            if (Detectors.TryParse(name, out Detector detector)) return detector;
            Add(Line(node), path, $"'{Short(name)}' is no detector; there are {string.Join(", ", Detectors.RuleNames)}.");
            return null;
        }

        private Carrier? CarrierOf(string name, YamlNode node, string path)
        {
            if (Carriers.TryParse(name, out Carrier carrier)) return carrier;
            Add(Line(node), $"{path}.carriers", $"'{Short(name)}' is no carrier; there are {string.Join(", ", Carriers.AllNames)}.");
            return null;
        }

        private List<RedactedSignal> Signals(Dictionary<string, YamlNode> map, string path)
        {
            var signals = new List<RedactedSignal>();
            foreach (var (name, node) in Names(map, "signals", path))
            {
                if (Carriers.TryParse(name, out RedactedSignal signal)) signals.Add(signal);
                else Add(Line(node), $"{path}.signals", $"'{Short(name)}' is no signal; there are {string.Join(", ", Carriers.AllSignalNames)}.");
            }
            return signals;
        }

        private IReadOnlyList<Glob> Globs(Dictionary<string, YamlNode> map, string field, string path) => [.. Names(map, field, path).Select(item => new Glob(item.Name))];

        private List<(string Name, YamlNode Node)> Names(Dictionary<string, YamlNode> map, string field, string path)
        {
            var names = new List<(string, YamlNode)>();
            foreach (var node in map.TryGetValue(field, out var one) && one is YamlScalarNode ? [one] : List(map, field, path, NamesMax))
            {
                if (node is YamlScalarNode { Value: { Length: > 0 and <= NameMax } name }) names.Add((name, node));
                else Add(Line(node), $"{path}.{field}", $"Write names of 1 to {NameMax} characters.");
            }
            return names;
        }

        private IEnumerable<YamlNode> List(Dictionary<string, YamlNode> map, string field, string path, int countMax)
        {
            if (!map.TryGetValue(field, out var node)) return [];
            string name = path.Length == 0 ? field : $"{path}.{field}";
            if (node is YamlSequenceNode list && list.Children.Count <= countMax) return list.Children;
            Add(Line(node), name, $"Write a list of at most {countMax}, such as {field}: [a, b].");
            return [];
        }

        private string? Scalar(Dictionary<string, YamlNode> map, string field, string path)
        {
            if (!map.TryGetValue(field, out var node)) return null;
            if (node is YamlScalarNode scalar) return scalar.Value ?? "";
            Add(Line(node), path.Length == 0 ? field : $"{path}.{field}", "Write one value.");
            return null;
        }

        private string Choice(Dictionary<string, YamlNode> map, string field, string path, string missing, string[] choices)
        {
            string value = Scalar(map, field, path) ?? missing;
            if (choices.Contains(value)) return value;
            Add(Line(map[field]), field, $"'{Short(value)}' is not one of {string.Join(", ", choices)}.");
            return missing;
        }

        private Dictionary<string, YamlNode>? Map(YamlNode node, string path, string[]? fields)
        {
            if (node is YamlScalarNode { Value: null or "" }) return [];
            if (node is not YamlMappingNode mapping)
            {
                Add(Line(node), path, fields is null ? "Write names and values." : $"Write fields: {string.Join(", ", fields)}.");
                return null;
            }
            var map = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
            foreach (var (key, value) in mapping.Children)
            {
                string name = (key as YamlScalarNode)?.Value ?? "";
                if (fields is not null && !fields.Contains(name))
                    Add(Line(key), path.Length == 0 ? Short(name) : $"{path}.{Short(name)}", $"There is no such field; there are {string.Join(", ", fields)}.");
                else map[name] = value;
            }
            return map;
        }

        private static int Line(YamlNode node) => (int)node.Start.Line;

        private static string Short(string? text) => text is null ? "" : text.Length <= 40 ? text : text[..40] + "…";
    }
}
