using System.Collections.Frozen;
using System.Text;

namespace Waybill.Access;

/// <summary>Services and environments that may be seen together; empty means all.</summary>
public sealed record ScopeLimit(IReadOnlyList<string> Services, IReadOnlyList<string> Environments)
{
    public bool IsWhole => Services.Count == 0 && Environments.Count == 0;
}

/// <summary>
/// Which rows a request may see. Compiled into a condition per table that the engine adds to every read (<c>additional_table_filters</c>), so that no
/// statement of any room can forget it: a wrong query finds too little, never another's.
/// </summary>
/// <param name="Tenant">Null: all tenants.</param>
/// <param name="Limits">All must hold, and of each at least one: a token's limits narrow its owner's.</param>
public sealed record DataScope(string? Tenant, IReadOnlyList<IReadOnlyList<ScopeLimit>> Limits)
{
    /// <summary>How a table is narrowed to services.</summary>
    private enum By : byte
    {
        /// <summary>It has the columns <c>service</c> and <c>resource_id</c>.</summary>
        ServiceAndResource,
        /// <summary>It has the column <c>service</c>, and its rows belong to no one environment.</summary>
        Service,
        /// <summary>It has the columns <c>service</c> and <c>environment</c>.</summary>
        ServiceAndEnvironment,
        /// <summary>Ids and times only, or names of attributes: of use to nobody who cannot read what they point at.</summary>
        Tenant,
        /// <summary>It cannot be narrowed: whoever is limited sees nothing of it.</summary>
        Nothing,
    }

    /// <summary>Every table of <c>Store/Schema</c>; a test names the one that is missing.</summary>
    private static readonly FrozenDictionary<string, By> Tables = new Dictionary<string, By>
    {
        ["spans"] = By.ServiceAndResource, ["spans_quarantine"] = By.ServiceAndResource, ["logs"] = By.ServiceAndResource, ["logs_quarantine"] = By.ServiceAndResource,
        ["resources"] = By.ServiceAndResource, ["exceptions"] = By.ServiceAndResource, ["flag_evaluations"] = By.ServiceAndResource, ["metric_series"] = By.ServiceAndResource,
        ["exception_groups"] = By.Service, ["changes"] = By.ServiceAndEnvironment,
        ["trace_index"] = By.Tenant, ["attribute_keys"] = By.Tenant, ["scopes"] = By.Tenant,
        ["metric_points"] = By.Nothing, ["metric_points_quarantine"] = By.Nothing, ["metric_distributions"] = By.Nothing, ["metric_distributions_quarantine"] = By.Nothing,
        ["metric_exemplars"] = By.Nothing, ["metric_exemplars_quarantine"] = By.Nothing, ["trace_aliases"] = By.Nothing, ["trace_links"] = By.Nothing,
        ["redaction_findings"] = By.Nothing, ["redaction_scans"] = By.Nothing, ["service_edges"] = By.Nothing, ["service_edge_minutes"] = By.Nothing, ["ledger"] = By.Nothing,
    }.ToFrozenDictionary();

    public static IEnumerable<string> KnownTables => Tables.Keys;

    /// <summary>Everything of all tenants: who works on this machine.</summary>
    public static DataScope All { get; } = new(null, []);

    /// <summary>Whether nothing but the tenant limits it.</summary>
    public bool IsWhole => Limits.Count == 0;

    public static DataScope Of(string tenant, IEnumerable<Grant> anyOf) => new DataScope(tenant, []).And(anyOf);

    /// <summary>Narrowed to what at least one of the grants allows.</summary>
    public DataScope And(IEnumerable<Grant> anyOf)
    {
        ScopeLimit[] limits = [.. anyOf.Select(grant => new ScopeLimit(grant.Services, grant.Environments))];
        return Array.Exists(limits, limit => limit.IsWhole) ? this : this with { Limits = [.. Limits, limits] };
    }

    /// <summary>The setting for the engine, or null when nothing is limited.</summary>
    /// <remarks>Names come in as hexadecimal digits: no text of anybody can end a literal, at any depth of quoting.</remarks>
    public string? ToTableFilters()
    {
        if (Tenant is null && IsWhole) return null;
        var text = new StringBuilder("{");
        foreach (var (table, by) in Tables.OrderBy(table => table.Key, StringComparer.Ordinal))
        {
            if (text.Length > 1) text.Append(", ");
            text.Append('\'').Append(table).Append("': '").Append(Condition(by).Replace("'", "\\'", StringComparison.Ordinal)).Append('\'');
        }
        return text.Append('}').ToString();
    }

    private string Condition(By by)
    {
        string tenant = Tenant is null ? "1" : $"tenant = {Literal(Tenant)}";
        if (IsWhole || by == By.Tenant) return tenant;
        if (by == By.Nothing) return "0";
        return $"{tenant} AND {string.Join(" AND ", Limits.Select(anyOf => $"({string.Join(" OR ", anyOf.Select(limit => Condition(by, limit)))})"))}";
    }

    private static string Condition(By by, ScopeLimit limit)
    {
        var parts = new List<string>();
        if (limit.Services.Count > 0) parts.Add($"service IN ({Literals(limit.Services)})");
        if (limit.Environments.Count > 0)
            parts.Add(by switch
            {
                By.ServiceAndEnvironment => $"environment IN ({Literals(limit.Environments)})",
                By.ServiceAndResource => $"resource_id IN (SELECT resource_id FROM resources WHERE attributes[{Literal("s:deployment.environment.name")}] IN ({Literals(limit.Environments)}))",
                _ => "0",
            });
        return parts.Count == 0 ? "1" : $"({string.Join(" AND ", parts)})";
    }

    private static string Literals(IEnumerable<string> texts) => string.Join(", ", texts.Select(Literal));

    private static string Literal(string text) => $"unhex('{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}')";
}
