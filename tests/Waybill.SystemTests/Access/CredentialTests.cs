using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Ingest;

namespace Waybill.Access;

/// <summary>Credentials that are wrong in one way each: the right status, and a message that helps and tells no secret.</summary>
public sealed class CredentialTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task Each_wrong_token_is_answered_with_what_is_wrong_with_it()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string viewer = server.AddToken(Grant.Of("viewer", "acme")), expired = server.AddToken(Grant.Of("viewer", "acme"), expires: Now - 1), key = server.AddToken(Grant.Of("sender", "acme"), key: true);
        string strange = TokenText.Make(TokenText.TokenPrefix).Reveal();
        await AssertRefused(server, null, HttpStatusCode.Unauthorized, "must know who asks");
        await AssertRefused(server, strange, HttpStatusCode.Unauthorized, "not known here");
        await AssertRefused(server, viewer[..^1], HttpStatusCode.Unauthorized, "check digits do not fit");
        await AssertRefused(server, expired, HttpStatusCode.Unauthorized, "has expired at");
        await AssertRefused(server, "no token at all", HttpStatusCode.Unauthorized, "no token of Waybill");
        await AssertRefused(server, "a.b.c", HttpStatusCode.Unauthorized, "takes no JSON Web Tokens");
        await AssertRefused(server, key, HttpStatusCode.Unauthorized, "a key for sending");
        await AssertRefused(server, viewer, HttpStatusCode.Forbidden, "lacks the permission access.read", path: "/api/access/users");
        await AssertRefused(server, viewer, HttpStatusCode.Forbidden, "does not grant the tenant", tenant: "umbrella");
        await AssertRefused(server, viewer, HttpStatusCode.Forbidden, "does not grant the tenant", tenant: "../acme");
        await AssertRefused(server, viewer, HttpStatusCode.Forbidden, "lacks the permission ledger.read", path: "/ledger/checkpoint");
        using HttpResponseMessage good = await server.Ask(HttpMethod.Get, "/api/access/roles", viewer, tenant: "acme");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task Each_wrong_web_token_is_answered_with_what_is_wrong_with_it()
    {
        using var provider = new IdentityProvider();
        await using GuardedServer server = await GuardedServer.Start($"""
            oidc:
              issuer: {provider.Issuer}
              audience: waybill
            bindings:
              - group: sre
                role: viewer
                tenant: acme
            """);
        using RSA stranger = RSA.Create(2048);
        (string What, string Token, string Message)[] wrong =
        [
            ("expired", provider.Token(new() { ["exp"] = Now - 120 }), "has expired at"),
            ("not yet valid", provider.Token(new() { ["nbf"] = Now + 600 }), "clocks differ by more than 60 s"),
            ("without an end", provider.Token(new() { ["exp"] = null }), "never expires"),
            ("of another issuer", provider.Token(new() { ["iss"] = "https://evil.example" }), "of another issuer"),
            ("for another audience", provider.Token(new() { ["aud"] = "shop" }), "for another audience"),
            ("signed by another", provider.Token(key: stranger), "signature is wrong"),
            ("signed by a key that is not published", provider.Token(keyId: "unheard-of", key: stranger), "does not publish"),
            ("not signed", provider.Token(algorithm: "none"), ""),
            ("signed with the public key as a secret", provider.Token(algorithm: "HS256"), ""),
            ("changed", Changed(provider.Token()), "signature is wrong"),
            ("of no form", "eyJhbGciOiJSUzI1NiJ9.e30.!!!", ""),
            ("naming nobody", provider.Token(new() { ["preferred_username"] = null, ["sub"] = null }), "names nobody"),
        ];
        foreach (var (what, token, message) in wrong)
        {
            try
            {
                await AssertRefused(server, token, HttpStatusCode.Unauthorized, message);
            }
            catch (Xunit.Sdk.XunitException e)
            {
                throw new Xunit.Sdk.XunitException($"A token {what}: {e.Message}");
            }
        }
        // Clocks that differ by less than is allowed.
        foreach (string token in (string[])[provider.Token(), provider.Token(new() { ["exp"] = Now - 30 }), provider.Token(new() { ["nbf"] = Now + 30 })])
        {
            using HttpResponseMessage answer = await server.Ask(HttpMethod.Get, "/api/access/roles", token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        await AssertRefused(server, provider.Token(), HttpStatusCode.Forbidden, "lacks the permission access.read", path: "/api/access/users");
        await AssertRefused(server, provider.Token(new() { ["preferred_username"] = "Bjørk \"Ж\"\r\nX: y" }), HttpStatusCode.Forbidden, "lacks the permission access.read", path: "/api/access/users");   // a name is anything
        await AssertRefused(server, provider.Token(new() { ["groups"] = Array.Empty<string>() }), HttpStatusCode.Forbidden, "", path: "/api/services");
        await AssertRefused(server, provider.Token(), HttpStatusCode.Forbidden, "does not grant the tenant", tenant: "umbrella");
        Assert.InRange(provider.KeysAsked, 1, 3);   // unknown keys do not make it ask each time
    }

    [Fact]
    public async Task A_new_key_of_the_provider_is_taken_without_a_restart()
    {
        using var provider = new IdentityProvider();
        var clock = new ForwardClock();
        await using GuardedServer server = await GuardedServer.Start($"oidc: {{ issuer: \"{provider.Issuer}\", audience: waybill }}\nbindings: [{{ group: sre, role: viewer, tenant: acme }}]\n", services: services => services.AddSingleton<TimeProvider>(clock));
        string before = provider.Token();
        using (HttpResponseMessage answer = await server.Ask(HttpMethod.Get, "/api/access/roles", before)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        provider.Rotate("second");
        string after = provider.Token();
        // It asks for keys at most once in half a minute, whatever is sent; then the old key is nobody's.
        await AssertRefused(server, after, HttpStatusCode.Unauthorized, "does not publish");
        clock.Advance(TimeSpan.FromSeconds(31));
        using (HttpResponseMessage answer = await server.Ask(HttpMethod.Get, "/api/access/roles", after)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await AssertRefused(server, before, HttpStatusCode.Unauthorized, "does not publish");
    }

    /// <summary>The same refusals in the words of each protocol that telemetry comes in.</summary>
    [Fact]
    public async Task Senders_are_told_in_the_form_of_their_protocol()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string reader = server.AddToken(Grant.Of("viewer", "acme")), expired = server.AddToken(Grant.Of("sender", "acme"), key: true, expires: Now - 1), good = server.AddToken(Grant.Of("sender", "acme"), key: true);
        foreach (var (key, tenant, grpc, http, message) in (IEnumerable<(string?, string?, string, HttpStatusCode, string)>)
                 [(null, null, "16", HttpStatusCode.Unauthorized, "who sends"), (expired, null, "16", HttpStatusCode.Unauthorized, "has expired"), (good[..^2], null, "16", HttpStatusCode.Unauthorized, "check digits"),
                  (reader, null, "7", HttpStatusCode.Forbidden, "ingest.write"), (good, "umbrella", "7", HttpStatusCode.Forbidden, "does not grant the tenant")])
        {
            List<(string, string)> headers = [];
            if (key is not null) headers.Add(("api-key", key));
            if (tenant is not null) headers.Add(("x-scope-orgid", tenant));
            GrpcAnswer answer = await server.Server.Grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan), [.. headers]);
            Assert.Equal(grpc, answer.Status);
            Assert.Contains(message, Uri.UnescapeDataString(answer.Message!), StringComparison.Ordinal);
            foreach (var (path, type) in (IEnumerable<(string, string)>)[("/v1/traces", "application/json"), ("/v1/logs", "application/x-protobuf"), ("/api/v2/spans", "application/json")])
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", Encoding.UTF8, type) };
                foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
                using HttpResponseMessage refused = await server.Server.Http.SendAsync(request, Cancel);
                Assert.Equal(http, refused.StatusCode);
                Assert.Equal(path == "/api/v2/spans" ? "text/plain" : type, refused.Content.Headers.ContentType?.MediaType);
                Assert.Contains(message, await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            }
        }
        GrpcAnswer taken = await server.Server.Grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan), ("authorization", $"Bearer {good}"));
        Assert.Equal("0", taken.Status);
    }

    /// <summary>The system's clock, set forward.</summary>
    private sealed class ForwardClock : TimeProvider
    {
        private TimeSpan _ahead;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;
        public override long GetTimestamp() => base.GetTimestamp() + (long)(_ahead.TotalSeconds * TimestampFrequency);

        public void Advance(TimeSpan time) => _ahead += time;
    }

    private static string Changed(string token)
    {
        string[] parts = token.Split('.');
        string payload = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])).Replace("\"sre\"", "\"admins\"", StringComparison.Ordinal);
        return $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.{parts[2]}";
    }

    private static async Task AssertRefused(GuardedServer server, string? token, HttpStatusCode status, string message, string path = "/api/access/roles", string? tenant = null)
    {
        using HttpResponseMessage answer = await server.Ask(HttpMethod.Get, path, token, tenant);
        string body = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode} {body}");
        Assert.True(body.Contains(message, StringComparison.Ordinal), body);
        AuthenticationHeaderValue challenge = Assert.Single(answer.Headers.WwwAuthenticate);
        Assert.Equal("Bearer", challenge.Scheme);
        if (token is not null) Assert.Contains(status == HttpStatusCode.Forbidden ? "insufficient_scope" : "invalid_token", challenge.Parameter, StringComparison.Ordinal);
        if (token is { Length: > 20 }) Assert.DoesNotContain(token[^12..], body + challenge, StringComparison.Ordinal);
    }
}
