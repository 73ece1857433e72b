using System.Net;
using System.Text;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Processes;

namespace Waybill.Redaction;

/// <summary>The rules file over the life of a server, and what can be asked about redaction.</summary>
public sealed class RulesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<JsonElement> Get(WaybillServer server, string path)
    {
        using var document = JsonDocument.Parse(await server.At.Api.GetByteArrayAsync(path, Cancel));
        return document.RootElement.Clone();
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> Post(WaybillServer server, string path, HttpContent content)
    {
        using var answer = await server.At.Api.PostAsync(path, content, Cancel);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Cancel));
        return (answer.StatusCode, document.RootElement.Clone());
    }

    [Fact]
    public async Task Rules_are_reloaded_findings_are_counted_and_both_survive_a_restart()
    {
        await using var server = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_REDACTION__RELOADSECONDS"] = "1" });
        string file = Path.Combine(server.Data, "redaction.yaml");
        Assert.Equal(JsonValueKind.Null, (await Get(server, "/api/redaction/rules")).GetProperty("source").ValueKind);
        await server.Post("/v1/logs", Requests.Logs(Requests.Log(Requests.NewTraceId(), "mail ada@example.com and bob@example.com")).ToProtobuf());

        await File.WriteAllTextAsync(file, "rules: [{name: orders, pattern: 'ORD-[0-9]+', action: replace, replacement: '[order]'}]", Cancel);
        await WaybillServer.Until("the file is in force", async () => (await Get(server, "/api/redaction/rules")).GetProperty("rules").GetArrayLength() == 1);
        await server.Post("/v1/logs", Requests.Logs(Requests.Log(Requests.NewTraceId(), "done ORD-1234")).ToProtobuf());

        await File.WriteAllTextAsync(file, "rules: [{name: orders, action: nothing}]", Cancel);
        await WaybillServer.Until("its errors are shown", async () => (await Get(server, "/api/redaction/rules")).GetProperty("errors").GetArrayLength() > 0);
        await server.Post("/v1/logs", Requests.Logs(Requests.Log(Requests.NewTraceId(), "still ORD-5678")).ToProtobuf());
        await server.Stored();

        string[] bodies = [.. (await server.Rows("SELECT body FROM logs ORDER BY time")).Select(row => row.GetProperty("body").GetString()!)];
        Assert.Matches(@"^mail \[email:[0-9a-f]{16}\] and \[email:[0-9a-f]{16}\]$", bodies[0]);
        Assert.Equal(["done [order]", "still [order]"], bodies[1..]);
        string[] counts = await Counts(server);
        Assert.Equal(["email hash default 2 xxx@xxxxxxx.xxx", "pattern replace orders 2 XXX-9999"], counts);

        // With the errors in it the server refuses to start; with the first version it hashes as before.
        server.Terminate();
        Assert.Equal(0, await server.Ended());
        server.Launch();
        Assert.Equal(1, await server.Ended());
        Assert.Contains("rules[0].action", server.Log);
        File.Delete(file);
        await server.StartAgain();
        await server.Post("/v1/logs", Requests.Logs(Requests.Log(Requests.NewTraceId(), "ada@example.com")).ToProtobuf());
        await server.Stored();
        string last = (await server.Rows("SELECT body FROM logs ORDER BY time DESC LIMIT 1"))[0].GetProperty("body").GetString()!;
        Assert.Contains(last, bodies[0]);
        Assert.Equal(3, (await Get(server, "/api/redaction/findings?detector=email")).GetProperty("total").GetInt64());
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.Data, "redaction.key")));
    }

    private static async Task<string[]> Counts(WaybillServer server) => [.. (await Get(server, "/api/redaction/findings")).GetProperty("findings").EnumerateArray().Select(finding =>
        $"{finding.GetProperty("detector")} {finding.GetProperty("action")} {finding.GetProperty("rule")} {finding.GetProperty("count")} {finding.GetProperty("examples")[0]}").Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Rules_can_be_tried_on_texts_and_on_what_is_stored()
    {
        await using var server = await WaybillServer.Start();
        await server.Post("/v1/logs", Requests.Logs(Requests.Log(Requests.NewTraceId(), "customer C-123456 called"), Requests.Log(Requests.NewTraceId(), "nothing")).ToProtobuf());
        await server.Stored();

        var (status, tested) = await Post(server, "/api/redaction/test", new StringContent("""{"texts":["pay 4111 1111 1111 1111","x"],"signal":"logs"}""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("pay **** **** **** 1111", tested.GetProperty("results")[0].GetProperty("text").GetString());
        Assert.Equal("9999 9999 9999 9999", tested.GetProperty("results")[0].GetProperty("findings")[0].GetProperty("example").GetString());
        Assert.Equal(0, tested.GetProperty("results")[1].GetProperty("findings").GetArrayLength());

        const string Rules = "rules:\n  - {name: customers, pattern: 'C-[0-9]{6}', action: hash}";
        (status, var dry) = await Post(server, "/api/redaction/dry-run?since=1h", new StringContent(Rules, Encoding.UTF8, "application/yaml"));
        Assert.Equal(HttpStatusCode.OK, status);
        var finding = Assert.Single(dry.GetProperty("findings").EnumerateArray());
        Assert.Equal(("logs", "log.body", "customers", "X-999999", 1), (finding.GetProperty("table").GetString(), finding.GetProperty("carrier").GetString(), finding.GetProperty("rule").GetString(),
            finding.GetProperty("examples")[0].GetString(), finding.GetProperty("count").GetInt32()));
        Assert.Equal("customer C-123456 called", (await server.Rows("SELECT body FROM logs WHERE body LIKE 'customer%'"))[0].GetProperty("body").GetString());

        (status, var problem) = await Post(server, "/api/redaction/dry-run", new StringContent("rules: [{name: a, action: b}]", Encoding.UTF8, "application/yaml"));
        Assert.Equal((HttpStatusCode.BadRequest, "rules"), (status, problem.GetProperty("parameter").GetString()));
        Assert.StartsWith("line 1, rules[0].action: 'b' is no action here", problem.GetProperty("message").GetString());
        (status, problem) = await Post(server, "/api/redaction/test", new StringContent("{\"texts\":[\"hunter2", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.DoesNotContain("hunter2", problem.GetRawText());
    }
}
