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
internal sealed record ErasureStep(string Table, string Change, string Where, IReadOnlyList<KeyValuePair<string, string>> Parameters)
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

    /// <summary>Attributes of events and links, which are JSON in a text.</summary>
    private static void AddNested(Erasure erasure, List<ErasureStep> steps, List<KeyValuePair<string, string>> tenant)
    {
        string value = erasure.Values.Count == 0 ? """(?:"(?:[^"\\]|\\.)*"|[^,}\]\s]+)""" : $"(?:{string.Join('|', erasure.Values.Select(value => Quote(InJson(value))))})";
        List<KeyValuePair<string, string>> parameters = [.. tenant, EngineParameter.String("pattern", $"(\"[a-z]:{Quote(InJson(erasure.Key)[1..^1])}\":){value}"), EngineParameter.String("erased", $"\\1\"{Erased}\"")];
        foreach (string table in (string[])["spans", "spans_quarantine"])
            foreach (string column in (string[])["events", "links"])
                steps.Add(new(table, $"UPDATE {column} = replaceRegexpAll({column}, {{pattern:String}}, {{erased:String}})", $"match({column}, {{pattern:String}})", parameters));
    }

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
