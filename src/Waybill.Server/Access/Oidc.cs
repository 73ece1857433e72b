using System.Security.Claims;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Waybill.Egress;

namespace Waybill.Access;

/// <summary>Where a provider is asked, as its discovery document says.</summary>
internal sealed record OidcEndpoints(string Issuer, Uri Authorization, Uri Token, Uri Keys);

/// <summary>
/// Checks tokens of an OpenID Connect provider: signature by its published keys, issuer, audience, time. Keys are fetched again when a token names one that
/// is not known, at most once in <see cref="RefetchEvery"/>, whatever is sent.
/// </summary>
internal sealed partial class Oidc(OutgoingCalls calls, PolicyFile policy, TimeProvider clock, ILogger<Oidc> log) : IDisposable
{
    private const int TokenCharsMax = 16 * 1024, GroupsMax = 1_000;
    private static readonly TimeSpan RefetchEvery = TimeSpan.FromSeconds(30), KeptFor = TimeSpan.FromHours(1);

    private sealed record Known(Uri Issuer, OidcEndpoints Endpoints, IList<SecurityKey> Keys, long At);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly SemaphoreSlim _fetching = new(1);
    private volatile Known? _known;
    private long _triedAt;

    // The issuer may be internal, as access.yaml names it; another host that its document names may not.
    internal HttpClient Http { get; } = calls.ForOperator(target => policy.Read().Oidc is { } settings && OutgoingCalls.IsSame(target, settings.Issuer));

