using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waybill.Ledger;
using Waybill.Processes;

namespace Waybill.Audit;

/// <summary>What is asked and done here is in the ledger, and what the ledger cannot take is not done.</summary>
public sealed class ActsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_read_is_an_entry_with_its_ids_query_and_outcome_and_repeats_are_counted()
    {
        await using var server = await WaybillServer.Start();
        string trace = Guid.NewGuid().ToString("N");
        Assert.Equal(HttpStatusCode.NotFound, (await server.At.Api.GetAsync($"/api/traces/{trace}", Cancel)).StatusCode);
        for (int i = 0; i < 5; i++) (await server.At.Api.GetAsync($"/api/logs?service=cart&since={i + 1}h", Cancel)).EnsureSuccessStatusCode();
        (await server.At.Api.GetAsync("/api/search?q=" + Uri.EscapeDataString("{ span.user.email = \"ada.lovelace@acme.org\" }"), Cancel)).EnsureSuccessStatusCode();
        (await server.At.Api.GetAsync("/api/status", Cancel)).EnsureSuccessStatusCode();

        JsonElement[] reads = await Entries(server, "/api/audit?since=1h&kind=system&actor=loopback", entries => entries.Count(of => Action(of) != "audit.read") >= 3);
        JsonElement[] own = [.. reads.Where(of => Action(of) != "audit.read")];
        Assert.Equal(["search.read", "logs.read", "traces.read"], own.Select(Action));
        Assert.Equal((trace, trace, "failed"), (own[2].GetProperty("resource").GetString(), own[2].GetProperty("traceId").GetString(), own[2].GetProperty("outcome").GetString()));
        Assert.Equal("127.0.0.1", own[2].GetProperty("actor").GetProperty("address").GetString());
        Assert.Contains("service=cart", own[1].GetProperty("detail").GetProperty("query").GetString()!, StringComparison.Ordinal);
        // A query's own text is redacted like everything else that is stored.
        Assert.DoesNotContain("lovelace", own[0].GetRawText(), StringComparison.Ordinal);
        Assert.Contains("[email:", own[0].GetProperty("resource").GetString()!, StringComparison.Ordinal);

        // Stopping writes the counts of what was repeated, and its own end.
        await server.Stop();
        LedgerEntry[] all = ReadLedger(server);
        LedgerEntry repeated = Assert.Single(all, entry => entry.Action == "logs.read" && entry.Detail!.Value.TryGetProperty("repeated", out _));
        Assert.Equal(4, repeated.Detail!.Value.GetProperty("repeated").GetInt32());
        Assert.Equal("server.stop", all[^1].Action);
        Assert.Contains(all, entry => entry.Action == "rules.load");
    }

    [Fact]
    public async Task Log_records_marked_as_audit_are_entries_before_their_request_is_acknowledged()
    {
        await using var server = await WaybillServer.Start();
        string time = $"{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}000000";
        var record = new
        {
            resourceLogs = new[] { new { resource = new { attributes = new[] { Attribute("service.name", "billing") } }, scopeLogs = new[] { new { logRecords = new object[]
            {
                new { timeUnixNano = time, traceId = "0af7651916cd43dd8448eb211c80319c", body = new { stringValue = "deleted" }, attributes = new[]
                    { Attribute("audit.action", "invoice.delete"), Attribute("audit.resource", "invoice/42"), Attribute("audit.actor", "alice"), Attribute("audit.outcome", "denied"), Attribute("client.address", "10.1.2.3") } },
                new { timeUnixNano = time, body = new { stringValue = "an ordinary record" }, attributes = Array.Empty<object>() },
            } } } } },
        };
        (await server.At.Otlp.PostAsJsonAsync("/v1/logs", record, Cancel)).EnsureSuccessStatusCode();
        await server.Kill();
        LedgerEntry entry = Assert.Single(ReadLedger(server), of => of.Actor.Kind == "external");
        Assert.Equal(("invoice.delete", "invoice/42", "alice", "refused", "10.1.2.3"), (entry.Action, entry.Resource, entry.Actor.Id, entry.Outcome, entry.Actor.Address));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", entry.TraceId);

        static object Attribute(string key, string value) => new { key, value = new { stringValue = value } };
    }

    private static string? Action(JsonElement entry) => entry.GetProperty("action").GetString();

    private static LedgerEntry[] ReadLedger(WaybillServer server)
    {
        var files = new TileFiles(Path.Combine(server.Data, "ledger"));
        long size = Checkpoint.Parse(SignedNote.Parse(files.ReadCheckpoint()!)!.Text)!.Size;
        return [.. Enumerable.Range(0, (int)((size + 255) / 256)).SelectMany(bundle => files.ReadEntries(bundle, (int)Math.Min(256, size - bundle * 256L))).Select(bytes => LedgerEntry.Parse(bytes)!)];
    }

    private static async Task<JsonElement[]> Entries(WaybillServer server, string path, Func<JsonElement[], bool> enough)
    {
        JsonElement[] entries = [];
        await WaybillServer.Until("the entries are rows", async () =>
        {
            var listing = await server.At.Api.GetFromJsonAsync<JsonElement>(path, Cancel);
            entries = [.. listing.GetProperty("entries").EnumerateArray()];
            return enough(entries);
        });
        return entries;
    }
}
