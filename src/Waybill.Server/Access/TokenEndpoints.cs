using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>A token or key as it is shown: never its text.</summary>
/// <param name="Kind">token reads and writes by its role; key only sends.</param>
/// <param name="LastSeenUnixNano">Since the server started; null: not yet.</param>
public sealed record TokenView(
    string Id, string Name, string Kind, string? Owner, string Role, string Tenant, IReadOnlyList<string> Services, IReadOnlyList<string> Environments,
    string CreatedUnixNano, string? ExpiresUnixNano, bool Expired, string? LastSeenUnixNano);

public sealed record TokenListing(IReadOnlyList<TokenView> Tokens);

/// <summary>A token to be made.</summary>
/// <param name="Kind">token (default) or key.</param>
/// <param name="Role">Of a token; a key has the role sender.</param>
/// <param name="Days">Until it expires; null: the longest allowed.</param>
/// <param name="ForMe">Whether it acts for whoever makes it, and ends with him; else it stands alone, which takes access.manage. Default true.</param>
public sealed record NewToken(string Name, string? Kind = null, string? Role = null, string? Tenant = null, int? Days = null, bool ForMe = true, IReadOnlyList<string>? Services = null, IReadOnlyList<string>? Environments = null);

/// <param name="Text">The token itself: shown this once, kept nowhere.</param>
public sealed record MadeToken(string Text, TokenView Token);

/// <summary>API tokens and ingest keys.</summary>
internal static class TokenEndpoints
{
    private const int NameCharsMax = 100;

    public static void MapTokens(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/access/tokens", List).On(Listener.Console).NeedsIdentity()
            .WithSummary("One's own tokens; all of the tenant with the permission access.read").Produces<TokenListing>();
        app.MapPost("/api/access/tokens", Make).On(Listener.Console).NeedsIdentity()
            .WithSummary("Makes a token; its text is in this answer and nowhere else").Accepts<NewToken>("application/json").Produces<MadeToken>();
        app.MapDelete("/api/access/tokens/{id}", Revoke).On(Listener.Console).NeedsIdentity()
            .WithSummary("Revokes a token: from the next request on it is not known").WithPath("id", "Its id, as token-0123456789.").Produces(StatusCodes.Status204NoContent);
    }

    private static TokenListing List(HttpContext http, AccountsFile accounts, LastSeen seen, TimeProvider clock) =>
        new([.. accounts.Read().Tokens.Where(token => Sees(http.Identity(), token)).OrderByDescending(token => token.CreatedUnixSeconds).Select(token => View(token, seen, clock))]);

    private static async Task Make(HttpContext http, AccountsFile accounts, PolicyFile policy, AccessOptions options, LastSeen seen, Acts acts, TimeProvider clock)
    {
        Identity identity = http.Identity();
        if (await AccessBodies.Read<NewToken>(http) is not { } wanted) return;
        var (token, text, wrong) = Prepare(identity, wanted, policy.Read(), options, clock);
        if (wrong is { } at)
        {
            await Problems.BadRequest(http, at.Parameter, at.Message);
            return;
        }
        if (Exceeds(identity, token!.Grant, policy.Read(), forMe: token.Owner is not null) is { } more)
        {
            await more.Write(http);
            return;
        }
        await acts.Record(http, token.IsKey ? "key.create" : "token.create", token.Id, detail: new { token.Name, token.Owner, grant = token.Grant.ToString(), token.ExpiresUnixSeconds });
        if (!accounts.Change(current => current.Tokens.Count >= Accounts.TokensMax ? (current, false) : (current.With(token), true)))
        {
            await Problems.TooMuch(http, $"There are {Accounts.TokensMax} tokens. Revoke some first.");
            return;
        }
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsJsonAsync(new MadeToken(text!.Reveal(), View(token, seen, clock)), http.RequestAborted);
    }

    private static (Token? Token, Secret? Text, (string Parameter, string Message)? Wrong) Prepare(Identity identity, NewToken wanted, AccessPolicy policy, AccessOptions options, TimeProvider clock)
    {
        bool key = wanted.Kind == "key";
        if (wanted.Kind is not (null or "token" or "key")) return (null, null, ("kind", "Expected token or key."));
        if (string.IsNullOrWhiteSpace(wanted.Name) || wanted.Name.Length > NameCharsMax) return (null, null, ("name", $"Give it a name of 1 to {NameCharsMax} characters, that says what uses it."));
        int days = wanted.Days ?? options.TokenDaysMax;
        if (days < 1 || days > options.TokenDaysMax) return (null, null, ("days", $"A token lives 1 to {options.TokenDaysMax} days."));
        string role = key ? Role.Sender.Name : wanted.Role ?? "";
        if (!policy.Roles.ContainsKey(role)) return (null, null, ("role", $"There is no role '{Problems.Shorten(role)}'; there are {string.Join(", ", policy.Roles.Keys)}."));
        var grant = new Grant(role, wanted.Tenant ?? identity.Tenant, wanted.Services ?? [], wanted.Environments ?? []);
        if (grant.Wrong() is { } wrong) return (null, null, ("tenant", wrong));
        bool forMe = wanted.ForMe && !key && identity.Kind == IdentityKind.User;
        DateTimeOffset now = clock.GetUtcNow();
        Secret text = TokenText.Make(key ? TokenText.KeyPrefix : TokenText.TokenPrefix);
        return (new Token(Token.NewId(key), wanted.Name, forMe ? identity.Name : null, TokenText.Hash(text.Reveal()), grant, now.ToUnixTimeSeconds(), now.AddDays(days).ToUnixTimeSeconds()), text, null);
    }

