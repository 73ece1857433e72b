using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Web;

namespace Waybill.Access;

/// <param name="BuiltIn">Whether it cannot be changed.</param>
public sealed record RoleView(string Name, bool BuiltIn, IReadOnlyList<string> Permissions);

/// <param name="File">Where roles and bindings are written.</param>
/// <param name="Errors">What is wrong with the file's last version; what it said before is in force then.</param>
public sealed record RoleListing(IReadOnlyList<RoleView> Roles, IReadOnlyList<string> Permissions, string File, IReadOnlyList<AccessError> Errors);

/// <summary>Somebody, and what he may see.</summary>
/// <param name="Kind">user, token, key, or group, subject, certificate of a binding.</param>
/// <param name="Remarks">What a reviewer should look at.</param>
public sealed record ReviewRow(
    string Kind, string Name, string Role, string Tenant, IReadOnlyList<string> Services, IReadOnlyList<string> Environments, IReadOnlyList<string> Permissions, bool Active,
    string? LastSeenUnixNano, IReadOnlyList<string> Remarks);

/// <param name="SinceUnixNano">Last seen is known since then.</param>
public sealed record Review(IReadOnlyList<ReviewRow> Rows, string SinceUnixNano);

/// <summary>Which roles there are, and who may see what.</summary>
internal static class ReviewEndpoints
{
    private const int ExpiresSoonDays = 14, OldPasswordDays = 730;

    public static void MapReview(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/access/roles", ListRoles).On(Listener.Console).NeedsIdentity()
            .WithSummary("Roles, and the permissions there are").Produces<RoleListing>();
        app.MapGet("/api/access/review", Show).On(Listener.Console).Needs(Permission.AccessRead)
            .WithSummary("Who may see what in the tenant, and when each was seen last").Produces<Review>();
    }

    private static RoleListing ListRoles(PolicyFile policy) => new(
        [.. policy.Read().Roles.Values.Select(role => new RoleView(role.Name, Role.BuiltIn.Contains(role), [.. role.Permissions.Order().Select(permission => permission.Word())]))],
        [.. Permissions.All.Select(permission => permission.Word())], Path.GetFileName(policy.Path), policy.Errors);

    private static Review Show(HttpContext http, AccountsFile accounts, PolicyFile policy, LastSeen seen, TimeProvider clock)
    {
        Identity identity = http.Identity();
        AccessPolicy rules = policy.Read();
        Accounts current = accounts.Read();
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        bool all = identity.Credential.Grants.Any(grant => grant.Tenant == Grant.AllTenants);
        var rows = new List<ReviewRow>();
        rows.AddRange(current.Users.Select(user => Row("user", user.Name, user.Grant, !user.Disabled, seen.Of($"user:{user.Name}"), Remarks(user, now))));
        rows.AddRange(current.Tokens.Select(token => Row(token.IsKey ? "key" : "token", $"{token.Name} ({token.Id})", token.Grant, token.ExpiresUnixSeconds is not { } end || end > now, seen.Of(token.Id), Remarks(token, current, now))));
        rows.AddRange(rules.Bindings.Select(binding => Row(binding.Kind.ToString().ToLowerInvariant(), binding.Name, binding.Grant, true, seen.Of(SeenAs(binding)), [])));
        return new Review([.. rows.Where(row => all || row.Tenant == identity.Tenant || row.Tenant == Grant.AllTenants).OrderBy(row => row.Kind, StringComparer.Ordinal).ThenBy(row => row.Name, StringComparer.OrdinalIgnoreCase)],
            TokenEndpoints.Nano(seen.SinceUnixSeconds)!);

        ReviewRow Row(string kind, string name, Grant grant, bool active, long? last, IReadOnlyList<string> remarks) => new(
            kind, name, grant.Role, grant.Tenant, grant.Services, grant.Environments,
            rules.Roles.TryGetValue(grant.Role, out Role? role) ? [.. role.Permissions.Order().Select(permission => permission.Word())] : [], active, TokenEndpoints.Nano(last),
            role is null ? [.. remarks, $"The role {grant.Role} is not there any more: it grants nothing."] : remarks);
    }

    private static string SeenAs(Binding binding) => binding.Kind switch
    {
        BindingKind.Subject => $"oidc:{binding.Name}",
        BindingKind.Certificate => $"agent:{binding.Name}",
        _ => $"user:{binding.Name}",
    };

    private static List<string> Remarks(User user, long now)
    {
        var remarks = new List<string>();
        if (user.Grant.Role == Role.Admin.Name && !user.Disabled) remarks.Add("May do everything.");
        if (now - user.PasswordUnixSeconds > OldPasswordDays * 86_400L) remarks.Add("Has had the same password for two years.");
        return remarks;
    }

    private static List<string> Remarks(Token token, Accounts accounts, long now)
    {
        var remarks = new List<string>();
        if (token.ExpiresUnixSeconds is not { } end) remarks.Add("Never expires.");
        else if (end <= now) remarks.Add("Has expired.");
        else if (end - now < ExpiresSoonDays * 86_400L) remarks.Add($"Expires in {(end - now) / 86_400} days.");
        if (token.Owner is { } owner && accounts.FindUser(owner) is not { Disabled: false }) remarks.Add($"Its owner {owner} is disabled or gone, so it grants nothing.");
        return remarks;
    }
}
