using System.Text.RegularExpressions;

namespace Waybill.Access;

/// <summary>That somebody has a role: in a tenant, and there for some services and environments, or all.</summary>
/// <param name="Tenant">Its name, or <see cref="AllTenants"/>.</param>
/// <param name="Services">Empty: all.</param>
/// <param name="Environments">Values of <c>deployment.environment.name</c>; empty: all.</param>
public sealed partial record Grant(string Role, string Tenant, IReadOnlyList<string> Services, IReadOnlyList<string> Environments)
{
    public const string AllTenants = "*";
    public const int NamesMax = 200, NameCharsMax = 200;

    /// <summary>Of everything in the tenant.</summary>
    public static Grant Of(string role, string tenant) => new(role, tenant, [], []);

    public bool Covers(string tenant) => Tenant == AllTenants || Tenant == tenant;

    /// <summary>What is wrong with it, or null.</summary>
    public string? Wrong()
    {
        if (Tenant != AllTenants && !IsTenant(Tenant)) return $"'{Tenant}' is not a tenant: write 1 to 63 small letters, digits and '-', or '*' for all.";
        foreach (string name in Services.Concat(Environments))
            if (name.Length is 0 or > NameCharsMax) return $"A service or environment has 1 to {NameCharsMax} characters.";
        return Services.Count > NamesMax || Environments.Count > NamesMax ? $"At most {NamesMax} services and {NamesMax} environments can be named." : null;
    }

    public static bool IsTenant(string name) => TenantForm().IsMatch(name);

    /// <summary>For people: <c>viewer of default (services cart, payments)</c>.</summary>
    public override string ToString() =>
        $"{Role} of {(Tenant == AllTenants ? "all tenants" : Tenant)}{(Services.Count + Environments.Count == 0 ? "" : $" ({string.Join("; ", Limits())})")}";

    private IEnumerable<string> Limits()
    {
        if (Services.Count > 0) yield return $"services {string.Join(", ", Services)}";
        if (Environments.Count > 0) yield return $"environments {string.Join(", ", Environments)}";
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)] private static partial Regex TenantForm();
}
