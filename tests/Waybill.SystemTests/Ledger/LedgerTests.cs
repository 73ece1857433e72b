using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waybill.Audit;
using Waybill.Processes;

namespace Waybill.Ledger;

public sealed class LedgerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Audit_events_are_durable_searchable_and_provable_without_the_server()
    {
        await using var server = await WaybillServer.Start();
        var at = await server.Listening;
        using (var answer = await at.Otlp.PostAsJsonAsync("/v1/audit", new object[]
        {
            new { action = "invoice.delete", resource = "invoice/42", actor = "alice", address = "10.1.2.3", traceId = "0af7651916cd43dd8448eb211c80319c", detail = new { reason = "duplicate" } },
            new { class_uid = 3002, activity_id = 1, status_id = 2, time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), actor = new { user = new { name = "mallory" } }, src_endpoint = new { ip = "203.0.113.9" }, service = new { name = "billing" } },
            new { action = "nothing" },
        }, Cancel))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var receipt = await answer.Content.ReadFromJsonAsync<AuditReceipt>(Cancel);
            Assert.Equal((2, 1), (receipt!.Accepted, receipt.Rejected));
            Assert.Equal("event 2: resource: say what it was done to", Assert.Single(receipt.Errors));
        }

        await server.Kill();
        await server.StartAgain();
        at = await server.Listening;
        JsonElement[] entries = [];
        await WaybillServer.Until("both entries are rows", async () =>
        {
            var listing = await at.Api.GetFromJsonAsync<JsonElement>("/api/audit?since=1h&kind=external", Cancel);
            entries = [.. listing.GetProperty("entries").EnumerateArray()];
            return entries.Length == 2;
        });
        Assert.All(entries, entry => Assert.True(entry.GetProperty("genuine").GetBoolean()));
        Assert.Equal(["authentication.logon", "invoice.delete"], entries.Select(entry => entry.GetProperty("action").GetString()));
        Assert.Equal("failed", entries[0].GetProperty("outcome").GetString());
        var filtered = await at.Api.GetFromJsonAsync<JsonElement>("/api/audit?since=1h&actor=alice&action=invoice&trace=0AF7651916CD43DD8448EB211C80319C", Cancel);
        long number = Assert.Single(filtered.GetProperty("entries").EnumerateArray()).GetProperty("number").GetInt64();

        var state = await at.Api.GetFromJsonAsync<LedgerState>("/api/ledger", Cancel);
        Assert.True(NoteKey.TryParse(state!.Key, out NoteKey? key));
        var proof = InclusionProof.Parse(await at.Api.GetStringAsync($"/api/ledger/entries/{number}/proof", Cancel));
        string copy = Path.Combine(server.Data, "ledger");
        byte[] entryBytes = new TileFiles(copy).ReadEntries(0, (int)state.Size)[(int)number];
        Assert.Null(proof!.Check(entryBytes, key!));
        Assert.NotNull(proof.Check([.. entryBytes, (byte)' '], key!));
        Assert.Empty(Verification.Of(copy, key!, cancel: Cancel).Faults);
    }

    [Fact]
    public async Task A_request_that_cannot_be_read_is_refused_with_the_fix_and_no_path_leads_out_of_the_tiles()
    {
        await using var server = await WaybillServer.Start();
        var at = await server.Listening;
        using (var answer = await at.Otlp.PostAsync("/v1/audit", new StringContent("{\"action\":"), Cancel)) Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using (var answer = await at.Otlp.PostAsync("/v1/audit", new StringContent($"[{string.Join(',', Enumerable.Repeat("{}", 1_001))}]"), Cancel)) Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        foreach (string path in (string[])["/ledger/tile/0/..%2f..%2fcheckpoint", "/ledger/tile/..%2f..%2fkeys%2fledger.key", "/ledger/tile/0/000.p/0", "/ledger/tile/0/000.p/256", "/ledger/tile/entries/..%2f..%2flock"])
        {
            using var answer = await at.Api.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        var state = await at.Api.GetFromJsonAsync<LedgerState>("/api/ledger", Cancel);
        Assert.Equal(HttpStatusCode.OK, (await at.Api.GetAsync($"/ledger/tile/entries/000.p/{state!.Size}", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await at.Api.GetAsync("/api/audit?cursor=x", Cancel)).StatusCode);
    }
}
