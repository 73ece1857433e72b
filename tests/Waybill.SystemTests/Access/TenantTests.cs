using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Waybill.Processes;

namespace Waybill.Access;

/// <summary>
/// Two tenants with the same trace, span and business ids, and one identity that may see one service: 32 clients at once ask everything of every API, follow the
/// live tail and export, while both tenants send. What each sees holds nothing of the others. WAYBILL_TENANT_SECONDS=600 goes on for ten minutes.
/// </summary>
public sealed partial class TenantTests(ITestOutputHelper output)
{
    private const int Clients = 32, SecondsDefault = 12;
    private static readonly string[] Tenants = ["acme", "umbrella"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_answer_holds_anything_of_another_tenant_or_of_a_service_out_of_reach()
    {
        string directory = Directory.CreateTempSubdirectory("wb-").FullName;
        try
        {
            await using WaybillServer server = WaybillServer.Prepare(directory);
            await AskAll(server);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task AskAll(WaybillServer server)
    {
        var readers = Tenants.ToDictionary(tenant => tenant, tenant => Telling.Token(server, Grant.Of("admin", tenant)));
        var keys = Tenants.ToDictionary(tenant => tenant, tenant => Telling.Token(server, Grant.Of("sender", tenant), key: true));
        string scoped = Telling.Token(server, new Grant("viewer", "acme", [Service("acme", "cart")], []));
        server.Launch();
        await server.Ready();
        foreach (string tenant in Tenants)
            foreach (string service in (string[])["cart", "pay"]) await Telling.Send(server, keys[tenant], Service(tenant, service), Canary(tenant, service));
        await Telling.Stored(server, readers["acme"]);
        await WaybillServer.Until("both tenants' services are on their maps", async () => await Telling.Knows(server, readers["acme"], "/api/map", Service("acme", "pay")) && await Telling.Knows(server, readers["umbrella"], "/api/map", Service("umbrella", "pay")));

        // Each asks for the other's ids too.
        List<(string, string)> ids = [.. await Telling.Ids(server, readers["acme"]), .. await Telling.Ids(server, readers["umbrella"])];
        var questions = Tenants.ToDictionary(tenant => tenant, tenant => Telling.Questions(Service(tenant, "cart"), ids));
        await EachIsAnsweredWithItsOwn(server, readers, questions);

        long until = Stopwatch.GetTimestamp() + Switches.Number("WAYBILL_TENANT_SECONDS", SecondsDefault) * Stopwatch.Frequency;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        int[] lines = new int[3];
        Task[] tails = [.. Tenants.Select((tenant, i) => Follow(server, readers[tenant], $"canary-{tenant}", () => Interlocked.Increment(ref lines[i]), over.Token)), Follow(server, scoped, Canary("acme", "cart"), () => Interlocked.Increment(ref lines[2]), over.Token)];
        int answers = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            var random = new Random(client);
            string own = Tenants[client % 2];
            bool narrow = client % 4 == 2;
            while (Stopwatch.GetTimestamp() < until)
            {
                if (random.Next(200) == 0) await Telling.Send(server, keys[own], Service(own, "pay"), Canary(own, "pay"));
                // Also by asking about the other's service.
                IReadOnlyList<string> all = questions[Tenants[random.Next(2)]];
                string question = all[random.Next(all.Count)];
                var (_, answer) = await Telling.Ask(server, narrow ? scoped : readers[own], question);
                AssertOwn(question, answer, own, narrow);
                Interlocked.Increment(ref answers);
            }
        }));
        // What arrives last is still told to who follows.
        foreach (string tenant in Tenants) await Telling.Send(server, keys[tenant], Service(tenant, "cart"), Canary(tenant, "cart"));
        await WaybillServer.Until("every live tail has told something", () => Task.FromResult(lines.All(count => count > 0) || tails.Any(tail => tail.IsFaulted)));
        await over.CancelAsync();
        await Task.WhenAll(tails);
        output.WriteLine($"{answers} answers to {questions["acme"].Count} questions by {Clients} clients and {lines.Sum()} lines of live tails, 0 crossings");
    }

    /// <summary>Without this, an API that answers nothing would pass.</summary>
    private async Task EachIsAnsweredWithItsOwn(WaybillServer server, Dictionary<string, string> readers, Dictionary<string, IReadOnlyList<string>> questions)
    {
        int told = 0;
        foreach (string question in questions["acme"])
        {
            var (status, answer) = await Telling.Ask(server, readers["acme"], question);
            Assert.True((int)status < 500 && status is not (HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest), $"{question}: {status} {answer}\n{server.Log[Math.Max(0, server.Log.Length - 3_000)..]}");
            if (status == HttpStatusCode.OK && answer.Contains("canary-acme", StringComparison.Ordinal)) told++;
            else output.WriteLine($"{(int)status} without a canary: {question}");
        }
        Assert.True(told > 60, $"Only {told} of {questions["acme"].Count} answers hold anything of the tenant's own.");
    }

    private static void AssertOwn(string question, string answer, string own, bool narrow)
    {
        string other = Tenants.Single(tenant => tenant != own);
        List<string> foreign = [$"canary-{other}"];
        if (narrow) foreign.Add(Canary(own, "pay"));
        // A service's name may be said again by an answer to who asked about it, and in the ledger's entry of his asking.
        if (!question.StartsWith("/api/audit", StringComparison.Ordinal) && !question.Contains($"-of-{other}", StringComparison.Ordinal)) foreign.Add($"-of-{other}");
        foreach (string canary in foreign)
            Assert.False(answer.Contains(canary, StringComparison.Ordinal), $"{own}{(narrow ? ", who may see one service," : "")} asked {question} and saw {canary}:\n{answer}");
    }

    /// <summary>Follows the live tail; every record must hold what is the reader's own.</summary>
    private static async Task Follow(WaybillServer server, string token, string own, Action tell, CancellationToken over)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/logs/tail");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using HttpResponseMessage answer = await server.At.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(over));
            while (await reader.ReadLineAsync(over) is { } line)
            {
                if (!line.StartsWith("data:", StringComparison.Ordinal) || !line.Contains("canary", StringComparison.Ordinal)) continue;
                Assert.True(Told().Matches(line).All(told => told.Value.StartsWith(own, StringComparison.Ordinal)), $"who follows {own} was told {line}");
                tell();
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
        }
    }

    private static string Service(string tenant, string name) => $"{name}-of-{tenant}";

    private static string Canary(string tenant, string name) => $"canary-{tenant}-{name}";

    [GeneratedRegex("canary-[a-z]+-[a-z]+")] private static partial Regex Told();
}
