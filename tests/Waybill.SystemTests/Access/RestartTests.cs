using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waybill.Processes;

namespace Waybill.Access;

/// <summary>What of sign-ins and of the command line's acts is known after a restart.</summary>
public sealed class RestartTests
{
    private const string Password = "correct horse battery";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_goes_on_after_a_restart_and_one_that_was_ended_does_not_come_back()
    {
        string directory = Directory.CreateTempSubdirectory("wb-").FullName;
        try
        {
            await using WaybillServer server = WaybillServer.Prepare(directory);
            var accounts = new AccountsFile(server.Data);
            string hash = PasswordHash.Make(new Secret(Password));
            accounts.Change(current => (current.With(new User("ada", hash, Grant.Of("admin", "*"), false, 0, 0)), true));
            server.Launch();
            await server.Ready();
            string kept = await SignIn(server), ended = await SignIn(server);
            Assert.Equal(HttpStatusCode.NoContent, (await Ask(server, HttpMethod.Delete, "/api/session", ended)).StatusCode);
            await server.Kill();   // not even in good order
            await server.StartAgain();
            Assert.Equal(HttpStatusCode.OK, (await Ask(server, HttpMethod.Get, "/api/access/tokens", kept)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(server, HttpMethod.Get, "/api/access/tokens", ended)).StatusCode);

            string file = Path.Combine(server.Data, "access", "sessions.json"), text = await File.ReadAllTextAsync(file, Cancel);
            Assert.DoesNotContain(kept, text, StringComparison.Ordinal);   // only a hash of it
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

            await server.Stop();
            await server.StartAgain();
            using HttpResponseMessage review = await Ask(server, HttpMethod.Get, "/api/access/review", kept);
            JsonElement row = (await review.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("rows").EnumerateArray().Single();
            Assert.Equal("ada", row.GetProperty("name").GetString());
            Assert.NotEqual(JsonValueKind.Null, row.GetProperty("lastSeenUnixNano").ValueKind);

            // A new password ends what the old one began, also what a restart has brought back.
            long later = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1;
            accounts.Change(current => (current.With(current.FindUser("ada")! with { PasswordUnixSeconds = later }), true));
            Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(server, HttpMethod.Get, "/api/access/tokens", kept)).StatusCode);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task What_the_command_line_does_to_users_and_tokens_is_in_the_ledger_whether_the_server_runs_or_not()
    {
        string directory = Directory.CreateTempSubdirectory("wb-").FullName;
        try
        {
            await using WaybillServer server = WaybillServer.Prepare(directory);
            string id = JsonDocument.Parse(await Command(server, "token", "create", "ci", "--role", "admin", "--tenant", "*", "--output", "json")).RootElement.GetProperty("id").GetString()!;
            string reader = Telling.Token(server, Grant.Of("admin", "*"));
            server.Launch();
            await server.Ready();
            await Command(server, "user", "add", "ben", "--role", "viewer");
            await Command(server, "user", "disable", "ben");
            await Command(server, "token", "revoke", id);
            string[] actions = [];
            await WaybillServer.Until("all four are entries", async () =>
            {
                var (_, body) = await Telling.Ask(server, reader, "/api/audit?kind=system&limit=100");
                using var json = JsonDocument.Parse(body);
                JsonElement[] own = [.. json.RootElement.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("actor").GetProperty("id").GetString()!.StartsWith("command line (", StringComparison.Ordinal))];
                actions = [.. own.Select(entry => $"{entry.GetProperty("action").GetString()} {entry.GetProperty("resource").GetString()}").Order(StringComparer.Ordinal)];
                return own.Length >= 4;
            });
            Assert.Equal([$"token.create {id}", $"token.revoke {id}", "user.change ben", "user.create ben"], actions);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(server.Data, "access", "pending")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> Command(WaybillServer server, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "waybill"), [.. arguments, "--data", server.Data]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(Password);
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync(Cancel), errors = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, errors);
        return output;
    }

    private static async Task<string> SignIn(WaybillServer server)
    {
        using var plain = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server.At.ApiUri };
        using HttpResponseMessage answer = await plain.PostAsJsonAsync("/api/session", new { name = "ada", password = Password }, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.GetValues("Set-Cookie").First(cookie => cookie.StartsWith("waybill-session=", StringComparison.Ordinal)).Split('=', ';')[1];
    }

    private static async Task<HttpResponseMessage> Ask(WaybillServer server, HttpMethod method, string path, string session)
    {
        using var plain = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server.At.ApiUri };
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", $"waybill-session={session}");
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        HttpResponseMessage answer = await plain.SendAsync(request, Cancel);
        await answer.Content.LoadIntoBufferAsync(Cancel);
        return answer;
    }
}
