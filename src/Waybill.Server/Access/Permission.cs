using System.Collections.Frozen;

namespace Waybill.Access;

/// <summary>Everything that can be allowed: a closed set, a noun per room. Roles are made of these; every endpoint names the one it needs.</summary>
/// <remarks>A new one: a line here, its word in <see cref="Permissions"/>, and the built-in roles that shall have it (<see cref="Role"/>).</remarks>
public enum Permission : byte
{
    /// <summary>Traces and what is made of them: search, services, map, graph, errors, causes, comparisons.</summary>
    TracesRead,
    LogsRead,
    MetricsRead,
    ChangesRead,
    /// <summary>Report changes.</summary>
    ChangesWrite,
    CatalogRead,
    RedactionRead,
    /// <summary>Try rules and scan stored data.</summary>
    RedactionWrite,
    LedgerRead,
    /// <summary>Write audit events of other systems.</summary>
    LedgerWrite,
    /// <summary>How the server is, who sends, what was refused, its metrics.</summary>
    StatusRead,
    /// <summary>Send telemetry.</summary>
    IngestWrite,
    /// <summary>See users, roles and who may see what.</summary>
    AccessRead,
    /// <summary>Make and remove users, tokens and keys.</summary>
    AccessManage,
    /// <summary>See masked fields.</summary>
    FieldsUnmask,
}

/// <summary>The words for permissions, as roles and answers write them.</summary>
public static class Permissions
{
    private static readonly FrozenDictionary<Permission, string> Words = new Dictionary<Permission, string>
    {
        [Permission.TracesRead] = "traces.read",
        [Permission.LogsRead] = "logs.read",
        [Permission.MetricsRead] = "metrics.read",
        [Permission.ChangesRead] = "changes.read",
        [Permission.ChangesWrite] = "changes.write",
        [Permission.CatalogRead] = "catalog.read",
        [Permission.RedactionRead] = "redaction.read",
        [Permission.RedactionWrite] = "redaction.write",
        [Permission.LedgerRead] = "ledger.read",
        [Permission.LedgerWrite] = "ledger.write",
        [Permission.StatusRead] = "status.read",
        [Permission.IngestWrite] = "ingest.write",
        [Permission.AccessRead] = "access.read",
        [Permission.AccessManage] = "access.manage",
        [Permission.FieldsUnmask] = "fields.unmask",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Permission> ByWord = Words.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    public static IReadOnlyList<Permission> All { get; } = Enum.GetValues<Permission>();

    public static string Word(this Permission permission) => Words[permission];

    public static bool TryParse(string word, out Permission permission) => ByWord.TryGetValue(word, out permission);
}
