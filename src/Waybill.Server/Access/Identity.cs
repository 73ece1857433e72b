using Microsoft.AspNetCore.Http;
using Waybill.Ledger;

namespace Waybill.Access;

/// <summary>What an identity is known by.</summary>
public enum IdentityKind : byte
{
    /// <summary>Whoever works on this machine, while there are no users.</summary>
    Local,
    User,
    /// <summary>Somebody whom the OIDC provider vouches for.</summary>
    Oidc,
    Token,
    /// <summary>A key for sending.</summary>
    Key,
    /// <summary>Known by its client certificate.</summary>
    Agent,
}

/// <summary>Who asks, and all that is granted to it; nothing is decided yet.</summary>
/// <param name="Name">The user's or token's name; never a secret.</param>
/// <param name="Owners">Grants of the token's owner, which also must allow what is asked; null when it stands alone.</param>
public sealed record Credential(IdentityKind Kind, string Name, IReadOnlyList<Grant> Grants, IReadOnlyList<Grant>? Owners = null)
{
    /// <summary>The sign-in it comes from; null for what is sent with each request.</summary>
    public string? Session { get; init; }
    public long? ExpiresUnixSeconds { get; init; }

    /// <summary>Tenants that are granted by name.</summary>
    public IEnumerable<string> Tenants => Grants.Select(grant => grant.Tenant).Where(tenant => tenant != Grant.AllTenants).Distinct(StringComparer.Ordinal);

    public bool HasTenant(string tenant) => Covers(Grants, tenant) && (Owners is null || Covers(Owners, tenant));

    private static bool Covers(IReadOnlyList<Grant> grants, string tenant) => grants.Any(grant => grant.Covers(tenant));
}

/// <summary>Who asks, in which tenant, and what that allows.</summary>
/// <param name="Scope">What may be seen with the permission that the endpoint takes.</param>
/// <param name="OverAllTenants">Whether its permissions hold in all tenants.</param>
public sealed record Identity(Credential Credential, string Tenant, IReadOnlySet<Permission> Permissions, DataScope Scope, bool OverAllTenants)
{
    /// <summary>Whether masked attributes are shown in all that it may see.</summary>
    public bool SeesMasked { get; init; }

    public string Name => Credential.Name;
    public IdentityKind Kind => Credential.Kind;

    public bool Has(Permission permission) => Permissions.Contains(permission);

    /// <summary>How the ledger names it.</summary>
    public Actor ToActor(string? address) => new(Kind switch
    {
        IdentityKind.Local => "system",
        IdentityKind.User or IdentityKind.Oidc => "user",
        IdentityKind.Agent => "agent",
        _ => "token",
    }, Kind == IdentityKind.Local ? "loopback" : Name, address, Credential.Session);
}

public static class IdentityOfRequest
{
    /// <summary>Who asks.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is open to all, and nobody said who they are.</exception>
    public static Identity Identity(this HttpContext http) =>
        http.Features.Get<Identity>() ?? throw new InvalidOperationException($"Nobody is known who calls {http.Request.Path}: an endpoint that asks must say .Needs(...).");

    public static string? Address(this HttpContext http) => http.Connection.RemoteIpAddress?.ToString();
}
