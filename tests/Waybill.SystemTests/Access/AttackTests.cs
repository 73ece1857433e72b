using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Waybill.Ingest;

namespace Waybill.Access;

/// <summary>Guessing, forging and misusing credentials (reliability.md E6 to E8).</summary>
public sealed class AttackTests
{
    [Fact]
    public async Task Guesses_of_a_password_are_slowed_down_and_the_owner_still_signs_in()
    {
        await using GuardedServer server = await GuardedServer.Start();
        using var owner = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server.Server.Console.BaseAddress };
        Assert.Equal(HttpStatusCode.OK, await SignIn(owner, "ada", GuardedServer.Password));

        int was = 0, slowed = 0;
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < 200; i++)
        {
            HttpStatusCode status = await SignIn(server.Server.Console, "ada", $"guess number {i} of many");
            if (status == HttpStatusCode.Unauthorized) was++;
            else if (status == HttpStatusCode.TooManyRequests) slowed++;
        }
        double minutes = Stopwatch.GetElapsedTime(began).TotalMinutes;
        Assert.Equal(200, was + slowed);
        Assert.InRange(was, 1, 5 + (int)Math.Ceiling(2 * minutes));   // five at once, two a minute come back
        Assert.Equal(HttpStatusCode.OK, await SignIn(owner, "ada", GuardedServer.Password));
    }

    [Fact]
    public async Task Who_does_not_exist_is_answered_as_who_does()
    {
        await using GuardedServer server = await GuardedServer.Start(settings: new() { ["Access:FailuresPerAddress"] = "1000", ["Access:SignInsPerMinute"] = "1000" });
        var bodies = new List<string>();
        var times = new Dictionary<string, List<double>> { ["ada"] = [], ["nobody"] = [] };
        for (int i = 0; i < 6; i++)
            foreach (string name in (string[])["ada", "nobody"])
            {
                long began = Stopwatch.GetTimestamp();
                using HttpResponseMessage answer = await server.Server.Console.PostAsJsonAsync("/api/session", new { name, password = "this is a wrong one" }, TestContext.Current.CancellationToken);
                times[name].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                bodies.Add(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }
        Assert.Single(bodies.Distinct());
        // Both check a password of the same strength: without that one would answer in a tenth of the other's time.
        Assert.InRange(times["nobody"].Min() / times["ada"].Min(), 0.5, 2);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Accept", "*/*")]   // neither: with a cookie that is no browser of today
    public async Task Another_site_s_page_changes_nothing_with_a_session(string header, string value)
    {
        await using GuardedServer server = await GuardedServer.Start();
        var (client, _) = await SignedIn(server);
        using (client)
            foreach (var (method, path, type) in (IEnumerable<(string, string, string)>)
                     [("POST", "/api/access/tokens", "application/json"), ("POST", "/api/access/users", "text/plain"), ("PATCH", "/api/access/users/ada", "application/json"),
                      ("DELETE", "/api/session", ""), ("POST", "/api/audit", "application/x-www-form-urlencoded"), ("POST", "/api/redaction/score", ""), ("PUT", "/api/access/password", "application/json")])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = type.Length == 0 ? null : new StringContent("{}", Encoding.UTF8, type) };
                request.Headers.TryAddWithoutValidation(header, value);
                using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{method} {path} with {header}: {value} was answered {answer.StatusCode}");
            }
    }

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

    private static async Task<HttpStatusCode> SignIn(HttpClient client, string name, string password)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/session") { Content = JsonContent.Create(new { name, password }) };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<(HttpClient Client, string Cookie)> SignedIn(GuardedServer server)
    {
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server.Server.Console.BaseAddress };
        using HttpResponseMessage answer = await client.PostAsJsonAsync("/api/session", new { name = "ada", password = GuardedServer.Password }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (client, answer.Headers.GetValues("Set-Cookie").First(cookie => cookie.StartsWith("waybill-session", StringComparison.Ordinal)));
    }
}
