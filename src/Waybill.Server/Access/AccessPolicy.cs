using Waybill.Blocks;
using Waybill.Redaction;

namespace Waybill.Access;

/// <summary>Whom a binding gives its grant to.</summary>
public enum BindingKind : byte
{
    /// <summary>A local user, besides the role it was made with.</summary>
    User,
    /// <summary>Members of a group of the OIDC provider.</summary>
    Group,
    /// <summary>Somebody whom the OIDC provider knows by this name.</summary>
    Subject,
    /// <summary>Agents whose client certificate has this name (see <see cref="CertificateNames"/>); <c>*</c> stands for any characters.</summary>
    Certificate,
}

public sealed record Binding(BindingKind Kind, string Name, Grant Grant)
{
    internal Glob Pattern { get; } = new(Name);
}

/// <summary>What a tenant may use up; null: no limit.</summary>
public sealed record TenantLimit(double? RequestsPerSecond, double? IngestBytesPerSecond);

/// <summary>A provider of identities, by OpenID Connect.</summary>
/// <param name="Name">As the sign-in button calls it.</param>
/// <param name="Audience">What <c>aud</c> of a bearer token must hold.</param>
/// <param name="ClientId">For the sign-in of the console; null: bearer tokens only.</param>
public sealed record OidcSettings(string Name, Uri Issuer, string Audience, string? ClientId, string? ClientSecretFile)
{
    public string NameClaim { get; init; } = "preferred_username";
    public string GroupsClaim { get; init; } = "groups";
    public IReadOnlyList<string> Scopes { get; init; } = ["openid", "profile"];
    public IReadOnlyList<string> Algorithms { get; init; } = ["RS256", "ES256"];
    public int ClockSkewSeconds { get; init; } = 60;

    /// <summary>Where the console is seen from outside; null: as each request says.</summary>
    public Uri? PublicUrl { get; init; }
}

/// <summary>What <c>access.yaml</c> says: roles, who has them, the OIDC provider, limits.</summary>
public sealed record AccessPolicy(IReadOnlyDictionary<string, Role> Roles, IReadOnlyList<Binding> Bindings, IReadOnlyDictionary<string, TenantLimit> Limits, OidcSettings? Oidc)
{
    /// <summary>Attributes whose values only who has <see cref="Permission.FieldsUnmask"/> sees; null when there are none.</summary>
    public FieldMask? Mask { get; init; }

    /// <summary>Senders on this machine need no key. Holds on loopback only.</summary>
    public bool AnonymousIngest { get; init; }

    public static AccessPolicy Default { get; } = new(Role.BuiltIn.ToDictionary(role => role.Name, StringComparer.Ordinal), [], new Dictionary<string, TenantLimit>(), null);

    public IEnumerable<Grant> GrantsOf(BindingKind kind, string name) => Bindings.Where(binding => binding.Kind == kind && binding.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(binding => binding.Grant);

    /// <summary>What is granted to a certificate by any of its names.</summary>
    public IReadOnlyList<Grant> GrantsOfCertificate(IReadOnlyList<string> names)
    {
        byte[][] texts = [.. names.Select(System.Text.Encoding.UTF8.GetBytes)];
        return [.. Bindings.Where(binding => binding.Kind == BindingKind.Certificate && Array.Exists(texts, name => binding.Pattern.Matches(name))).Select(binding => binding.Grant)];
    }
}
