using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Waybill.Ledger;
using Waybill.Processes;

namespace Waybill.Audit;

/// <summary>What leaves for a SIEM: every entry, a line each, whatever its texts hold; by syslog at least once.</summary>
public sealed class ExportTests
{
    private static readonly string[] Hostile = ["a\r\nCEF:0|Evil|x|1|forged|forged|10|suser=root", "\u001b[31mred\u001b[0m", "abc\u202egpj.exe", "line\u2028sep\u2029par\u0000nul\u0085nel", "{\"}\\\"|=\\n<14>1 - - - -", "|pipe=eq\\back"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_entry_is_one_line_of_both_formats_and_reaches_the_collector_although_it_fails_at_first()
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        await using var server = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_AUDIT__SYSLOGADDRESS"] = $"127.0.0.1:{((IPEndPoint)collector.LocalEndpoint).Port}", ["WAYBILL_AUDIT__SYSLOGBATCHENTRIES"] = "4" });
        Task<List<string>> collected = Collect(collector, Hostile.Length);
        object[] events = [.. Hostile.Select(text => new { action = $"note.{text}", resource = text, actor = text, address = text, session = text, detail = new { text } })];
        using (var answer = await server.At.Otlp.PostAsJsonAsync("/v1/audit", events, Cancel)) Assert.Equal(Hostile.Length, (await answer.Content.ReadFromJsonAsync<AuditReceipt>(Cancel))!.Accepted);

        foreach (string format in (string[])["ocsf", "cef"])
        {
            var lines = new List<string>();
            for (long from = 0, until = (await server.At.Api.GetFromJsonAsync<LedgerState>("/api/ledger", Cancel))!.Size; from < until;)
            {
                using HttpResponseMessage page = await server.At.Api.GetAsync($"/api/audit/export?format={format}&from={from}&limit=3", Cancel);
                from = long.Parse(page.Headers.GetValues("Waybill-Next").Single());
                lines.AddRange((await page.Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            }
            string[] own = [.. lines.Where(line => line.Contains("note.", StringComparison.Ordinal))];
            Assert.Equal(Hostile.Length, own.Length);
            Assert.All(own, AssertOneLine);
            if (format == "ocsf") Assert.All(own, line => AssertOcsf(JsonDocument.Parse(line).RootElement));
            else Assert.All(own, line => Assert.Equal(7, Unescaped(line, '|')));
        }

        await Task.WhenAny(collected, Task.Delay(TimeSpan.FromSeconds(60), Cancel));
        Assert.True(collected.IsCompleted, server.Log);
        List<string> messages = await collected;
        Assert.All(messages, AssertOneLine);
        Assert.All(messages, message => Assert.Matches("^<110>1 \\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z \\S+ waybill \\d+ audit - CEF:0\\|Waybill\\|", message));
        Assert.Equal(Hostile.Length, messages.Where(message => message.Contains("note.", StringComparison.Ordinal)).Distinct().Count());
        foreach (string bad in (string[])["format=xml", "from=-1", "limit=0"]) Assert.Equal(HttpStatusCode.BadRequest, (await server.At.Api.GetAsync($"/api/audit/export?{bad}", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_collector_that_half_closes_and_reads_nothing_has_confirmed_nothing()
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        await using var server = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_AUDIT__SYSLOGADDRESS"] = $"127.0.0.1:{((IPEndPoint)collector.LocalEndpoint).Port}" });
        (await server.At.Otlp.PostAsJsonAsync("/v1/audit", new { action = "note.kept", resource = "x", actor = "ada" }, Cancel)).EnsureSuccessStatusCode();
        using (TcpClient half = await collector.AcceptTcpClientAsync(Cancel))
        {
            half.Client.Shutdown(SocketShutdown.Send);
            await WaybillServer.Until("the batch counts as not confirmed", async () => (await Metric(server, "waybill_audit_syslog_unconfirmed_batches_total")) >= 1);
        }
        Assert.True(await Metric(server, "waybill_audit_syslog_waiting_entries") >= 1);
        List<string> messages = await Collect(collector, 1, failures: 0);   // and it is sent again
        Assert.Contains(messages, message => message.Contains("note.kept", StringComparison.Ordinal));
    }

    private static async Task<long> Metric(WaybillServer server, string name) =>
        long.Parse((await server.At.Api.GetStringAsync("/metrics", Cancel)).Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1]);

    [Fact]
    public async Task What_is_sealed_about_a_person_can_be_read_found_and_forgotten_and_the_proofs_stay()
    {
        await using var server = await WaybillServer.Start();
        object[] events = [new { action = "customer.read", resource = "customers/42/address", actor = "ada", about = "customer/42", detail = new { street = "Elm Street 5" } }, new { action = "customer.read", resource = "customers/43", actor = "ada", about = "customer/43" }];
        (await server.At.Otlp.PostAsJsonAsync("/v1/audit", events, Cancel)).EnsureSuccessStatusCode();
        JsonElement found = default;
        await WaybillServer.Until("the entries are rows", async () => (found = await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit?kind=external&since=1h", Cancel)).GetProperty("entries").GetArrayLength() == 2);
        JsonElement about42 = found.GetProperty("entries")[1];
        Assert.Equal(("customers/42/address", "Elm Street 5", true, false), (about42.GetProperty("resource").GetString(), about42.GetProperty("detail").GetProperty("street").GetString(), about42.GetProperty("sealed").GetBoolean(), about42.GetProperty("erased").GetBoolean()));
        Assert.Equal(1, (await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit?since=1h&resource=customer/42", Cancel)).GetProperty("entries").GetArrayLength());
        string exported = await server.At.Api.GetStringAsync("/api/audit/export", Cancel);
        Assert.DoesNotContain("Elm Street", exported, StringComparison.Ordinal);

        using (var answer = await server.At.Api.PostAsJsonAsync("/api/audit/erasures", new { subject = "customer/42" }, Cancel)) Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("erased").GetBoolean());
        using (var answer = await server.At.Api.PostAsJsonAsync("/api/audit/erasures", new { subject = "customer/42" }, Cancel)) Assert.False((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("erased").GetBoolean());
        using (var answer = await server.At.Api.PostAsJsonAsync("/api/audit/erasures", new { person = "customer/42" }, Cancel)) Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonElement after = (await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit?kind=external&since=1h", Cancel)).GetProperty("entries");
        Assert.True(after[1].GetProperty("erased").GetBoolean());
        Assert.Equal(JsonValueKind.Null, after[1].GetProperty("resource").ValueKind);
        Assert.Equal("customers/43", after[0].GetProperty("resource").GetString());

        LedgerState state = (await server.At.Api.GetFromJsonAsync<LedgerState>("/api/ledger", Cancel))!;
        Assert.True(NoteKey.TryParse(state.Key, out NoteKey? key));
        await server.Stop();
        Assert.Empty(Verification.Of(Path.Combine(server.Data, "ledger"), key!, cancel: Cancel).Faults);
        // The person's name is in no file: not in the ledger, not in the question that was asked about them.
        foreach (string file in Directory.EnumerateFiles(Path.Combine(server.Data, "ledger"), "*", SearchOption.AllDirectories))
            foreach (string trace in (string[])["customer/42", "customer%2F42", "Elm Street", "customers/42"]) Assert.False(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, Cancel)).Contains(trace, StringComparison.Ordinal), $"{trace} is in {file}");
    }

    /// <summary>A collector that fails in every way first: closes at once, reads half and resets; then reads to the end.</summary>
    private static async Task<List<string>> Collect(TcpListener listener, int wanted, int failures = 2)
    {
        var messages = new List<string>();
        for (int connection = 2 - failures; messages.Count(message => message.Contains("note.", StringComparison.Ordinal)) < wanted; connection++)
        {
            using TcpClient client = await listener.AcceptTcpClientAsync(Cancel);
            if (connection == 0)
            {
                Crash(client);
                continue;
            }
            NetworkStream stream = client.GetStream();
            if (connection == 1)
            {
                await stream.ReadExactlyAsync(new byte[20], Cancel);
                Crash(client);
                continue;
            }
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Cancel);
            ReadOnlySpan<byte> rest = bytes.ToArray();
            while (!rest.IsEmpty)
            {
                int space = rest.IndexOf((byte)' '), length = int.Parse(Encoding.ASCII.GetString(rest[..space]));
                messages.Add(Encoding.UTF8.GetString(rest.Slice(space + 1, length)));
                rest = rest[(space + 1 + length)..];
            }
        }
        return messages;
    }

    /// <summary>Ends a connection as the end of its process does: reset, with what was not read.</summary>
    private static void Crash(TcpClient client)
    {
        client.Client.LingerState = new LingerOption(true, 0);
        client.Client.Close();
    }

    private static void AssertOneLine(string line) => Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202e');

    private static void AssertOcsf(JsonElement json)
    {
        foreach (string needed in (string[])["class_uid", "category_uid", "activity_id", "type_uid", "severity_id", "time", "metadata", "actor", "api", "src_endpoint"]) Assert.True(json.TryGetProperty(needed, out _), needed);
        Assert.Equal(json.GetProperty("class_uid").GetInt32() * 100 + json.GetProperty("activity_id").GetInt32(), json.GetProperty("type_uid").GetInt32());
        Assert.Equal("1.8.0", json.GetProperty("metadata").GetProperty("version").GetString());
    }

    private static int Unescaped(string line, char sign)
    {
        int count = 0, extension = 0;
        for (int i = 0; i < line.Length && extension < 7; i++)
            if (line[i] == '\\') i++;
            else if (line[i] == sign) extension = ++count;
        return count;
    }
}
