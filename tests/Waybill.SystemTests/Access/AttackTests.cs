using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Waybill.Ingest;

namespace Waybill.Access;

/// <summary>Guessing, forging and misusing credentials (reliability.md E6 to E8); guessing by GuessingTests, other sites' pages by CrossSiteTests.</summary>
public sealed class AttackTests
{
    [Fact]
    public async Task An_open_server_on_loopback_is_not_changed_by_another_site_s_page_either()
    {
        await using IngestServer server = await IngestServer.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/audit") { Content = new StringContent("{}", Encoding.UTF8, "text/plain") };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using HttpResponseMessage answer = await server.Console.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_session_is_bound_to_its_cookie_and_ends_when_it_is_told_to()
    {
        await using GuardedServer server = await GuardedServer.Start();
        var (client, cookie) = await SignedIn(server);
        using (client)
        {
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/access/tokens", TestContext.Current.CancellationToken)).StatusCode);
            using var leave = new HttpRequestMessage(HttpMethod.Delete, "/api/session");
            leave.Headers.Add("Sec-Fetch-Site", "same-origin");
            Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(leave, TestContext.Current.CancellationToken)).StatusCode);
        }
        // The cookie itself, as somebody who stole it would send it.
        using HttpResponseMessage stolen = await server.Ask(HttpMethod.Get, "/api/access/tokens", headers: ("Cookie", cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.Unauthorized, stolen.StatusCode);
    }

    [Fact]
    public async Task What_is_revoked_or_disabled_is_so_with_the_next_request()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string token = server.AddToken(Grant.Of("viewer", "acme")), owned = server.AddToken(Grant.Of("viewer", "acme"), owner: "ada");
        Assert.Equal(HttpStatusCode.OK, await Status(token));
        Assert.Equal(HttpStatusCode.OK, await Status(owned));
        // Through another look at the file, as the command line has it.
        var elsewhere = new AccountsFile(Path.GetDirectoryName(Path.GetDirectoryName(server.Accounts.Path))!);
        elsewhere.Change(current => (current.WithoutToken(current.FindToken(TokenText.Hash(token))!.Id), true));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(token));
        elsewhere.Change(current => (current.With(current.FindUser("ada")! with { Disabled = true }), true));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(owned));

        async Task<HttpStatusCode> Status(string credential)
        {
            using HttpResponseMessage answer = await server.Ask(HttpMethod.Get, "/api/access/roles", credential);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_token_may_be_the_password_of_Basic_and_nothing_else_may()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string token = server.AddToken(Grant.Of("viewer", "acme"));
        Assert.Equal(HttpStatusCode.OK, await Status($"flagger:{token}"));
        foreach (string wrong in (string[])[token, $"ada:{GuardedServer.Password}", $"flagger:{token}x", $"flagger:wbt_{token[4..].ToUpperInvariant()}", ":", ""]) Assert.Equal(HttpStatusCode.Unauthorized, await Status(wrong));
        using HttpResponseMessage broken = await server.Ask(HttpMethod.Get, "/api/access/roles", headers: ("Authorization", "Basic %%%"));
        Assert.Equal(HttpStatusCode.Unauthorized, broken.StatusCode);

        async Task<HttpStatusCode> Status(string credentials)
        {
            using HttpResponseMessage answer = await server.Ask(HttpMethod.Get, "/api/access/roles", headers: ("Authorization", $"Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(credentials))}"));
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Nobody_gives_away_what_he_has_not()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string acme = server.AddToken(Grant.Of("admin", "acme")), viewer = server.AddToken(Grant.Of("viewer", "acme"));
        foreach (var (token, body) in (IEnumerable<(string, object)>)
                 [(acme, new { name = "up", role = "admin", tenant = "*" }), (acme, new { name = "aside", role = "viewer", tenant = "other" }), (viewer, new { name = "up", role = "admin" }), (viewer, new { name = "alone", role = "viewer" })])
        {
            using HttpResponseMessage answer = await server.Ask(HttpMethod.Post, "/api/access/tokens", token, body: JsonContent.Create(body));
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{JsonSerializer.Serialize(body)} was answered {answer.StatusCode}");
        }
        using HttpResponseMessage made = await server.Ask(HttpMethod.Post, "/api/access/tokens", acme, body: JsonContent.Create(new { name = "ci", role = "viewer" }));
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
    }

    [Fact]
    public async Task No_secret_is_kept_as_it_is_or_said_again()
    {
        await using GuardedServer server = await GuardedServer.Start();
        string token = server.AddToken(Grant.Of("admin", "*"));
        string kept = await File.ReadAllTextAsync(server.Accounts.Path, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(token, kept);
        Assert.DoesNotContain(GuardedServer.Password, kept);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.Accounts.Path));
        foreach (string path in (string[])["/api/access/tokens", "/api/access/users", "/api/access/review", "/api/session", "/api/status", "/metrics"])
        {
            using HttpResponseMessage answer = await server.Ask(HttpMethod.Get, path, token);
            string body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain(token, body);
            Assert.DoesNotContain("pbkdf2", body);
            Assert.DoesNotContain(TokenText.Hash(token), body);
        }
    }

    private static async Task<(HttpClient Client, string Cookie)> SignedIn(GuardedServer server)
    {
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server.Server.Console.BaseAddress };
        using HttpResponseMessage answer = await client.PostAsJsonAsync("/api/session", new { name = "ada", password = GuardedServer.Password }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (client, answer.Headers.GetValues("Set-Cookie").First(cookie => cookie.StartsWith("waybill-session", StringComparison.Ordinal)));
    }
}
