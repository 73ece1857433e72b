using System.Text.Json;
using System.Text.RegularExpressions;
using Waybill.Engine;

namespace Waybill.Redaction.Erasure;

/// <summary>What shall be taken out of what is stored.</summary>
/// <param name="Id">32 hexadecimal digits; names the journal's file too.</param>
/// <param name="Key">The attribute, such as <c>user.email</c>.</param>
/// <param name="Values">A person's value of it, in every spelling that may be stored; empty for the attribute whatever its value.</param>
/// <param name="Items">Take out whole spans and log records that carry the value, not only the attribute.</param>
/// <param name="Text">Replace the value in free text too: log bodies, status messages, exceptions, reports of changes.</param>
public sealed record Erasure(string Id, string Tenant, string Key, IReadOnlyList<string> Values, bool Items, bool Text, long AskedUnixNano);

/// <summary>One change of one table. Running it again changes nothing more.</summary>
/// <param name="Change">What stands behind <c>ALTER TABLE t</c>.</param>
/// <param name="Where">The rows that it changes.</param>
internal sealed partial record ErasureStep(string Table, string Change, string Where, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    private const string Erased = "[erased]";

    private static readonly string[] WithAttributes = ["spans", "spans_quarantine", "logs", "logs_quarantine", "metric_exemplars", "metric_exemplars_quarantine", "resources", "scopes", "metric_series"];
    private static readonly string[] WithItems = ["spans", "spans_quarantine", "logs", "logs_quarantine"];
    private static readonly (string Table, string[] Columns)[] Texts =
    [
        ("spans", ["status_message", "events", "links", "url_path"]), ("spans_quarantine", ["status_message", "events", "links", "url_path"]), ("logs", ["body"]), ("logs_quarantine", ["body"]),
        ("exceptions", ["message"]), ("exception_groups", ["stack"]), ("changes", ["summary", "author", "subject", "before", "after"]),
    ];

    // Attributes that have a column of their own.
    private static readonly Dictionary<string, string> Columns = new(StringComparer.Ordinal)
    {
        ["http.request.method"] = "http_method", ["http.route"] = "http_route", ["url.path"] = "url_path", ["server.address"] = "server_address", ["db.system.name"] = "db_system",
        ["db.operation.name"] = "db_operation", ["db.collection.name"] = "db_collection", ["messaging.system"] = "messaging_system", ["messaging.destination.name"] = "messaging_destination", ["error.type"] = "error_type",
    };

    /// <summary>All changes of an erasure, in order: whole items first, what is derived from them last.</summary>
    public static IReadOnlyList<ErasureStep> Of(Erasure erasure)
    {
        var steps = new List<ErasureStep>();
        List<KeyValuePair<string, string>> tenant = [EngineParameter.String("tenant", erasure.Tenant)];
        List<KeyValuePair<string, string>> keyed = [.. tenant, EngineParameter.Strings("keys", [.. "sbidxjn".Select(type => $"{type}:{erasure.Key}")])];
        bool any = erasure.Values.Count == 0;
        if (!any) keyed.Add(EngineParameter.Strings("values", [.. erasure.Values]));
        string entry = any ? "has({keys:Array(String)}, k)" : "has({keys:Array(String)}, k) AND has({values:Array(String)}, v)";
        string Has(string map) => $"arrayExists((k, v) -> {entry}, mapKeys({map}), mapValues({map}))";

        if (erasure.Items && !any)
            foreach (string table in WithItems) steps.Add(new(table, "DELETE", Has("attributes"), keyed));
        foreach (string table in WithAttributes)
            foreach (string map in table == "metric_series" ? (string[])["attributes", "metadata"] : ["attributes"])
                steps.Add(new(table, $"UPDATE {map} = mapFilter((k, v) -> NOT ({entry}), {map})", Has(map), keyed));
        if (Columns.TryGetValue(erasure.Key, out string? column))
            foreach (string table in (string[])["spans", "spans_quarantine"]) steps.Add(new(table, $"UPDATE {column} = ''", any ? $"{column} != ''" : $"has({{values:Array(String)}}, toString({column}))", keyed));
        AddNested(erasure, steps, tenant);
        steps.Add(new("trace_aliases", "DELETE", any ? "key = {key:String}" : "key = {key:String} AND has({values:Array(String)}, value)", [.. keyed, EngineParameter.String("key", erasure.Key)]));
        steps.Add(any ? new("attribute_keys", "DELETE", "has({keys:Array(String)}, key)", keyed)
            : new("attribute_keys", "UPDATE sample = arrayFilter(v -> NOT has({values:Array(String)}, v), sample)", "has({keys:Array(String)}, key)", keyed));
        if (erasure.Text && !any) AddTexts(erasure, steps, tenant);
        return steps;
    }

    // Values of any kind, in RE2: a text, a text within a text of JSON, a number or truth value.
    private const string AnyText = @"""(?:[^""\\]|\\.)*""", AnyQuotedText = @"\\""(?:[^""\\]|\\\\(?:\\""|\\\\|[A-Za-z0-9/]))*\\""", AnyOther = "-?[0-9][0-9.eE+-]*|true|false";

    /// <summary>What lies within JSON: attributes of events and links, and members of values and bodies that are objects, at any depth.</summary>
    private static void AddNested(Erasure erasure, List<ErasureStep> steps, List<KeyValuePair<string, string>> tenant)
    {
        string key = InJson(erasure.Key)[1..^1];
        bool any = erasure.Values.Count == 0;
        string[] texts = [.. erasure.Values.Select(InJson)], others = [.. erasure.Values.Where(value => Number().IsMatch(value)).Select(Quote)];
        // An attribute of an event: its value is a text, whatever its type. A member of an object; and of an object that is itself a text in JSON.
        var attached = Rewriting.Of(tenant, $"\"[a-z]:{Quote(key)}\"", any ? [AnyText] : [.. texts.Select(Quote)], "\"");
        var member = Rewriting.Of(tenant, $"\"{Quote(key)}\"", any ? [AnyText, AnyOther] : [.. texts.Select(Quote), .. others], "\"");
        var quoted = Rewriting.Of(tenant, Quote(Again($"\"{key}\"")), any ? [AnyQuotedText, AnyOther] : [.. texts.Select(text => Quote(Again(text))), .. others], "\\\\\"");
        foreach (string table in (string[])["spans", "spans_quarantine"])
            foreach (string column in (string[])["events", "links"])
                foreach (Rewriting rewriting in (Rewriting[])[attached, quoted])
                    steps.Add(new(table, $"UPDATE {column} = {Rewriting.In(column)}", Rewriting.Changes(column), rewriting.Parameters));
        foreach (string table in WithAttributes)
            foreach (string map in table == "metric_series" ? (string[])["attributes", "metadata"] : ["attributes"])
                steps.Add(new(table, $"UPDATE {map} = mapApply((k, v) -> (k, if(startsWith(k, 'j:'), {Rewriting.In("v")}, v)), {map})", $"arrayExists((k, v) -> startsWith(k, 'j:') AND {Rewriting.Changes("v")}, mapKeys({map}), mapValues({map}))", member.Parameters));
        foreach (string table in (string[])["logs", "logs_quarantine"])
            steps.Add(new(table, $"UPDATE body = {Rewriting.In("body")}", $"body_type = {(int)'j'} AND {Rewriting.Changes("body")}", member.Parameters));
    }

    /// <summary>Puts <c>[erased]</c> in the place of values behind a name. What was rewritten may match still, but changes no more.</summary>
    private sealed record Rewriting(IReadOnlyList<KeyValuePair<string, string>> Parameters)
    {
        /// <param name="quote">As it stands there, for RE2's replacement.</param>
        public static Rewriting Of(IEnumerable<KeyValuePair<string, string>> tenant, string name, IReadOnlyList<string> values, string quote) =>
            new([.. tenant, EngineParameter.String("pattern", $@"({name}:)(?:{string.Join('|', values)})([,}}\]])"), EngineParameter.String("erased", $@"\1{quote}{Erased}{quote}\2")]);

        public static string In(string text) => $"replaceRegexpAll({text}, {{pattern:String}}, {{erased:String}})";

        public static string Changes(string text) => $"match({text}, {{pattern:String}}) AND {text} != {In(text)}";
    }

    /// <summary>A piece of JSON as it stands within a text of JSON.</summary>
    private static string Again(string json) => InJson(json)[1..^1];

    [GeneratedRegex(@"\A(?:-?[0-9]{1,20}(?:\.[0-9]{1,20})?|true|false)\z")] private static partial Regex Number();

    private static void AddTexts(Erasure erasure, List<ErasureStep> steps, List<KeyValuePair<string, string>> tenant)
    {
        for (int i = 0; i < erasure.Values.Count; i++)
            foreach (var (table, columns) in Texts)
                steps.Add(new(table, $"UPDATE {string.Join(", ", columns.Select(column => $"{column} = replaceAll({column}, {{value:String}}, '{Erased}')"))}", $"({string.Join(" OR ", columns.Select(column => $"position({column}, {{value:String}}) > 0"))})",
                    [.. tenant, EngineParameter.String("value", erasure.Values[i])]));
    }

    // As the values are written into events: quoted, with what JSON escapes.
    private static string InJson(string text) => JsonSerializer.Serialize(text, Ledger.LedgerEntry.Form);

    /// <summary>For RE2; .NET's own escape knows no other signs.</summary>
    private static string Quote(string text) => Regex.Escape(text).Replace("\"", "\\x22", StringComparison.Ordinal).Replace("}", "\\}", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal).Replace("\\ ", " ", StringComparison.Ordinal).Replace("\\#", "#", StringComparison.Ordinal);
}
