using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Waybill.Catalogs;

/// <summary>What a catalog file says, and all that is wrong with it.</summary>
public sealed partial record CatalogFile(IReadOnlyList<CatalogEntity> Entities, IReadOnlyList<CatalogProblem> Problems)
{
    private const int DocumentsMax = 20_000;

    // What an entity of these kinds must say; kinds that are not here are passed over.
    private static readonly Dictionary<string, string[]> RequiredSpec = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Component"] = ["type", "lifecycle", "owner"], ["System"] = ["owner"], ["Domain"] = ["owner"], ["Resource"] = ["type", "owner"],
        ["API"] = [], ["Group"] = [], ["User"] = [], ["Location"] = [], ["Template"] = [],
    };

    /// <summary>Reads all documents of a file. Errors are collected, not thrown: who mends a file wants to see all of them.</summary>
    public static CatalogFile Parse(string path, string text)
    {
        var problems = new List<CatalogProblem>();
        var entities = new List<CatalogEntity>();
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            return new CatalogFile([], [new CatalogProblem(path, (int)e.Start.Line, "", $"is not YAML: {Sentence(e.InnerException?.Message ?? e.Message)}")]);
        }
        foreach (YamlDocument document in yaml.Documents.Take(DocumentsMax))
        {
            var entity = new EntityReader(path, document.RootNode, problems).Read();
            if (entity is null) continue;
            if (entities.Find(other => other.Ref == entity.Ref) is { } twin)
                problems.Add(new CatalogProblem(path, entity.Line, "metadata.name", $"{entity.Ref} is described twice; the other begins in line {twin.Line}."));
            else entities.Add(entity);
        }
        if (yaml.Documents.Count > DocumentsMax) problems.Add(new CatalogProblem(path, 0, "", $"has more than {DocumentsMax} documents."));
        return new CatalogFile(entities, problems);
    }

    /// <summary><c>[kind:][namespace/]name</c> in full and lower case; null when it is no reference.</summary>
    internal static string? Reference(string text, string kind, string entityNamespace)
    {
        Match match = ReferenceForm().Match(text.Trim());
        if (!match.Success) return null;
        string of = match.Groups["kind"].Success ? match.Groups["kind"].Value : kind, within = match.Groups["namespace"].Success ? match.Groups["namespace"].Value : entityNamespace;
        return $"{of}:{within}/{match.Groups["name"].Value}".ToLowerInvariant();
    }

    private static string Sentence(string message) => message.ReplaceLineEndings(" ");

    /// <summary>Reads one document.</summary>
    private sealed class EntityReader(string path, YamlNode root, List<CatalogProblem> problems)
    {
        private int _problems;

        public CatalogEntity? Read()
        {
            if (root is YamlScalarNode { Value: null or "" }) return null;   // an empty document between two ---
            if (root is not YamlMappingNode entity)
            {
                Wrong(root, "", "expected an entity: apiVersion, kind, metadata, spec.");
                return null;
            }
            string kind = Text(entity, "kind", "kind", required: true);
            if (Text(entity, "apiVersion", "apiVersion", required: true) is { Length: > 0 } version && !version.StartsWith("backstage.io/", StringComparison.Ordinal)) return null;   // another tool's
            if (!RequiredSpec.TryGetValue(kind, out string[]? required)) return null;
            if (Map(entity, "metadata") is not { } metadata)
            {
                Wrong(entity, "metadata", "is missing.");
                return null;
            }
            YamlMappingNode spec = Map(entity, "spec") ?? new YamlMappingNode();
            string name = Text(metadata, "name", "metadata.name", required: true), space = Text(metadata, "namespace", "metadata.namespace") is { Length: > 0 } said ? said : "default";
            if (name.Length > 0 && !NameForm().IsMatch(name)) Wrong(Node(metadata, "name")!, "metadata.name", "may have 1 to 63 letters and digits, parted by '-', '_' or '.'.");
            foreach (string field in required) Text(spec, field, $"spec.{field}", required: true, owner: entity);
            YamlMappingNode profile = Map(spec, "profile") ?? new YamlMappingNode();
            var read = new CatalogEntity(kind, $"{kind}:{space}/{name}".ToLowerInvariant(), name, path, (int)entity.Start.Line)
            {
                Title = Text(metadata, "title", "metadata.title"), Description = Text(metadata, "description", "metadata.description"),
                Owner = Ref(spec, "owner", "group", space), System = Ref(spec, "system", "system", space), Domain = Ref(spec, "domain", "domain", space),
                Type = Text(spec, "type", "spec.type"), Lifecycle = Text(spec, "lifecycle", "spec.lifecycle"),
                DisplayName = Text(profile, "displayName", "spec.profile.displayName"), Email = Text(profile, "email", "spec.profile.email"),
                DependsOn = References(spec, space), Links = Links(metadata), Annotations = Texts(metadata, "annotations"), Labels = Texts(metadata, "labels"),
            };
            return _problems == 0 ? read : null;
        }

        private string Ref(YamlMappingNode spec, string field, string kind, string space)
        {
            string text = Text(spec, field, $"spec.{field}");
            if (text.Length == 0) return "";
            if (Reference(text, kind, space) is { } reference) return reference;
            Wrong(Node(spec, field)!, $"spec.{field}", $"is no reference to an entity: write {kind}:name or {kind}:namespace/name.");
            return "";
        }

        private List<string> References(YamlMappingNode spec, string space)
        {
            var found = new List<string>();
            if (Node(spec, "dependsOn") is not YamlSequenceNode list) return found;
            foreach (YamlNode item in list.Children)
            {
                if (item is YamlScalarNode { Value: { } text } && text.Contains(':', StringComparison.Ordinal) && Reference(text, "component", space) is { } reference) found.Add(reference);
                else Wrong(item, "spec.dependsOn", "names an entity with its kind: component:name or resource:name.");
            }
            return found;
        }

        private List<CatalogLink> Links(YamlMappingNode metadata)
        {
            var found = new List<CatalogLink>();
            if (Node(metadata, "links") is not YamlSequenceNode list) return found;
            foreach (YamlMappingNode link in list.Children.OfType<YamlMappingNode>())
            {
                string url = Text(link, "url", "metadata.links.url", required: true);
                if (url.Length > 0 && (!Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) || parsed.Scheme is not ("http" or "https" or "mailto")))
                    Wrong(Node(link, "url")!, "metadata.links.url", "is not an http, https or mailto URL.");
                found.Add(new CatalogLink(Text(link, "title", "metadata.links.title") is { Length: > 0 } title ? title : url, url, Text(link, "type", "metadata.links.type")));
            }
            return found;
        }

        private static Dictionary<string, string> Texts(YamlMappingNode parent, string field) =>
            Map(parent, field)?.Children.Where(pair => pair.Key is YamlScalarNode && pair.Value is YamlScalarNode)
                .ToDictionary(pair => ((YamlScalarNode)pair.Key).Value ?? "", pair => ((YamlScalarNode)pair.Value).Value ?? "") ?? [];

        private string Text(YamlMappingNode parent, string field, string fieldPath, bool required = false, YamlNode? owner = null)
        {
            switch (Node(parent, field))
            {
                case YamlScalarNode { Value: { Length: > 0 } value }: return value;
                case YamlMappingNode placeholder when placeholder.Children.Keys.FirstOrDefault() is YamlScalarNode { Value: ['$', ..] }: return "";   // $text, $json, $yaml: elsewhere
                case null or YamlScalarNode:
                    if (required) Wrong(Node(parent, field) ?? owner ?? parent, fieldPath, "is missing.");
                    return "";
                case var other:
                    Wrong(other, fieldPath, "expected a text.");
                    return "";
            }
        }

        private static YamlMappingNode? Map(YamlMappingNode parent, string field) => Node(parent, field) as YamlMappingNode;

        private static YamlNode? Node(YamlMappingNode parent, string field) => parent.Children.TryGetValue(new YamlScalarNode(field), out YamlNode? node) ? node : null;

        private void Wrong(YamlNode at, string field, string message)
        {
            _problems++;
            problems.Add(new CatalogProblem(path, Math.Max(1, (int)at.Start.Line), field, message));
        }
    }

    [GeneratedRegex("^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex NameForm();

    [GeneratedRegex("^((?<kind>[A-Za-z]{1,63}):)?((?<namespace>[A-Za-z0-9-]{1,63})/)?(?<name>[A-Za-z0-9_.-]{1,63})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex ReferenceForm();
}
