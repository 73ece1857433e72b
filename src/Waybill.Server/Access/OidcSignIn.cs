using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Ingest;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Sign-in by OpenID Connect: authorization code with PKCE (RFC 7636), state and nonce. What is under way is kept here, bound to the browser by a cookie.</summary>
internal sealed class OidcSignIn(Oidc oidc, PolicyFile policy, Sessions sessions, Acts acts, IngestOptions ingest, TimeProvider clock)
{
    public const string CallbackPath = "/api/session/oidc/callback";
    private const string Cookie = "waybill-oidc";
    private const int PendingMax = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private sealed record Pending(string Verifier, string Nonce, string ReturnTo, string Browser, Uri Redirect, long At);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    /// <summary>Sends the browser to the provider.</summary>
    public async Task Begin(HttpContext http)
    {
        if (policy.Read().Oidc is not { ClientId: { } client } settings)
        {
            await Problems.NotFound(http, "There is no identity provider here: access.yaml has no oidc with a clientId.");
            return;
        }
        if (await oidc.Endpoints(settings, http.RequestAborted) is not { } endpoints)
        {
            await Problems.Unavailable(http, $"{settings.Name} cannot be reached just now. Try again in a minute.");
            return;
        }
        Forget();
        string state = Random(), verifier = Random(), nonce = Random(), browser = Random();
        Uri redirect = new(settings.PublicUrl ?? new Uri($"{http.Request.Scheme}://{http.Request.Host}"), CallbackPath);
        _pending[state] = new Pending(verifier, nonce, Local(http.Request.Query["to"]), browser, redirect, clock.GetTimestamp());
        // Lax: the way back is a navigation from the provider's site.
        http.Response.Cookies.Append(Cookie, browser, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, Path = CallbackPath, MaxAge = Patience });
        string challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        string question = QueryString.Create((KeyValuePair<string, string?>[])
        [
            new("response_type", "code"), new("client_id", client), new("redirect_uri", redirect.AbsoluteUri), new("scope", string.Join(' ', settings.Scopes)),
            new("state", state), new("nonce", nonce), new("code_challenge", challenge), new("code_challenge_method", "S256"),
        ]).ToUriComponent();
        string at = endpoints.Authorization.AbsoluteUri;
        http.Response.Redirect(at.Contains('?', StringComparison.Ordinal) ? $"{at}&{question[1..]}" : at + question);
    }

    /// <summary>Takes the browser back: exchanges the code, checks the id token, begins a session.</summary>
    public async Task End(HttpContext http)
    {
        IQueryCollection query = http.Request.Query;
        string state = query["state"].ToString(), browser = http.Request.Cookies[Cookie] ?? "";
        http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = CallbackPath });
        if (!_pending.TryRemove(state, out Pending? pending) || clock.GetElapsedTime(pending.At) > Patience
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(pending.Browser), Encoding.UTF8.GetBytes(browser)))
        {
            await Fail(http, "state", "This sign-in was not begun in this browser, or too long ago. Begin again.");
            return;
        }
        if (policy.Read().Oidc is not { ClientId: { } client } settings || await oidc.Endpoints(settings, http.RequestAborted) is not { } endpoints)
        {
            await Fail(http, "provider", "The identity provider cannot be reached just now. Begin again in a minute.");
            return;
        }
        if (query["code"].ToString() is not { Length: > 0 } code)
        {
            await Fail(http, "refused", "The identity provider did not sign you in.");
            return;
        }
        if (await Exchange(settings, client, endpoints, code, pending, http.RequestAborted) is not { } idToken)
        {
            await Fail(http, "exchange", "The identity provider did not take the code. Begin again; if it stays so, check clientId and clientSecretFile in access.yaml.");
            return;
        }
        var (subject, wrong) = await oidc.Verify(settings, idToken, pending.Nonce, client, http.RequestAborted);
        if (subject is null)
        {
            await Fail(http, "token", wrong!);
            return;
        }
        Session session = sessions.Begin(http, subject.Name, subject);
        await acts.Record(ingest.Tenant, new Actor("user", subject.Name, http.Address(), session.Id), "user.sign-in", subject.Name, detail: new { by = "oidc", subject.Groups });
        http.Response.Redirect(pending.ReturnTo);
    }

    private async Task<string?> Exchange(OidcSettings settings, string client, OidcEndpoints endpoints, string code, Pending pending, CancellationToken cancel)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = pending.Redirect.AbsoluteUri, ["client_id"] = client, ["code_verifier"] = pending.Verifier,
        };
        try
        {
            if (settings.ClientSecretFile is { } file) form["client_secret"] = (await File.ReadAllTextAsync(file, cancel)).Trim();
            using var content = new FormUrlEncodedContent(form);
            using HttpResponseMessage answer = await oidc.Http.PostAsync(endpoints.Token, content, cancel);
            if (!answer.IsSuccessStatusCode) return null;
            JsonElement body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
            return body.ValueKind == JsonValueKind.Object && body.TryGetProperty("id_token", out JsonElement token) ? token.GetString() : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task Fail(HttpContext http, string reason, string message)
    {
        await acts.Record(ingest.Tenant, new Actor("user", "unknown", http.Address()), "user.sign-in", "oidc", "failed", new { reason });
        // Back to the page for signing in, which shows it; the message is ours, never the provider's.
        http.Response.Redirect($"/sign-in?problem={Uri.EscapeDataString(message)}");
    }

    /// <summary>Only a path of our own: a sign-in must not be a way to send somebody elsewhere.</summary>
    private static string Local(string? to) => to is { Length: > 0 and < 2_000 } && to[0] == '/' && !to.StartsWith("//", StringComparison.Ordinal) && !to.Contains('\\') && !to.Any(char.IsControl) ? to : "/";

    private void Forget()
    {
        if (_pending.Count < PendingMax) return;
        foreach (var (state, _) in _pending.OrderBy(entry => entry.Value.At).Take(PendingMax / 10)) _pending.TryRemove(state, out _);
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}

internal static class OidcSignInEndpoints
{
    public static void MapOidcSignIn(this IEndpointRouteBuilder app)
    {
        const string why = "nobody is signed in before signing in";
        app.MapGet("/api/session/oidc", (HttpContext http, OidcSignIn signIn) => signIn.Begin(http)).On(Listener.Console).OpenToAll(why).NotNoted()
            .WithSummary("Begins a sign-in at the identity provider").WithText("to", "The page to come back to: a path of this server.").Produces(StatusCodes.Status302Found).AnswersWith("text/html", "A redirect to the provider.");
        app.MapGet(OidcSignIn.CallbackPath, (HttpContext http, OidcSignIn signIn) => signIn.End(http)).On(Listener.Console).OpenToAll(why).NotNoted().ExcludeFromDescription();
    }
}
