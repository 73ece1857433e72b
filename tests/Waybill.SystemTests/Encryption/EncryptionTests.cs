using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waybill.Commands;
using Waybill.Processes;

namespace Waybill.Encryption;

/// <summary>A data directory under a key: nothing of what was sent, asked or audited can be read in any of its files, and nothing is opened without the key.</summary>
public sealed class EncryptionTests : IDisposable
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("wb-keys-"), _root = Directory.CreateTempSubdirectory("wb-enc-");
    private readonly string _canary = "canary" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _keys.Delete(recursive: true);
        _root.Delete(recursive: true);
    }

    private string KeyFile(string name)
    {
        string path = Path.Combine(_keys.FullName, name);
        if (!File.Exists(path)) File.WriteAllText(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n");
        return path;
    }

    [Fact]
    public async Task Nothing_that_was_sent_can_be_read_in_any_file()
    {
        string key = KeyFile("one");
        await using WaybillServer plain = await Filled("plain", null), server = await Filled("sealed", key);
        // Without a key it is there for everybody: in the spool, in the ledger; and the search finds it.
        string[] found = Find(plain.Data, _canary);
        Assert.Contains(found, path => path.StartsWith("spool/segments/", StringComparison.Ordinal));
        Assert.Contains(found, path => path.StartsWith("ledger/tile/entries/", StringComparison.Ordinal));
        Assert.NotEmpty(Directory.GetFiles(server.SegmentsDirectory));
        Assert.Empty(Find(server.Data, _canary));

        // Then it goes into the tables, after a kill, and can be asked for.
        foreach (WaybillServer each in (WaybillServer[])[plain, server])
        {
            each.Settings["WAYBILL_SPOOL__SEGMENTAGEMAX"] = "00:00:00.1";
            await each.StartAgain();
            await each.Stored();
        }
        using (JsonDocument? trace = await server.Trace(TraceId)) Assert.Contains(_canary, trace!.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(1, await server.Number($"SELECT count() FROM logs WHERE position(body, '{_canary}') > 0"));
        await Engine_itself_says_so(server);
        JsonElement status = await server.Status();
        Assert.True(status.GetProperty("encryption").GetProperty("on").GetBoolean());
        string[] secrets = SecretsOf(await File.ReadAllTextAsync(key, Cancel));
        await Nobody_can_see_the_keys_of_the_running_server(server, secrets);

        await plain.Stop();
        await server.Stop();
        Assert.Empty(Find(server.Data, _canary));
        foreach (string secret in secrets)
        {
            Assert.Empty(Find(server.Data, secret));
            Assert.Empty(Find(server.Data, Encoding.Latin1.GetString(Convert.FromHexString(secret)), Encoding.Latin1));
        }
        string engine = Path.Combine(server.Data, "engine");
        string[] parts = [.. Directory.EnumerateFiles(engine, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })   // the engine links tables by their names
            .Where(path => Path.GetExtension(path) is ".bin" or ".cmrk4" or ".cmrk3" or ".idx" or ".cidx")];
        Assert.NotEmpty(parts);
        Assert.All(parts, path =>
        {
            Assert.StartsWith(Path.Combine(engine, "encrypted"), path, StringComparison.Ordinal);
            Assert.Equal("ENC"u8.ToArray(), File.ReadAllBytes(path)[..3]);   // the engine's mark of an encrypted file
        });
        await The_ledger_is_whole_with_the_key_alone(server, key);
    }

    [Fact]
    public async Task Without_the_right_key_nothing_is_opened_and_it_is_said_which_one_is_missing()
    {
        string first = KeyFile("first"), second = KeyFile("second");
        await using WaybillServer server = await Filled("data", first);
        string id = DataKey.Read(await File.ReadAllBytesAsync(first, Cancel))!.Id;

        server.Settings.Remove("WAYBILL_ENCRYPTION__KEYFILE");
        Assert.Contains($"is encrypted under the key {id}, and no key was given", await Refused(server), StringComparison.Ordinal);
        server.Settings["WAYBILL_ENCRYPTION__KEYFILE"] = second;
        Assert.Contains($"is encrypted under the key {id}, but given was", await Refused(server), StringComparison.Ordinal);
        server.Settings["WAYBILL_ENCRYPTION__KEYFILE"] = Path.Combine(server.Data, "keys", "stolen");
        Assert.Contains("lies in the data directory that it is to protect", await Refused(server), StringComparison.Ordinal);
        server.Settings["WAYBILL_ENCRYPTION__KEYFILE"] = KeyFile("first") + ".missing";
        Assert.Contains("cannot be read", await Refused(server), StringComparison.Ordinal);
        server.Settings.Remove("WAYBILL_ENCRYPTION__KEYFILE");
        server.Settings["WAYBILL_ENCRYPTION__KEY"] = "too-short-to-be-a-key";
        string refused = await Refused(server);
        Assert.Contains("is not a key: expected 32 bytes", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("too-short-to-be-a-key", refused, StringComparison.Ordinal);

        // The new key for what comes, the old one for what is there. Both are needed from then on.
        server.Settings.Remove("WAYBILL_ENCRYPTION__KEY");
        server.Settings["WAYBILL_ENCRYPTION__KEYFILE"] = second;
        server.Settings["WAYBILL_ENCRYPTION__OLDKEYFILES__0"] = first;
        server.Settings["WAYBILL_SPOOL__SEGMENTAGEMAX"] = "00:00:00.1";
        await server.StartAgain();
        await server.Stored();
        using (JsonDocument? trace = await server.Trace(TraceId)) Assert.NotNull(trace);
        await Send(server);
        await server.Stored();
        Assert.Equal(2, await server.Number($"SELECT count() FROM logs WHERE position(body, '{_canary}') > 0"));
        await server.Stop();
        await server.StartAgain();   // parts of both keys
        Assert.Equal(2, await server.Number($"SELECT count() FROM logs WHERE position(body, '{_canary}') > 0"));
        await server.Stop();
        Assert.Empty(Find(server.Data, _canary));
        server.Settings.Remove("WAYBILL_ENCRYPTION__OLDKEYFILES__0");
        Assert.Contains($"is encrypted under the key {id}, but given was", await Refused(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_with_data_in_the_clear_is_not_half_encrypted()
    {
        await using WaybillServer server = await WaybillServer.Start(directory: Path.Combine(_root.FullName, "old"));
        await server.Stop();
        server.Settings["WAYBILL_ENCRYPTION__KEYFILE"] = KeyFile("late");
        Assert.Contains("holds data that is not encrypted", await Refused(server), StringComparison.Ordinal);
        server.Settings.Remove("WAYBILL_ENCRYPTION__KEYFILE");
        await server.StartAgain();
    }

    /// <summary>A server that has taken a trace, a log record, a metric, an audit event and a query with the canary, and was killed before anything reached the tables.</summary>
    private async Task<WaybillServer> Filled(string name, string? key)
    {
        WaybillServer server = WaybillServer.Prepare(Path.Combine(_root.FullName, name));
        server.Settings["WAYBILL_SPOOL__SEGMENTAGEMAX"] = "00:10:00";
        if (key is not null) server.Settings["WAYBILL_ENCRYPTION__KEYFILE"] = key;
        await server.StartAgain();
        await Send(server);
        await server.Kill();
        Assert.True(await server.EnginesEnd());
        return server;
    }

    private async Task Send(WaybillServer server)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        string resource = """{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}""";
        await Post(server, "/v1/traces", $$$"""{"resourceSpans":[{"resource":{{{resource}}},"scopeSpans":[{"spans":[{"traceId":"{{{TraceId}}}","spanId":"b7ad6b7169203331","name":"op {{{_canary}}}","kind":2,"startTimeUnixNano":"{{{now}}}","endTimeUnixNano":"{{{now + 1000}}}","attributes":[{"key":"note","value":{"stringValue":"{{{_canary}}}"}}]}]}]}]}""");
        await Post(server, "/v1/logs", $$$"""{"resourceLogs":[{"resource":{{{resource}}},"scopeLogs":[{"logRecords":[{"timeUnixNano":"{{{now}}}","body":{"stringValue":"{{{_canary}}} {{{now}}}"}}]}]}]}""");
        await Post(server, "/v1/metrics", $$$"""{"resourceMetrics":[{"resource":{{{resource}}},"scopeMetrics":[{"metrics":[{"name":"depth","gauge":{"dataPoints":[{"timeUnixNano":"{{{now}}}","asInt":"1","attributes":[{"key":"queue","value":{"stringValue":"{{{_canary}}}"}}]}]}}]}]}]}""");
        await Post(server, "/v1/audit", $$"""[{"actor":"alice","action":"invoice.delete","resource":"invoice {{_canary}}"}]""");
        using HttpResponseMessage asked = await server.At.Api.GetAsync($"/api/search?q={Uri.EscapeDataString($"{{ span.note = \"{_canary}\" }}")}", Cancel);
        await Task.Delay(600, Cancel);   // reads are written down within a fifth of a second
    }

    private static async Task Post(WaybillServer server, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await server.At.Otlp.PostAsync(path, content, Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
    }

    private static async Task Engine_itself_says_so(WaybillServer server)
    {
        Assert.Equal(0, await server.Number("SELECT count() FROM system.parts WHERE active AND disk_name != 'encrypted'"));
        Assert.NotEqual(0, await server.Number("SELECT count() FROM system.parts WHERE active AND disk_name = 'encrypted'"));
    }

    private static string[] SecretsOf(string key)
    {
        DataAtRest atRest = DataAtRest.Under(DataKey.Read(Encoding.ASCII.GetBytes(key))!);
        string Derived(string purpose) => Convert.ToHexStringLower(atRest.KeysFor(purpose)[0]);
        return [key.Trim(), Derived("engine"), Derived("spool"), Derived("ledger")];
    }

    private static async Task Nobody_can_see_the_keys_of_the_running_server(WaybillServer server, string[] secrets)
    {
        int engine = (await server.Status()).GetProperty("engine").GetProperty("processId").GetInt32();
        string status = (await server.Status()).GetRawText(), metrics = await server.At.Api.GetStringAsync("/metrics", Cancel);
        foreach (string secret in secrets)
        {
            Assert.DoesNotContain(secret, server.Log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, status + metrics, StringComparison.OrdinalIgnoreCase);
            foreach (int process in (int[])[engine, server.ProcessId])
                foreach (string of in (string[])["cmdline", "environ"]) Assert.DoesNotContain(secret, await File.ReadAllTextAsync($"/proc/{process}/{of}", Cancel), StringComparison.OrdinalIgnoreCase);
        }
    }

    private static async Task The_ledger_is_whole_with_the_key_alone(WaybillServer server, string key)
    {
        string ledger = Path.Combine(server.Data, "ledger");
        Ended with = await WaybillProgram.Run($"audit verify {ledger} --encryption-key {key}");
        Assert.True(with.ExitCode == 0, with.Output + with.Error);
        Ended without = await WaybillProgram.Run($"audit verify {ledger}");
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("which was not given", without.Output, StringComparison.Ordinal);
        Ended proof = await WaybillProgram.Run($"audit prove {ledger} 0");
        Assert.Equal(0, proof.ExitCode);
    }

    private static async Task<string> Refused(WaybillServer server)
    {
        server.Launch();
        Assert.NotEqual(0, await server.Ended());
        return server.Log;
    }

    /// <summary>Files below a directory that hold a text, by their path in it.</summary>
    private static string[] Find(string directory, string text, Encoding? encoding = null)
    {
        byte[] wanted = (encoding ?? Encoding.UTF8).GetBytes(text);
        return [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is not ("engine.sock" or "ballast") && File.ReadAllBytes(path).AsSpan().IndexOf(wanted) >= 0)
            .Select(path => Path.GetRelativePath(directory, path).Replace('\\', '/'))];
    }
}
