using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Another site's page in the browser of somebody who is signed in (reliability.md E8).</summary>
public sealed partial class CrossSiteTests(ITestOutputHelper output)
{
    private static readonly (string Header, string Value)[] Senders =
    [
        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", "SAME-ORIGIN "), ("Origin", "https://evil.example"), ("Origin", "null"), ("Origin", "http://127.0.0.1.evil.example"),
        ("Accept", "*/*"),   // neither: with a cookie that is no browser of today
    ];

    private static readonly string[] Bodies = ["", "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_route_that_changes_something_takes_it_from_another_site_s_page()
    {
        await using GuardedServer server = await GuardedServer.Start();
        using HttpClient client = await SignedIn(server);
        int asked = 0;
        foreach (var (method, path) in Routes(server).Where(route => IsUnsafe(route.Method)))
            foreach (var (header, value) in Senders)
                foreach (string type in Bodies)
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), path);
                    if (type.Length > 0)
                    {
                        request.Content = new StringContent("{}", Encoding.UTF8);
                        request.Content.Headers.Remove("Content-Type");
                        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                    }
                    request.Headers.TryAddWithoutValidation(header, value);
                    using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
                    Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{method} {path} as {type} with {header}: {value} was answered {answer.StatusCode}");
                    asked++;
                }
        output.WriteLine($"{asked} requests, all refused");
        Assert.True(asked > 500);
    }

    /// <summary>A link or an image of another site is a GET with the cookie of SameSite=None days; here it must change nothing whoever sends it.</summary>
    [Fact]
    public async Task Nothing_is_changed_by_a_GET()
    {
        await using GuardedServer server = await GuardedServer.Start();
        using HttpClient client = await SignedIn(server);
        var log = server.Server.Services.GetRequiredService<LedgerLog>();
        byte[] before = await File.ReadAllBytesAsync(server.Accounts.Path, Cancel);
        var routes = Routes(server).Where(route => route.Method is "GET" or "HEAD").ToList();
        foreach (var (method, path) in routes)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(server.Accounts.Path, Cancel));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/access/tokens", Cancel)).StatusCode);   // still signed in
        LedgerEntry[] entries = [.. Enumerable.Range(0, (int)((log.Size + 255) / 256)).SelectMany(tile => log.Files.ReadEntries(tile, (int)Math.Min(256, log.Size - tile * 256))).Select(bytes => LedgerEntry.Parse(bytes)!)];
        string[] acts = [.. entries.Where(entry => entry.Actor.Kind != "system" && entry.Action != "user.sign-in").Select(entry => entry.Action).Where(action => !action.EndsWith(".read", StringComparison.Ordinal) && !action.EndsWith(".export", StringComparison.Ordinal)).Distinct()];
        Assert.True(acts.Length == 0, $"Acts that a GET did: {string.Join(", ", acts)}");
        Assert.Contains(entries, entry => entry.Action == "user.sign-in");
        output.WriteLine($"{routes.Count} routes asked, {entries.Length} entries in the ledger, all of reading");
    }

    private static IEnumerable<(string Method, string Path)> Routes(GuardedServer server) =>
        from endpoint in server.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where (endpoint.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.Console) == Listener.Console
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["POST"]
        select (method, "/" + Part().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), "x"));

    private static bool IsUnsafe(string method) => method is not ("GET" or "HEAD" or "OPTIONS");

    private static async Task<HttpClient> SignedIn(GuardedServer server)
    {
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = server.Server.Console.BaseAddress };
        using HttpResponseMessage answer = await client.PostAsJsonAsync("/api/session", new { name = "ada", password = GuardedServer.Password }, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return client;
    }

    [GeneratedRegex(@"\{[^}]*\}")] private static partial Regex Part();
}
