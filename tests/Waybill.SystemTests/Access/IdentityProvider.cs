using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Waybill.Access;

/// <summary>A provider of identities on loopback: its discovery document, its keys, and tokens as it would sign them, or as nobody should.</summary>
internal sealed class IdentityProvider : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly List<(string Id, RSA Key)> _keys = [];
    private int _asked;

    public IdentityProvider()
    {
        Issuer = new Uri($"http://127.0.0.1:{FreePort()}/realm");
        _listener.Prefixes.Add($"http://127.0.0.1:{Issuer.Port}/");
        _listener.Start();
        Rotate("first");
        _ = Serve();
    }

    public Uri Issuer { get; }

    /// <summary>How often its keys were fetched.</summary>
    public int KeysAsked => Volatile.Read(ref _asked);

    /// <summary>Publishes a key of this name instead of those before.</summary>
    public void Rotate(string id)
    {
        lock (_keys)
        {
            _keys.Clear();
            _keys.Add((id, RSA.Create(2048)));
        }
    }

    /// <param name="claims">Beside iss, aud, exp, iat and sub, which they may replace; null takes one out.</param>
    public string Token(Dictionary<string, object?>? claims = null, string algorithm = "RS256", string? keyId = null, RSA? key = null)
    {
        (string id, RSA own) = Current();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var payload = new Dictionary<string, object?>
        {
            ["iss"] = Issuer.ToString(), ["aud"] = "waybill", ["sub"] = "u-1", ["preferred_username"] = "carol", ["groups"] = new[] { "sre" }, ["iat"] = now, ["exp"] = now + 300,
        };
        foreach (var (name, value) in claims ?? []) payload[name] = value;
        foreach (string absent in payload.Where(claim => claim.Value is null).Select(claim => claim.Key).ToList()) payload.Remove(absent);
        string signed = $"{Part(new { alg = algorithm, typ = "JWT", kid = keyId ?? id })}.{Part(payload)}";
        byte[] bytes = Encoding.ASCII.GetBytes(signed);
        byte[] signature = algorithm switch
        {
            "none" => [],
            // With the public key for a secret: what a verifier that does not insist on its algorithm would take.
            "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(own.ExportRSAPublicKeyPem()), bytes),
            _ => (key ?? own).SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private (string Id, RSA Key) Current()
    {
        lock (_keys) return _keys[^1];
    }

    private async Task Serve()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            object body;
            if (context.Request.Url!.AbsolutePath.EndsWith("/openid-configuration", StringComparison.Ordinal))
                body = new { issuer = Issuer.ToString(), authorization_endpoint = $"{Issuer}/auth", token_endpoint = $"{Issuer}/token", jwks_uri = $"{Issuer}/keys" };
            else
            {
                Interlocked.Increment(ref _asked);
                lock (_keys) body = new { keys = _keys.Select(key => new { kty = "RSA", use = "sig", kid = key.Id, alg = "RS256", n = Base64Url.EncodeToString(key.Key.ExportParameters(false).Modulus!), e = Base64Url.EncodeToString(key.Key.ExportParameters(false).Exponent!) }).ToArray() };
            }
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body));
            context.Response.Close();
        }
    }

    private static string Part(object json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _listener.Close();
        foreach (var (_, key) in _keys) key.Dispose();
    }
}
