using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Waybill.Ingest;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Who asks, as the console shows it.</summary>
/// <param name="Tenants">All that can be chosen by X-Scope-OrgID.</param>
/// <param name="ExpiresUnixNano">When the session or token ends; null: never.</param>
public sealed record IdentityView(
    string Name, string Kind, string Tenant, IReadOnlyList<string> Tenants, IReadOnlyList<string> Permissions, IReadOnlyList<string> Services, IReadOnlyList<string> Environments, string? ExpiresUnixNano);

/// <summary>A way to sign in that is not a password.</summary>
public sealed record OidcView(string Name, string Url);

/// <summary>Whether a sign-in is asked for, and whose this is.</summary>
/// <param name="Required">False on loopback without users: everybody may do everything.</param>
public sealed record SessionView(bool Required, bool SignedIn, bool Passwords, IdentityView? Identity = null, OidcView? Oidc = null);

/// <summary>What somebody signs in with.</summary>
public sealed record Credentials(string Name, Secret Password);

/// <summary>Signing in to the console and out of it.</summary>
internal static class SessionEndpoints
{
    private const string Open = "nobody is signed in before signing in";
    private const int BodyBytesMax = 4_096;

    // The same words for a wrong name, a wrong password and a user who was disabled.
    private static readonly AccessRefusal Wrong = new(StatusCodes.Status401Unauthorized, null, "Name or password is wrong.");

    // As many at once as there are cores; the others wait. A password check takes a core for 0.1 s, on purpose.
    private static readonly SemaphoreSlim Checking = new(Math.Max(1, Environment.ProcessorCount / 2));

    public static void MapSession(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/session", Show).On(Listener.Console).OpenToAll(Open).NotNoted()
            .WithSummary("Whether a sign-in is asked for, and who asks").Produces<SessionView>();
        app.MapPost("/api/session", Begin).On(Listener.Console).OpenToAll(Open).NotNoted()
            .WithSummary("Signs in: name and password in, a cookie back").Accepts<Credentials>("application/json").Produces<SessionView>();
        app.MapDelete("/api/session", End).On(Listener.Console).OpenToAll(Open).NotNoted()
            .WithSummary("Signs out").Produces(StatusCodes.Status204NoContent);
    }

    private static SessionView Show(HttpContext http, Guarding guarding, PolicyFile policy, AccountsFile accounts, Authentication authentication) =>
        View(http, http.Features.Get<Identity>(), guarding, policy, accounts, authentication);

    private static SessionView View(HttpContext http, Identity? identity, Guarding guarding, PolicyFile policy, AccountsFile accounts, Authentication authentication)
    {
        OidcSettings? oidc = policy.Read().Oidc;
        return new SessionView(guarding.IsOn(), identity is not null, accounts.Read().Users.Count > 0, identity is null ? null : Describe(identity),
            oidc is { ClientId: not null } ? new OidcView(oidc.Name, "/api/session/oidc") : null);
    }

    internal static IdentityView Describe(Identity identity)
    {
        var grants = identity.Credential.Grants.Where(grant => grant.Covers(identity.Tenant)).ToList();
        bool whole = grants.Any(grant => grant.Services.Count + grant.Environments.Count == 0);
        return new IdentityView(identity.Name, identity.Kind.ToString().ToLowerInvariant(), identity.Tenant, [.. identity.Credential.Tenants.DefaultIfEmpty(identity.Tenant)],
            [.. identity.Permissions.Order().Select(permission => permission.Word())],
            whole ? [] : [.. grants.SelectMany(grant => grant.Services).Distinct()], whole ? [] : [.. grants.SelectMany(grant => grant.Environments).Distinct()],
            identity.Credential.ExpiresUnixSeconds is { } seconds ? $"{seconds}000000000" : null);
    }

    private static async Task Begin(
        HttpContext http, SignInThrottle throttle, AccountsFile accounts, Sessions sessions, Devices devices, Authentication authentication, Guarding guarding, PolicyFile policy, Acts acts, IngestOptions ingest)
    {
        if (await ReadBody(http) is not { } given)
        {
            await Problems.BadRequest(http, "body", "Send {\"name\":\"...\",\"password\":\"...\"} as application/json.");
            return;
        }
        var (attempt, wait) = throttle.Begin(given.Name, http.Connection.RemoteIpAddress, devices.Find(http, given.Name));
        var actor = new Actor("user", given.Name.Length <= 100 ? given.Name : given.Name[..100], http.Address());
        if (wait is { } time)
        {
            int seconds = Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
            await AccessRefusal.TooFast($"Too many sign-ins failed. Try again in {seconds.ToString(CultureInfo.InvariantCulture)} s; nobody is locked out.", seconds).Write(http);
            return;
        }
        User? user = accounts.Read().FindUser(given.Name);
        if (!await Fits(given.Password, user is { Disabled: false } ? user.Password : null, http.RequestAborted))
        {
            await acts.Record(user?.Grant.Tenant is { } known && known != Grant.AllTenants ? known : ingest.Tenant, actor, "user.sign-in", actor.Id, "failed", new { reason = "password" });
            await Wrong.Write(http);
            return;
        }
        throttle.Succeeded(attempt);
        Session session = sessions.Begin(http, user!.Name, subject: null);
        devices.Remember(http, user.Name);
        var credential = new Credential(IdentityKind.User, user.Name, authentication.GrantsOf(user)) { Session = session.Id, ExpiresUnixSeconds = sessions.ExpiresUnixSeconds(session) };
        Identity identity = Decision.In(credential, policy.Read(), credential.Tenants.FirstOrDefault() ?? ingest.Tenant, null);
        await acts.Record(identity.Tenant, identity.ToActor(http.Address()), "user.sign-in", user.Name);
        await http.Response.WriteAsJsonAsync(View(http, identity, guarding, policy, accounts, authentication), http.RequestAborted);
    }

    private static async Task<bool> Fits(Secret password, string? hash, CancellationToken cancel)
    {
        await Checking.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => PasswordHash.Fits(password, hash), cancel);
        }
        finally
        {
            Checking.Release();
        }
    }

    private static async Task<Credentials?> ReadBody(HttpContext http)
    {
        // Only JSON: a form of another site cannot send it.
        if (http.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true) return null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound) bound.MaxRequestBodySize = BodyBytesMax;
        try
        {
            return await http.Request.ReadFromJsonAsync<Credentials>(http.RequestAborted) is { Name.Length: > 0 and <= 200, Password: not null } given ? given : null;
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static async Task End(HttpContext http, Sessions sessions, Acts acts)
    {
        if (sessions.End(http) is { } ended) await acts.Record(http, "user.sign-out", ended.Name);
        http.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
