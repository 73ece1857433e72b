using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waybill.Ledger;
using Waybill.Processes;

namespace Waybill.Redaction;

/// <summary>What is taken out of stored telemetry is in no table and no file any more, also when the server is killed on the way; everything else stays.</summary>
public sealed class ErasureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static object Pair(string key, string value) => new { key, value = new { stringValue = value } };

    /// <summary>An object with the person in it, two levels down, as a text and as a number.</summary>
    private static object Nested(string person, int number) => new
    {
        kvlistValue = new { values = new object[] { new { key = "account", value = new { kvlistValue = new { values = new object[] { Pair("user.nick", person), new { key = "user.number", value = new { intValue = $"{number}" } }, Pair("kept", "kept") } } } } } },
    };

    private static async Task Send(WaybillServer server, string person, int count)
    {
        string now = $"{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}000000";
        var resource = new { attributes = new[] { Pair("service.name", "cart"), Pair("host.owner", $"owner-{person}") } };
        object[] spans = [.. Enumerable.Range(0, count).Select(i => new
        {
            traceId = Guid.NewGuid().ToString("N"), spanId = Guid.NewGuid().ToString("N")[..16], name = "GET /cart", startTimeUnixNano = now, endTimeUnixNano = now, status = new { message = $"failed for {person}" },
            attributes = new[] { Pair("user.nick", person), Pair("note", $"n{i}") }, events = new[] { new { timeUnixNano = now, name = "e", attributes = new[] { Pair("user.nick", person), Pair("other", "stays") } } },
        })];
        object[] logs = [.. Enumerable.Range(0, count).Select(i => new { timeUnixNano = now, body = new { stringValue = $"{person} said \"hello\" {i}" }, attributes = new[] { Pair("user.nick", person) } })];
        (await server.At.Otlp.PostAsJsonAsync("/v1/traces", new { resourceSpans = new[] { new { resource, scopeSpans = new[] { new { spans } } } } }, Cancel)).EnsureSuccessStatusCode();
        (await server.At.Otlp.PostAsJsonAsync("/v1/logs", new { resourceLogs = new[] { new { resource, scopeLogs = new[] { new { logRecords = logs } } } } }, Cancel)).EnsureSuccessStatusCode();
    }

    private static async Task<string> Ask(WaybillServer server, object request)
    {
        using HttpResponseMessage answer = await server.At.Api.PostAsJsonAsync("/api/redaction/erasures", request, Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Cancel));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetString()!;
    }

    private static Task Done(WaybillServer server, string id) => WaybillServer.Until("the erasure is done", async () =>
        (await server.At.Api.GetFromJsonAsync<JsonElement>("/api/redaction/erasures", Cancel)).GetProperty("erasures").EnumerateArray().Any(state => state.GetProperty("id").GetString() == id && state.GetProperty("status").GetString() == "done"));

    [Fact]
    public async Task A_person_is_taken_out_of_attributes_events_text_and_catalog_and_others_stay()
    {
        await using var server = await WaybillServer.Start();
        await Send(server, "mallory-7", 5);
        await Send(server, "alice-1", 4);
        await Send(server, "o\"neil\\9", 3);
        string first = await Ask(server, new { key = "user.nick", value = "mallory-7", text = true });     // while the spool still has some of it
        await server.Kill();
        await server.StartAgain();
        await WaybillServer.Until("the erasure is taken up again and done, and its entry is a row", async () =>
            (await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit?since=1h&action=telemetry.erased", Cancel)).GetProperty("entries").GetArrayLength() > 0);
        await Done(server, await Ask(server, new { key = "user.nick", value = "o\"neil\\9", items = true, text = true }));

        Assert.Equal(9, await server.Number("SELECT count() FROM spans"));
        Assert.Equal(9, await server.Number("SELECT count() FROM logs"));
        Assert.Equal(4, await server.Number("SELECT countIf(attributes['s:user.nick'] = 'alice-1') FROM spans"));
        Assert.Equal(0, await server.Number("SELECT countIf(mapContains(attributes, 's:user.nick') AND attributes['s:user.nick'] != 'alice-1') FROM spans"));
        Assert.Equal(9, await server.Number("SELECT countIf(events LIKE '%stays%') FROM spans"));
        foreach (string sql in (string[])["SELECT countIf(events LIKE '%mallory%' OR status_message LIKE '%mallory%') FROM spans", "SELECT countIf(body LIKE '%mallory%' OR body LIKE '%neil%') FROM logs",
            "SELECT countIf(arrayExists(v -> v LIKE '%mallory%' OR v LIKE '%neil%', sample)) FROM attribute_keys WHERE key = 's:user.nick'", "SELECT count() FROM trace_aliases WHERE value LIKE '%mallory%'"])
            Assert.True(await server.Number(sql) == 0, sql);

        // The whole field, and the proof of it all: what was asked, by whom, and what was changed, without the person's name.
        await Done(server, await Ask(server, new { key = "host.owner" }));
        Assert.Equal(0, await server.Number("SELECT countIf(mapContains(attributes, 's:host.owner')) FROM resources"));
        JsonElement entries = default;
        await WaybillServer.Until("its entries are rows", async () => (entries = (await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit?since=1h&action=telemetry", Cancel)).GetProperty("entries")).GetArrayLength() == 6);
        Assert.Equal(["telemetry.erased", "telemetry.erase", "telemetry.erased", "telemetry.erase", "telemetry.erased", "telemetry.erase"], entries.EnumerateArray().Select(entry => entry.GetProperty("action").GetString()));
        JsonElement done = entries[4].GetProperty("detail");
        Assert.Equal((first, 5, 0), (done.GetProperty("erasure").GetString(), done.GetProperty("rows").GetProperty("logs").GetInt32() / 2, done.GetProperty("left").GetInt32()));
        Assert.DoesNotContain("mallory", entries.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(server.Data, "erasures")));
    }

    [Fact]
    public async Task A_person_is_taken_out_of_objects_in_attributes_events_and_bodies()
    {
        await using var server = await WaybillServer.Start();
        string now = $"{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}000000";
        var resource = new { attributes = new[] { Pair("service.name", "cart") } };
        foreach (var (person, number) in (IEnumerable<(string, int)>)[("o\"neil\\9", 4242), ("alice-1", 42421)])
        {
            object[] attributes = [new { key = "request", value = Nested(person, number) }];
            object[] spans = [new { traceId = Guid.NewGuid().ToString("N"), spanId = "00000000000000a1", name = "GET /cart", startTimeUnixNano = now, endTimeUnixNano = now, attributes, events = new[] { new { timeUnixNano = now, name = "e", attributes } } }];
            (await server.At.Otlp.PostAsJsonAsync("/v1/traces", new { resourceSpans = new[] { new { resource, scopeSpans = new[] { new { spans } } } } }, Cancel)).EnsureSuccessStatusCode();
            (await server.At.Otlp.PostAsJsonAsync("/v1/logs", new { resourceLogs = new[] { new { resource, scopeLogs = new[] { new { logRecords = new object[] { new { timeUnixNano = now, body = Nested(person, number) } } } } } } }, Cancel)).EnsureSuccessStatusCode();
        }
        await server.Stored();
        string[] places = ["events FROM spans", "attributes['j:request'] FROM spans", "body FROM logs"];
        foreach (string place in places) Assert.Equal(1, await server.Number($"SELECT countIf(place LIKE '%neil%') FROM (SELECT {place.Replace(" FROM", " AS place FROM", StringComparison.Ordinal)})"));

        await Done(server, await Ask(server, new { key = "user.nick", value = "o\"neil\\9" }));
        await Done(server, await Ask(server, new { key = "user.number", value = "4242" }));
        foreach (string place in places)
        {
            string[] texts = [.. (await server.Rows($"SELECT {place.Replace(" FROM", " AS place FROM", StringComparison.Ordinal)} ORDER BY place")).Select(row => row.GetProperty("place").GetString()!)];
            Assert.Equal(2, texts.Length);
            string erased = Assert.Single(texts, text => text.Contains("[erased]", StringComparison.Ordinal));
            Assert.DoesNotContain("neil", erased, StringComparison.Ordinal);
            Assert.DoesNotContain("4242", erased, StringComparison.Ordinal);
            Assert.Contains("kept", erased, StringComparison.Ordinal);
            JsonDocument.Parse(erased).Dispose();
            if (place.StartsWith("events", StringComparison.Ordinal)) JsonDocument.Parse(JsonDocument.Parse(erased).RootElement[0].GetProperty("attributes").GetProperty("j:request").GetString()!).Dispose();
            string other = texts.Single(text => text != erased);
            Assert.Contains("alice-1", other, StringComparison.Ordinal);
            Assert.Contains("42421", other, StringComparison.Ordinal);   // a number that begins alike is another
        }
        JsonElement entries = (await server.At.Api.GetFromJsonAsync<JsonElement>("/api/audit?since=1h&action=telemetry.erased", Cancel)).GetProperty("entries");
        Assert.All(entries.EnumerateArray(), entry => Assert.Equal(0, entry.GetProperty("detail").GetProperty("left").GetInt32()));

        // The whole field, whatever its values, leaves nothing either.
        await Done(server, await Ask(server, new { key = "user.nick" }));
        Assert.Equal(0, await server.Number("SELECT countIf(events LIKE '%alice%' OR attributes['j:request'] LIKE '%alice%') FROM spans"));
    }

    [Fact]
    public async Task What_would_take_out_everything_or_nothing_is_refused_with_the_fix()
    {
        await using var server = await WaybillServer.Start();
        foreach (var (request, parameter) in ((object, string)[])[(new { }, "key"), (new { key = "service.name" }, "key"), (new { key = "a", value = "" }, "value"), (new { key = "a", items = true }, "value"), (new { key = "a", value = "abc", text = true }, "text")])
        {
            using HttpResponseMessage answer = await server.At.Api.PostAsJsonAsync("/api/redaction/erasures", request, Cancel);
            Assert.Equal((HttpStatusCode.BadRequest, parameter), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("parameter").GetString()));
        }
    }
}
