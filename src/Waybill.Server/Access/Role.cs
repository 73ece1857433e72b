using System.Collections.Frozen;

namespace Waybill.Access;

/// <summary>A named set of permissions. Five are built in; others stand in <c>access.yaml</c>.</summary>
public sealed record Role(string Name, IReadOnlySet<Permission> Permissions)
{
    private static readonly Permission[] Reading =
        [Permission.TracesRead, Permission.LogsRead, Permission.MetricsRead, Permission.ChangesRead, Permission.CatalogRead, Permission.RedactionRead, Permission.StatusRead];

    /// <summary>Sees telemetry and what is made of it.</summary>
    public static Role Viewer { get; } = Of("viewer", Reading);

    /// <summary>Also reports changes, tries redaction rules and sends test traces.</summary>
    public static Role Editor { get; } = Of("editor", [.. Reading, Permission.ChangesWrite, Permission.RedactionWrite, Permission.IngestWrite]);

    /// <summary>Also sees the ledger, and who may see what.</summary>
    public static Role Auditor { get; } = Of("auditor", [.. Reading, Permission.LedgerRead, Permission.AccessRead]);

    /// <summary>May do everything.</summary>
    public static Role Admin { get; } = Of("admin", Access.Permissions.All);

    /// <summary>Sends, and sees nothing: for ingest keys.</summary>
    public static Role Sender { get; } = Of("sender", [Permission.IngestWrite, Permission.ChangesWrite, Permission.LedgerWrite]);

    public static IReadOnlyList<Role> BuiltIn { get; } = [Viewer, Editor, Auditor, Admin, Sender];

    public static Role Of(string name, IEnumerable<Permission> permissions) => new(name, permissions.ToFrozenSet());
}
