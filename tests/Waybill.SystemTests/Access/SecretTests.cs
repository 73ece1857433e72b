using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Waybill.Processes;

namespace Waybill.Access;

/// <summary>
/// Secrets in settings, files, headers, cookies, addresses and bodies, while everything is logged that can be and much of it fails (reliability.md E6): none is in
/// the log, the status, the metrics, an answer, or a file of the data directory.
/// </summary>
public sealed class SecretTests(ITestOutputHelper output)
{
    private readonly Dictionary<string, string> _secrets = [];
    private readonly StringBuilder _told = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A text that stands nowhere else. Its kind is for who reads the failure.</summary>
    private string Secret(string kind) => _secrets[kind] = $"zq{_secrets.Count:00}{Guid.NewGuid():N}";

    [Fact]
    public async Task No_secret_is_told_while_everything_is_logged_and_much_fails()
    {
        string directory = Directory.CreateTempSubdirectory("wb-").FullName;
        try
        {
            await using WaybillServer server = WaybillServer.Prepare(directory);
            await AskWithSecrets(server);
            await server.Stop();
            _told.Append(server.Log);
            foreach (string file in Directory.EnumerateFiles(server.Data, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/engine/store/", StringComparison.Ordinal) && !file.EndsWith(".sock", StringComparison.Ordinal)))
                AssertNone(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancel)), file);
            AssertNone(_told.ToString(), "the log and all answers");
            Assert.Contains("trce: ", _told.ToString());   // it was as talkative as it can be
            output.WriteLine($"{_secrets.Count} secrets, in none of {_told.Length} characters of log and answers, and in no file: {string.Join(", ", _secrets.Keys)}");
            Assert.True(_secrets.Count >= 20);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_store_s_password_is_not_told_when_the_store_is_not_there()
    {
        string directory = Directory.CreateTempSubdirectory("wb-").FullName;
        try
        {
            await using WaybillServer server = WaybillServer.Prepare(directory);
            server.Settings["WAYBILL_STORAGE__URL"] = $"http://waybill:{Secret("password of the store")}@127.0.0.1:1/{Secret("database")}".Replace(_secrets["database"], "waybill", StringComparison.Ordinal);
            _secrets.Remove("database");
            server.Settings["WAYBILL_LOGGING__LOGLEVEL__DEFAULT"] = "Trace";
            server.Launch();
            var at = await server.Listening;
            foreach (string path in (string[])["/readyz", "/api/status", "/api/services", "/metrics"]) _told.Append(await (await at.Api.GetAsync(path, Cancel)).Content.ReadAsStringAsync(Cancel));
            await server.Stop();
            AssertNone(server.Log + _told, "the log and all answers");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task AskWithSecrets(WaybillServer server)
    {
        string clientSecretFile = Path.Combine(server.Directory, "oidc.secret");
        await File.WriteAllTextAsync(clientSecretFile, Secret("client secret of OIDC"), Cancel);
        Directory.CreateDirectory(server.Data);
        await File.WriteAllTextAsync(Path.Combine(server.Data, "access.yaml"), $"oidc:\n  issuer: http://127.0.0.1:1/realm\n  audience: waybill\n  clientId: waybill\n  clientSecretFile: {clientSecretFile}\n", Cancel);
        server.Settings["WAYBILL_LOGGING__LOGLEVEL__DEFAULT"] = "Trace";
        foreach (string category in (string[])["MICROSOFT.ASPNETCORE.HOSTING", "MICROSOFT.ASPNETCORE.ROUTING", "MICROSOFT.ASPNETCORE.SERVER", "SYSTEM"]) server.Settings[$"WAYBILL_LOGGING__LOGLEVEL__{category}"] = "Trace";
        server.Settings["WAYBILL_REDACTION__HASHKEY"] = Secret("key of hashes");
        server.Settings["WAYBILL_CHANGES__GITHUBSECRETS__0"] = Secret("secret of GitHub's hook");
        server.Settings["WAYBILL_CHANGES__GITLABTOKENS__0"] = Secret("token of GitLab's hook");
        server.Settings["WAYBILL_CHANGES__ARGOCDTOKENS__0"] = Secret("token of Argo CD's hook");
        string token = Telling.Token(server, Grant.Of("admin", "*")), key = Telling.Token(server, Grant.Of("sender", "default"), key: true);
        (_secrets["token"], _secrets["ingest key"]) = (token, key);
        var accounts = new AccountsFile(server.Data);
        string password = Secret("password"), hash = PasswordHash.Make(new Secret(password));
        accounts.Change(current => (current.With(new User("ada", hash, Grant.Of("admin", "*"), false, 0, 0)), true));
        server.Launch();
        await server.Ready();

        await Credentials(server, token, key);
        await Sessions(server, password);
        await Hooks(server, key);
        server.KillEngine();
        await Credentials(server, token, key);   // and while every question fails
        foreach (string path in (string[])["/api/status", "/metrics", "/readyz", "/api/access/tokens", "/api/access/users", "/api/access/review", "/api/redaction/rules", "/api/ledger", "/api/connect", "/api/session"])
            await Send(server, server.At.Api, HttpMethod.Get, path, null, ("Authorization", $"Bearer {token}"));
    }

    private async Task Credentials(WaybillServer server, string token, string key)
    {
        string jwt = $"{Convert.ToBase64String("{\"alg\":\"RS256\",\"kid\":\"1\"}"u8).TrimEnd('=')}.{Convert.ToBase64String("{\"sub\":\"x\"}"u8).TrimEnd('=')}.{Secret("signature of a JSON Web Token")}";
        (string, string)[] headers =
        [
            ("Authorization", $"Bearer {token}"), ("Authorization", $"Bearer {token[..^3]}xyz"), ("Authorization", $"Bearer {Secret("bearer of no form")}"), ("Authorization", $"Bearer {jwt}"),
            ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"ada:{Secret("basic, decoded")}"))}"), ("Authorization", $"Digest {Secret("digest")}"), ("api-key", key), ("x-api-key", Secret("x-api-key")),
            ("Cookie", $"waybill-session={Secret("session of a cookie")}; waybill-device={Secret("device")}.{Secret("device's signature")}"), ("X-Scope-OrgID", Secret("tenant that is none")), ("Proxy-Authorization", $"Basic {Secret("proxy")}"),
        ];
        _secrets["basic"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(_secrets["basic, decoded"]))[..20];
        _secrets.Remove("tenant that is none");   // a tenant's name is no secret; sent to be refused
        foreach (var header in headers)
        {
            await Send(server, server.At.Api, HttpMethod.Get, "/api/services", null, header);
            await Send(server, server.At.Api, HttpMethod.Get, "/tempo/api/search", null, header);
            await Send(server, server.At.Otlp, HttpMethod.Post, "/v1/traces", "{\"resourceSpans\":[{]}", header);
            await Send(server, server.At.Otlp, HttpMethod.Post, "/v1/logs", "{}", header);
        }
        // In the address, where it does not belong.
        foreach (string name in (string[])["access_token", "api_key", "token", "password"])
            await Send(server, server.At.Api, HttpMethod.Get, $"/api/services?{name}={Secret($"{name} in an address")}", null, ("Authorization", $"Bearer {token}"));
    }

    private async Task Sessions(WaybillServer server, string password)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = server.At.ApiUri };
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        using HttpResponseMessage wrong = await browser.PostAsJsonAsync("/api/session", new { name = "ada", password = Secret("wrong password") }, Cancel);
        using HttpResponseMessage signedIn = await browser.PostAsJsonAsync("/api/session", new { name = "ada", password }, Cancel);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        _secrets["cookie of a session"] = signedIn.Headers.GetValues("Set-Cookie").First(cookie => cookie.StartsWith("waybill-session=", StringComparison.Ordinal)).Split('=', ';')[1];
        _told.Append(await wrong.Content.ReadAsStringAsync(Cancel)).Append(await signedIn.Content.ReadAsStringAsync(Cancel));
        foreach (var (path, body) in (IEnumerable<(string, object)>)
                 [("/api/access/users", new { name = "ben", password = Secret("password of a new user"), role = "viewer", tenant = "default" }), ("/api/access/users", new { name = "b e n", password = Secret("password of a bad user"), role = "viewer" }),
                  ("/api/access/users", new { name = "eve", password = 5, role = Secret("role that is none") })])
        {
            _secrets.Remove("role that is none");
            using HttpResponseMessage answer = await browser.PostAsJsonAsync(path, body, Cancel);
            _told.Append(await answer.Content.ReadAsStringAsync(Cancel));
        }
        using HttpResponseMessage callback = await browser.GetAsync($"/api/session/oidc?to=/&code={Secret("code of OIDC")}&state={Secret("state of OIDC")}", Cancel);
        using HttpResponseMessage returned = await browser.GetAsync($"/api/session/oidc/callback?code={_secrets["code of OIDC"]}&state={_secrets["state of OIDC"]}", Cancel);
        _told.Append(await callback.Content.ReadAsStringAsync(Cancel)).Append(await returned.Content.ReadAsStringAsync(Cancel));
    }

    private async Task Hooks(WaybillServer server, string key)
    {
        await Send(server, server.At.Otlp, HttpMethod.Post, "/v1/hooks/github", "{}", ("X-Hub-Signature-256", $"sha256={Secret("signature of a hook")}"));
        await Send(server, server.At.Otlp, HttpMethod.Post, "/v1/hooks/gitlab", "{}", ("X-Gitlab-Token", Secret("token of a hook that is wrong")));
        await Send(server, server.At.Otlp, HttpMethod.Post, "/v1/hooks/argocd", "{}", ("Authorization", $"Bearer {Secret("bearer of a hook that is wrong")}"));
        await Send(server, server.At.Otlp, HttpMethod.Post, "/v1/traces", $"{{\"resourceSpans\":[{{\"resource\":{{\"attributes\":[{{\"key\":\"db.connection_string\",\"value\":{{\"stringValue\":\"postgres://u:{Secret("password in telemetry")}@db/x\"}}}}]}}}}]}}", ("api-key", key));
    }

    private async Task Send(WaybillServer server, HttpClient door, HttpMethod method, string path, string? body, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        Assert.True(request.Headers.TryAddWithoutValidation(header.Name, header.Value));
        using HttpResponseMessage answer = await door.SendAsync(request, Cancel);
        string told = $"{await answer.Content.ReadAsStringAsync(Cancel)}\n{answer.Headers}";
        _told.Append(told);
        AssertNone(told, $"{method} {path}");
        AssertNone(server.Log, $"the log, after {method} {path}");   // now: its window moves on
    }

    private void AssertNone(string text, string where)
    {
        foreach (var (kind, secret) in _secrets)
        {
            int at = text.IndexOf(secret, StringComparison.Ordinal);
            Assert.True(at < 0, $"{kind} is told in {where}: ...{(at < 0 ? "" : text[Math.Max(0, at - 300)..Math.Min(text.Length, at + 60)])}");
        }
    }
}
