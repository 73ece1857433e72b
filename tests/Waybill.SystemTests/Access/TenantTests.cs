using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Waybill.Processes;

namespace Waybill.Access;

/// <summary>Two tenants with the same trace and span ids, and one identity that may see one service: what each asks for holds nothing of the others.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class TenantTests(ITestOutputHelper output)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private static readonly string[] Questions =
    [
        $"/api/traces/{Trace}", $"/api/traces/{Trace}/digest", "/api/traces", "/api/services", "/api/search?q=%7B%7D", "/api/query?q=%7B%7D%7Crate()by(resource.service.name)", "/api/attributes",
        "/api/attributes/resource/service.name/values", "/api/map", "/api/logs", "/api/logs/histogram", "/api/exceptions", "/api/changes", $"/api/graph/{Trace}", $"/api/why/{Trace}", "/api/catalog",
        $"/tempo/api/traces/{Trace}", "/tempo/api/search", $"/jaeger/api/traces/{Trace}", "/jaeger/api/services", "/api/status",
    ];

    [Fact]
    public async Task No_answer_holds_anything_of_another_tenant_or_of_a_service_out_of_reach()
    {
        string directory = Directory.CreateTempSubdirectory("wb-").FullName;
        try
        {
            await AskAll(directory);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task AskAll(string directory)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using WaybillServer server = WaybillServer.Prepare(directory);
        var accounts = new AccountsFile(server.Data);
        string Make(Grant grant, bool key = false)
        {
            Secret text = TokenText.Make(key ? TokenText.KeyPrefix : TokenText.TokenPrefix);
            accounts.Change(current => (current.With(new Token(Token.NewId(key), "test", null, TokenText.Hash(text.Reveal()), grant, 0, null)), true));
            return text.Reveal();
        }
        string[] tenants = ["acme", "umbrella"];
        var readers = tenants.ToDictionary(tenant => tenant, tenant => Make(Grant.Of("admin", tenant)));
        string scoped = Make(new Grant("viewer", "acme", ["cart-canary-acme"], []));
        var keys = tenants.ToDictionary(tenant => tenant, tenant => Make(Grant.Of("sender", tenant), key: true));
        server.Launch();
        await server.Ready();
        foreach (string tenant in tenants)
            foreach (string service in (string[])["cart", "pay"]) await Send(server, keys[tenant], $"{service}-canary-{tenant}", service == "cart" ? "b7ad6b7169203331" : "b7ad6b7169203332");
        await WaybillServer.Until("both tenants' spans are read", async () =>
            (await Ask(server, readers["acme"], "/api/services")).Contains("pay-canary-acme", StringComparison.Ordinal) && (await Ask(server, readers["umbrella"], "/api/services")).Contains("pay-canary-umbrella", StringComparison.Ordinal));

        int rounds = Switches.Number("WAYBILL_TENANT_ROUNDS", 3), answers = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, rounds * 8), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancel }, async (i, _) =>
        {
            string own = tenants[i % 2], other = tenants[(i + 1) % 2];
            foreach (string question in Questions)
            {
                string answer = await Ask(server, readers[own], question);
                Assert.False(answer.Contains($"canary-{other}", StringComparison.Ordinal), $"{own} asked {question} and saw {other}");
                string narrow = await Ask(server, scoped, question);
                Assert.False(narrow.Contains("pay-canary", StringComparison.Ordinal) || narrow.Contains("umbrella", StringComparison.Ordinal), $"who may see one service asked {question} and saw another");
                Interlocked.Add(ref answers, 2);
            }
        });
        Assert.Contains("cart-canary-acme", await Ask(server, scoped, $"/api/traces/{Trace}"));
        Assert.Contains("cart-canary-acme", await Ask(server, scoped, "/api/search?q=%7B%7D"));
        output.WriteLine($"{answers} answers, 0 crossings");
    }

    private static async Task<string> Ask(WaybillServer server, string token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", token);
        using HttpResponseMessage answer = await server.At.Api.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task Send(WaybillServer server, string key, string service, string span)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        var attribute = new { key = "service.name", value = new { stringValue = service } };
        var spans = new { resourceSpans = new[] { new { resource = new { attributes = new[] { attribute } }, scopeSpans = new[] { new { spans = new[] { new { traceId = Trace, spanId = span, name = $"op {service}", kind = 2, startTimeUnixNano = $"{now}", endTimeUnixNano = $"{now + 1000}" } } } } } } };
        var logs = new { resourceLogs = new[] { new { resource = new { attributes = new[] { attribute } }, scopeLogs = new[] { new { logRecords = new[] { new { timeUnixNano = $"{now}", traceId = Trace, body = new { stringValue = $"said by {service}" } } } } } } } };
        foreach (var (path, body) in (IEnumerable<(string, object)>)[("/v1/traces", spans), ("/v1/logs", logs)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };
            request.Headers.Add("api-key", key);
            using HttpResponseMessage answer = await server.At.Otlp.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}
