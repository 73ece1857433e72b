using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Ingest;

namespace Waybill.Access;

/// <summary>A server with users and tokens, in this process, whose engine is away: what the gate decides does not wait for one.</summary>
internal sealed class GuardedServer : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private GuardedServer(IngestServer server, AccountsFile accounts) => (Server, Accounts) = (server, accounts);

    public IngestServer Server { get; }
    public AccountsFile Accounts { get; }

    /// <param name="policy">What access.yaml says.</param>
    public static async Task<GuardedServer> Start(string? policy = null, Dictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null)
    {
        string? file = policy is null ? null : Path.Combine(Directory.CreateTempSubdirectory("wb-access-").FullName, "access.yaml");
        var all = new Dictionary<string, string?>(settings ?? []);
        if (file is not null)
        {
            await File.WriteAllTextAsync(file, policy, TestContext.Current.CancellationToken);
            all["Access:PolicyFile"] = file;
        }
        IngestServer server = await IngestServer.Start(all, services);
        var guarded = new GuardedServer(server, server.Services.GetRequiredService<AccountsFile>());
        guarded.AddUser("ada", Grant.Of("admin", "*"));
        return guarded;
    }

    public void AddUser(string name, Grant grant, string password = Password)
    {
        string hash = PasswordHash.Make(new Secret(password));
        Accounts.Change(current => (current.With(new User(name, hash, grant, false, Now, Now)), true));
    }

    public string AddToken(Grant grant, string? owner = null, long? expires = null, bool key = false)
    {
        Secret text = TokenText.Make(key ? TokenText.KeyPrefix : TokenText.TokenPrefix);
        Accounts.Change(current => (current.With(new Token(Token.NewId(key), "test", owner, TokenText.Hash(text.Reveal()), grant, Now, expires)), true));
        return text.Reveal();
    }

    /// <summary>Asks with a token; the answer's headers only, so that streams do not hold the test up.</summary>
    public async Task<HttpResponseMessage> Ask(HttpMethod method, string path, string? token = null, string? tenant = null, HttpContent? body = null, HttpClient? door = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (tenant is not null) request.Headers.Add("X-Scope-OrgID", tenant);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await (door ?? Server.Console).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