    /// <summary>Nobody gives away what he has not: neither a permission, nor a tenant, nor, standing alone, anything without access.manage.</summary>
    internal static AccessRefusal? Exceeds(Identity identity, Grant grant, AccessPolicy policy, bool forMe = false)
    {
        if (!forMe && !identity.Has(Permission.AccessManage)) return AccessRefusal.Missing(Permission.AccessManage, identity);
        Identity there = grant.Tenant == Grant.AllTenants ? identity : Decision.In(identity.Credential, policy, grant.Tenant, Permission.AccessManage);
        if (grant.Tenant == Grant.AllTenants && !identity.Credential.Grants.Any(own => own.Tenant == Grant.AllTenants)) return AccessRefusal.OneTenantOnly(identity);
        if (!identity.Credential.HasTenant(grant.Tenant == Grant.AllTenants ? identity.Tenant : grant.Tenant)) return AccessRefusal.TenantNotGranted;
        foreach (Permission permission in policy.Roles[grant.Role].Permissions)
            if (!there.Has(permission)) return AccessRefusal.Missing(permission, there);
        return null;
    }

    private static async Task Revoke(HttpContext http, string id, AccountsFile accounts, Acts acts)
    {
        Identity identity = http.Identity();
        if (accounts.Read().Tokens.FirstOrDefault(token => token.Id == id && Sees(identity, token)) is not { } found)
        {
            await Problems.NotFound(http, "There is no such token. It may be revoked already.");
            return;
        }
        if (found.Owner != identity.Name && !identity.Has(Permission.AccessManage))
        {
            await AccessRefusal.Missing(Permission.AccessManage, identity).Write(http);
            return;
        }
        await acts.Record(http, found.IsKey ? "key.revoke" : "token.revoke", found.Id, detail: new { found.Name, found.Owner });
        accounts.Change(current => (current.WithoutToken(id), true));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static bool Sees(Identity identity, Token token) =>
        token.Owner is { } owner && identity.Kind == IdentityKind.User && owner.Equals(identity.Name, StringComparison.OrdinalIgnoreCase)
        || identity.Has(Permission.AccessRead) && identity.Scope.IsWhole && (token.Grant.Tenant == identity.Tenant || identity.Credential.Grants.Any(grant => grant.Tenant == Grant.AllTenants));

    internal static TokenView View(Token token, LastSeen seen, TimeProvider clock) => new(
        token.Id, token.Name, token.IsKey ? "key" : "token", token.Owner, token.Grant.Role, token.Grant.Tenant, token.Grant.Services, token.Grant.Environments,
        Nano(token.CreatedUnixSeconds)!, Nano(token.ExpiresUnixSeconds), token.ExpiresUnixSeconds is { } expires && expires <= clock.GetUtcNow().ToUnixTimeSeconds(), Nano(seen.Of(token.Id)));

    internal static string? Nano(long? unixSeconds) => unixSeconds is { } seconds ? $"{seconds}000000000" : null;
}

/// <summary>Bodies of requests that change access: small, JSON, and never repeated in an answer.</summary>
internal static class AccessBodies
{
    private const int BytesMax = 64 * 1024;
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <returns>Null when it is not that; the request is answered then.</returns>
    public static async Task<T?> Read<T>(HttpContext http) where T : class
    {
        string wrong = "Send it as application/json.";
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound) bound.MaxRequestBodySize = BytesMax;
        if (http.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true)
        {
            try
            {
                if (await http.Request.ReadFromJsonAsync<T>(Form, http.RequestAborted) is { } body) return body;
            }
            catch (BadHttpRequestException)
            {
                wrong = $"At most {BytesMax} bytes are taken.";
            }
            catch (JsonException e)
            {
                wrong = $"This is not what is expected: {(string.IsNullOrEmpty(e.Path) ? "the body" : e.Path)}, line {e.LineNumber + 1}.";
            }
        }
        await Problems.BadRequest(http, "body", wrong);
        return null;
    }
}
