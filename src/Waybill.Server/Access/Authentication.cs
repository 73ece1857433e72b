using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Finds out who sends a request: a token or key, a client certificate, an OIDC token, a session. Looks everything up anew each time, so that what was revoked is so at once.</summary>
internal sealed class Authentication(AccountsFile accounts, PolicyFile policy, Sessions sessions, Oidc oidc, SelfKey self, LastSeen seen, TimeProvider clock)
{
    private const string Bearer = "Bearer ", Basic = "Basic ";

    private static readonly AccessRefusal Cut = AccessRefusal.Invalid("This token is not whole: its check digits do not fit. Copy it again, all of it.");
    private static readonly AccessRefusal Unknown = AccessRefusal.Invalid("This token is not known here: it was revoked, or belongs to another server. 'waybill token create' makes a new one.");
    private static readonly AccessRefusal NoForm = AccessRefusal.Invalid("This is no token of Waybill (wbt_..., wbk_...) and no JSON Web Token.");
    private static readonly AccessRefusal Scheme = AccessRefusal.Invalid("Authorization must be 'Bearer' followed by a token, or Basic with a token as the password.");

    /// <returns>Who it is; or why what was sent is not taken; or neither, when nothing was sent.</returns>
    public async ValueTask<(Credential? Credential, AccessRefusal? Refusal)> Read(HttpContext http)
    {
        string? text = TextOf(http.Request, out AccessRefusal? bad);
        if (bad is not null) return (null, bad);
        if (text is not null) return TokenText.IsOurs(text) ? OfToken(text) : text.Count(c => c == '.') == 2 ? await OfJwt(text, http.RequestAborted) : (null, NoForm);
        if (http.Listener() != Listener.Console) return http.Connection.ClientCertificate is { } certificate ? OfCertificate(certificate) : (null, null);
        return (sessions.Find(http) is { } session ? OfSession(session) : null, null);
    }

    // SDKs write any of these; a query parameter would end up in logs.
    private static string? TextOf(HttpRequest request, out AccessRefusal? bad)
    {
        bad = null;
        string authorization = request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
        {
            if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return authorization[Bearer.Length..].Trim();
            if (TokenText.IsOurs(authorization)) return authorization;
            if (authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) && PasswordOf(authorization[Basic.Length..]) is { } password && TokenText.IsOurs(password)) return password;
            bad = Scheme;
            return null;
        }
        foreach (string header in (ReadOnlySpan<string>)["api-key", "x-api-key"])
            if (request.Headers[header].ToString() is { Length: > 0 } key) return key.Trim();
        return null;
    }

    /// <summary>Of clients that know a URL only, as Flagger's webhooks: the user's name is free.</summary>
    private static string? PasswordOf(string encoded)
    {
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded.Trim(), bytes, out int length)) return null;
        string text = System.Text.Encoding.UTF8.GetString(bytes, 0, length);
        return text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? text[(colon + 1)..] : null;
    }

    private (Credential?, AccessRefusal?) OfToken(string text)
    {
        if (!TokenText.IsWhole(text)) return (null, Cut);
        if (self.Is(text)) return (SelfKey.Credential, null);
        Accounts current = accounts.Read();
        if (current.FindToken(TokenText.Hash(text)) is not { } token) return (null, Unknown);
        if (token.ExpiresUnixSeconds is { } expires && clock.GetUtcNow().ToUnixTimeSeconds() >= expires)
            return (null, AccessRefusal.Invalid($"The token '{token.Name}' has expired at {DateTimeOffset.FromUnixTimeSeconds(expires):yyyy-MM-dd HH:mm} UTC. Make a new one."));
        IReadOnlyList<Grant>? owners = null;
        if (token.Owner is { } name)
        {
            if (current.FindUser(name) is not { Disabled: false } owner) return (null, Unknown);
            owners = GrantsOf(owner);
        }
        seen.Saw(token.Id);
        return (new Credential(token.IsKey ? IdentityKind.Key : IdentityKind.Token, token.Id, [token.Grant], owners) { ExpiresUnixSeconds = token.ExpiresUnixSeconds }, null);
    }

    private async ValueTask<(Credential?, AccessRefusal?)> OfJwt(string text, CancellationToken cancel)
    {
        if (policy.Read().Oidc is not { } settings) return (null, AccessRefusal.Invalid("This server takes no JSON Web Tokens: there is no oidc in access.yaml."));
        var (subject, wrong) = await oidc.Verify(settings, text, nonce: null, settings.Audience, cancel);
        if (subject is null) return (null, AccessRefusal.Invalid(wrong!));
        return (OfSubject(subject), null);
    }

    private Credential OfSubject(OidcSubject subject)
    {
        AccessPolicy current = policy.Read();
        seen.Saw($"oidc:{subject.Name}");
        return new Credential(IdentityKind.Oidc, subject.Name, [.. current.GrantsOf(BindingKind.Subject, subject.Name), .. subject.Groups.SelectMany(group => current.GrantsOf(BindingKind.Group, group))]);
    }

    // Who signed it and what it is for was checked in the handshake. Connections of agents last for days, so its end is looked at again.
    private (Credential?, AccessRefusal?) OfCertificate(X509Certificate2 certificate)
    {
        DateTime until = certificate.NotAfter.ToUniversalTime();
        if (until <= clock.GetUtcNow().UtcDateTime) return (null, AccessRefusal.Invalid($"The client certificate has expired at {until:yyyy-MM-dd HH:mm} UTC. Renew it and connect again."));
        IReadOnlyList<string> names = CertificateNames.Of(certificate);
        if (names.Count == 0) return (null, AccessRefusal.Invalid("The client certificate names nobody: it has no URI or DNS subject alternative name, and no common name."));
        IReadOnlyList<Grant> grants = policy.Read().GrantsOfCertificate(names);
        if (grants.Count == 0) return (null, AccessRefusal.UnknownCertificate(names[0]));
        seen.Saw($"agent:{names[0]}");
        return (new Credential(IdentityKind.Agent, names[0], grants), null);
    }

    private Credential? OfSession(Session session)
    {
        Credential? credential;
        if (session.Subject is { } subject) credential = policy.Read().Oidc is null ? null : OfSubject(subject);
        else
        {
            // A new password ends what the old one began.
            if (accounts.Read().FindUser(session.Name) is not { Disabled: false } user || user.PasswordUnixSeconds > session.BeganUnixSeconds) return null;
            seen.Saw($"user:{user.Name}");
            credential = new Credential(IdentityKind.User, user.Name, GrantsOf(user));
        }
        return credential is null ? null : credential with { Session = session.Id, ExpiresUnixSeconds = sessions.ExpiresUnixSeconds(session) };
    }

    public IReadOnlyList<Grant> GrantsOf(User user) => [user.Grant, .. policy.Read().GrantsOf(BindingKind.User, user.Name)];
}
