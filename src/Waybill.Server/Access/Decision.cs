namespace Waybill.Access;

/// <summary>From what is granted to what is allowed here and now. Pure: everything it looks at is given.</summary>
internal static class Decision
{
    /// <summary>Who somebody is in a tenant, and whether that is enough for an endpoint.</summary>
    /// <param name="wanted">The tenant that the request names; null: the credential's own.</param>
    /// <param name="otherwise">The tenant of somebody who is granted all of them and names none.</param>
    public static (Identity? Identity, AccessRefusal? Refusal) Decide(Credential credential, AccessPolicy policy, EndpointAccess endpoint, bool withinScope, bool overAllTenants, string? wanted, string otherwise)
    {
        if (wanted is not null && (!Grant.IsTenant(wanted) || !credential.HasTenant(wanted))) return (null, AccessRefusal.TenantNotGranted);
        string? tenant = wanted ?? TenantOf(credential, policy, endpoint.Needed, otherwise);
        if (tenant is null) return (null, AccessRefusal.SeveralTenants);

        Identity identity = In(credential, policy, tenant, endpoint.Needed);
        if (endpoint.Needed is not { } needed) return (identity, null);
        if (!identity.Has(needed)) return (identity, AccessRefusal.Missing(needed, identity));
        if (overAllTenants)
            return identity.OverAllTenants && identity.Scope.IsWhole ? (identity with { Scope = DataScope.All }, null) : (identity, AccessRefusal.OneTenantOnly(identity));
        if (!identity.Scope.IsWhole && !withinScope && Narrows(needed)) return (identity, AccessRefusal.Narrow(identity));
        return (identity, null);
    }

    /// <summary>All that somebody may do in a tenant; what may be seen is that of one permission.</summary>
    public static Identity In(Credential credential, AccessPolicy policy, string tenant, Permission? needed)
    {
        var permissions = new HashSet<Permission>(Of(credential.Grants, policy, tenant));
        if (credential.Owners is not null) permissions.IntersectWith(Of(credential.Owners, policy, tenant));
        var scope = new DataScope(tenant, []);
        if (needed is { } permission && permissions.Contains(permission))
        {
            scope = scope.And(With(credential.Grants, policy, tenant, permission));
            if (credential.Owners is not null) scope = scope.And(With(credential.Owners, policy, tenant, permission));
        }
        bool everywhere = needed is { } one && Everywhere(credential.Grants, policy, one) && (credential.Owners is null || Everywhere(credential.Owners, policy, one));
        return new Identity(credential, tenant, permissions, scope, everywhere) { SeesMasked = permissions.Contains(Permission.FieldsUnmask) && SeesMaskedIn(scope) };

        // What somebody may see masked fields of can be less than what he may read.
        bool SeesMaskedIn(DataScope read)
        {
            DataScope unmasked = new DataScope(tenant, []).And(With(credential.Grants, policy, tenant, Permission.FieldsUnmask));
            if (credential.Owners is { } owners) unmasked = unmasked.And(With(owners, policy, tenant, Permission.FieldsUnmask));
            return unmasked.IsWhole || unmasked.ToTableFilters() == read.ToTableFilters();
        }
    }

    /// <summary>Permissions that write have no rows to be narrowed; what is written carries its own service.</summary>
    private static bool Narrows(Permission permission) => permission is not (Permission.IngestWrite or Permission.ChangesWrite or Permission.LedgerWrite);

    private static string? TenantOf(Credential credential, AccessPolicy policy, Permission? needed, string otherwise)
    {
        string[] tenants = [.. credential.Tenants.Where(credential.HasTenant)];
        string? first = tenants.FirstOrDefault(tenant => needed is { } permission && In(credential, policy, tenant, permission).Has(permission)) ?? tenants.FirstOrDefault();
        return first ?? (credential.HasTenant(otherwise) ? otherwise : credential.Owners?.Select(grant => grant.Tenant).FirstOrDefault(tenant => tenant != Grant.AllTenants && credential.HasTenant(tenant)));
    }

    private static IEnumerable<Permission> Of(IEnumerable<Grant> grants, AccessPolicy policy, string tenant) =>
        grants.Where(grant => grant.Covers(tenant)).SelectMany(grant => PermissionsOf(grant, policy));

    private static IEnumerable<Grant> With(IEnumerable<Grant> grants, AccessPolicy policy, string tenant, Permission permission) =>
        grants.Where(grant => grant.Covers(tenant) && PermissionsOf(grant, policy).Contains(permission));

    private static bool Everywhere(IEnumerable<Grant> grants, AccessPolicy policy, Permission permission) =>
        grants.Any(grant => grant.Tenant == Grant.AllTenants && PermissionsOf(grant, policy).Contains(permission));

    // A role that no longer exists grants nothing.
    private static IReadOnlySet<Permission> PermissionsOf(Grant grant, AccessPolicy policy) =>
        policy.Roles.TryGetValue(grant.Role, out Role? role) ? role.Permissions : System.Collections.Frozen.FrozenSet<Permission>.Empty;
}
