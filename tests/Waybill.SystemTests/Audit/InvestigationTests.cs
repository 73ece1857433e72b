using System.Net.Http.Json;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Graph;
using Waybill.Processes;

namespace Waybill.Audit;

/// <summary>What the rules find suspicious in stored acts, and the story of an actor from the ledger, changes and traces.</summary>
public sealed class InvestigationTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rules_see_guessed_passwords_first_access_and_unusual_volume_and_nothing_in_quiet_days()
    {
        await using var server = await WaybillServer.Start();
        object[] guesses = [.. Enumerable.Range(0, 6).Select(i => Act("authentication.logon", "portal", "mallory", minutesAgo: 20 - i, outcome: "failed", address: "10.6.6.6")), Act("authentication.logon", "portal", "mallory", 13, address: "10.6.6.6")];
        object[] typos = [Act("authentication.logon", "portal", "alice", 30, outcome: "failed"), Act("authentication.logon", "portal", "alice", 29)];
        // Others read payments for days; bob does for the first time. carol reads as always, dave a hundred times as much.
        object[] history = [.. Enumerable.Range(1, 12).Select(day => Act("payments.read", $"payments/{day}", "alice", day * 1_440))];
        object[] volume = [.. Enumerable.Range(2, 5).SelectMany(hour => Enumerable.Range(0, 5).Select(i => Act("orders.read", $"orders/{i}", "dave", hour * 60 + 5))), .. Enumerable.Range(0, 400).Select(i => Act("orders.read", $"orders/{i}", "dave", 2))];
        await Send(server, [.. guesses, .. typos, .. history, Act("orders.read", "orders/1", "bob", 7_200), Act("payments.read", "payments/77", "bob", 3), .. volume]);

        JsonElement[] found = [];
        await WaybillServer.Until("all of it is suspected", async () =>
        {
            found = [.. (await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit/suspicions", Cancel)).GetProperty("suspicions").EnumerateArray()];
            return found.Any(one => Text(one, "rule") == "unusual-volume") && found.Any(one => Text(one, "actor") == "bob") && found.Any(one => Text(one, "actor") == "mallory");
        });
        JsonElement guessed = Assert.Single(found, one => Text(one, "rule") == "failures-then-success");
        Assert.Equal(("mallory", "10.6.6.6", "high", 6), (Text(guessed, "actor"), Text(guessed, "address"), Text(guessed, "severity"), guessed.GetProperty("count").GetInt32()));
        Assert.Contains("6 failures", Text(guessed, "sentence"));
        JsonElement first = Assert.Single(found, one => Text(one, "rule") == "first-access" && Text(one, "sentence").Contains("payments", StringComparison.Ordinal));
        Assert.Equal("bob", Text(first, "actor"));
        JsonElement much = Assert.Single(found, one => Text(one, "rule") == "unusual-volume");
        Assert.Equal("dave", Text(much, "actor"));
        Assert.True(much.GetProperty("count").GetInt64() >= 400);
        Assert.Equal("failures-then-success", Text(found[0], "rule"));   // the gravest first
        JsonElement[] ofBob = [.. (await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit/suspicions?actor=bob", Cancel)).GetProperty("suspicions").EnumerateArray()];
        Assert.All(ofBob, one => Assert.Equal("bob", Text(one, "actor")));
        long yesterday = Now.AddDays(-3).ToUnixTimeSeconds(), before = Now.AddDays(-2).ToUnixTimeSeconds();
        Assert.Empty((await server.At.Api.GetFromJsonAsync<JsonElement>($"/api/audit/suspicions?since={yesterday}&until={before}", Cancel)).GetProperty("suspicions").EnumerateArray());
    }

    [Fact]
    public async Task The_story_of_an_actor_has_its_sign_ins_acts_reads_changes_and_requests()
    {
        await using var server = await WaybillServer.Start();
        await Send(server,
        [
            Act("authentication.logon", "portal", "alice", 50, outcome: "failed", address: "10.1.2.3"), Act("authentication.logon", "portal", "alice", 49, address: "10.1.2.3"),
            Act("invoice.delete", "invoice/42", "alice", 40), Act("invoice.delete", "invoice/43", "alice", 39, outcome: "refused"), Act("customers.read", "customers/7", "alice", 38), Act("invoice.delete", "invoice/44", "bob", 37),
        ]);
        using var change = await server.At.Otlp.PostAsJsonAsync("/v1/changes", new[] { new { kind = "deployment", service = "billing", version = "2.0", author = "alice", summary = "new invoices", started = Now.AddMinutes(-35).ToString("O") } }, Cancel);
        Assert.True(change.IsSuccessStatusCode, await change.Content.ReadAsStringAsync(Cancel));
        SentTrace trace = new();
        await trace.Span("billing", "DELETE /invoices", 2, "00000000000000a1", "", Now.AddMinutes(-40), TimeSpan.FromMilliseconds(20), failed: true, attributes: [("user.id", "alice")]).Send(server);
        SentTrace other = new();
        await other.Span("billing", "GET /invoices", 2, "00000000000000a2", "", Now.AddMinutes(-40), TimeSpan.FromMilliseconds(20), attributes: [("user.id", "bob")]).Send(server);
        await server.Stored();

        JsonElement story = default;
        await WaybillServer.Until("the story is whole", async () =>
        {
            story = await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit/actors/alice", Cancel);
            return story.GetProperty("requests").GetArrayLength() > 0 && story.GetProperty("read").GetArrayLength() > 0 && story.GetProperty("changed").GetArrayLength() > 0;
        });
        Assert.Equal(["done", "failed"], story.GetProperty("signIns").EnumerateArray().Select(one => Text(one, "outcome")));
        Assert.All(story.GetProperty("signIns").EnumerateArray(), one => Assert.Equal("10.1.2.3", Text(one, "address")));
        JsonElement deleted = Assert.Single(story.GetProperty("did").EnumerateArray(), line => Text(line, "action") == "invoice.delete");
        Assert.Equal((2, 1), (deleted.GetProperty("count").GetInt32(), deleted.GetProperty("failed").GetInt32()));
        Assert.Equal(["invoice/42", "invoice/43"], deleted.GetProperty("resources").EnumerateArray().Select(one => one.GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal("customers.read", Text(Assert.Single(story.GetProperty("read").EnumerateArray()), "action"));
        JsonElement request = Assert.Single(story.GetProperty("requests").EnumerateArray());
        Assert.Equal((trace.Id, "billing", "DELETE /invoices", 1), (Text(request, "traceId"), Text(request, "service"), Text(request, "name"), request.GetProperty("errors").GetInt32()));
        Assert.Equal("new invoices", Text(Assert.Single(story.GetProperty("changed").EnumerateArray()), "summary"));
        string summary = Text(story, "summary");
        foreach (string part in (string[])["alice signed in once from 10.1.2.3", "failed to sign in once", "read 1 times (customers)", "made 1 change"]) Assert.Contains(part, summary, StringComparison.Ordinal);
        Assert.StartsWith("Nothing is known of nobody", Text(await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit/actors/nobody", Cancel), "summary"), StringComparison.Ordinal);
    }

    private static object Act(string action, string resource, string actor, double minutesAgo, string outcome = "done", string? address = null) =>
        new { action, resource, actor, outcome, address, timeUnixNano = $"{Now.AddMinutes(-minutesAgo).ToUnixTimeMilliseconds()}000000" };

    private static async Task Send(WaybillServer server, object[] acts)
    {
        using var answer = await server.At.Otlp.PostAsJsonAsync("/v1/audit", acts, Cancel);
        Assert.Equal(acts.Length, (await answer.Content.ReadFromJsonAsync<AuditReceipt>(Cancel))!.Accepted);
    }

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString()!;
}