    /// <returns>Who it is; or what is wrong, in words that say nothing of keys.</returns>
    public async ValueTask<(OidcSubject? Subject, string? Wrong)> Verify(OidcSettings settings, string token, string? nonce, string audience, CancellationToken cancel)
    {
        if (token.Length > TokenCharsMax) return (null, "The token is too long.");
        if (await Know(settings, refetch: false, cancel) is not { } known) return (null, $"The identity provider at {settings.Issuer.Host} cannot be reached, so its tokens cannot be checked. Try again in a minute.");
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, Rules(settings, known, audience));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && await Know(settings, refetch: true, cancel) is { } newer && newer != known)
            result = await _handler.ValidateTokenAsync(token, Rules(settings, newer, audience));
        if (!result.IsValid) return (null, Explain(result.Exception, settings));
        if (nonce is not null && Claim(result.ClaimsIdentity, "nonce") != nonce) return (null, "The answer of the identity provider belongs to another sign-in. Sign in again.");

        string? name = Claim(result.ClaimsIdentity, settings.NameClaim) ?? Claim(result.ClaimsIdentity, "sub");
        if (string.IsNullOrEmpty(name) || name.Length > 200) return (null, $"The token names nobody: it has neither {settings.NameClaim} nor sub.");
        return (new OidcSubject(name, [.. result.ClaimsIdentity.FindAll(settings.GroupsClaim).Select(claim => claim.Value).Where(group => group.Length <= 200).Take(GroupsMax)]), null);
    }

    private TokenValidationParameters Rules(OidcSettings settings, Known known, string audience) => new()
    {
        ValidIssuer = known.Endpoints.Issuer, ValidAudience = audience, IssuerSigningKeys = known.Keys, ValidAlgorithms = settings.Algorithms,
        RequireSignedTokens = true, RequireExpirationTime = true, ValidateIssuerSigningKey = true, TryAllIssuerSigningKeys = false,
        ClockSkew = TimeSpan.FromSeconds(settings.ClockSkewSeconds),
        LifetimeValidator = (from, until, _, _) =>
        {
            DateTime now = clock.GetUtcNow().UtcDateTime;
            TimeSpan skew = TimeSpan.FromSeconds(settings.ClockSkewSeconds);
            if (until is null) throw new SecurityTokenNoExpirationException();
            // Times of the token are not added to: of one whose key is not known they are the first and last there are, and it must come out that its key is not.
            if (until.Value <= now - skew) throw new SecurityTokenExpiredException { Expires = until.Value };
            if (from is { } begin && begin > now + skew) throw new SecurityTokenNotYetValidException { NotBefore = begin };
            return true;
        },
    };

    private string Explain(Exception? wrong, OidcSettings settings) => wrong switch
    {
        SecurityTokenExpiredException expired => $"The token has expired at {expired.Expires:yyyy-MM-dd HH:mm:ss} UTC; it is {clock.GetUtcNow():HH:mm:ss} here. Get a new one.",
        SecurityTokenNotYetValidException early => $"The token is not valid before {early.NotBefore:yyyy-MM-dd HH:mm:ss} UTC, and it is {clock.GetUtcNow():HH:mm:ss} here: the clocks differ by more than {settings.ClockSkewSeconds} s. Set them right.",
        SecurityTokenNoExpirationException => "The token never expires; such tokens are not taken.",
        SecurityTokenInvalidIssuerException => $"The token is of another issuer. This server takes those of {settings.Issuer}.",
        SecurityTokenInvalidAudienceException => "The token is for another audience. Ask the provider for one whose aud is the one that access.yaml names.",
        SecurityTokenSignatureKeyNotFoundException => "The token is signed with a key that the provider does not publish.",
        SecurityTokenInvalidAlgorithmException => $"The token is signed by an algorithm that is not taken; there are {string.Join(", ", settings.Algorithms)}.",
        SecurityTokenInvalidSignatureException => "The token's signature is wrong, or made by an algorithm that is not taken.",
        SecurityTokenMalformedException or ArgumentException => "This is no JSON Web Token.",
        _ => "The token is not valid.",
    };

    public async ValueTask<OidcEndpoints?> Endpoints(OidcSettings settings, CancellationToken cancel) => (await Know(settings, refetch: false, cancel))?.Endpoints;

    private async ValueTask<Known?> Know(OidcSettings settings, bool refetch, CancellationToken cancel)
    {
        if (!refetch && IsFresh(_known)) return _known;
        await _fetching.WaitAsync(cancel);
        try
        {
            if (!refetch && IsFresh(_known)) return _known;
            Known? old = _known?.Issuer == settings.Issuer ? _known : null;
            if (_triedAt != 0 && clock.GetElapsedTime(_triedAt) < RefetchEvery && (old is not null || _known is null)) return old;
            _triedAt = clock.GetTimestamp();
            try
            {
                return _known = await Fetch(settings, cancel);
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                LogNotReached(settings.Issuer, e.Message);
                return old;   // keys that were good an hour ago are better than nobody signing in while the provider restarts
            }
        }
        finally
        {
            _fetching.Release();
        }

        bool IsFresh(Known? known) => known is not null && known.Issuer == settings.Issuer && clock.GetElapsedTime(known.At) < KeptFor;
    }

    private async Task<Known> Fetch(OidcSettings settings, CancellationToken cancel)
    {
        var discovery = new Uri($"{settings.Issuer.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration");
        using JsonDocument document = JsonDocument.Parse(await Http.GetByteArrayAsync(discovery, cancel));
        JsonElement root = document.RootElement;
        string issuer = root.GetProperty("issuer").GetString() ?? "";
        if (issuer.TrimEnd('/') != settings.Issuer.AbsoluteUri.TrimEnd('/')) throw new InvalidOperationException($"it calls itself {issuer}, not {settings.Issuer}");
        var endpoints = new OidcEndpoints(issuer, Address("authorization_endpoint"), Address("token_endpoint"), Address("jwks_uri"));
        var keys = new JsonWebKeySet(await Http.GetStringAsync(endpoints.Keys, cancel));
        return new Known(settings.Issuer, endpoints, [.. keys.GetSigningKeys()], clock.GetTimestamp());

        Uri Address(string name)
        {
            var uri = new Uri(root.GetProperty(name).GetString() ?? "", UriKind.Absolute);
            bool safe = uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && settings.Issuer.IsLoopback;
            return safe ? uri : throw new InvalidOperationException($"its {name} is not an https address");
        }
    }

    private static string? Claim(ClaimsIdentity identity, string name) => identity.FindFirst(name)?.Value;

    public void Dispose()
    {
        Http.Dispose();
        _fetching.Dispose();
    }

    [LoggerMessage(1, LogLevel.Warning, "The identity provider {Issuer} could not be asked for its keys: {Error}")]
    private partial void LogNotReached(Uri issuer, string error);
}
