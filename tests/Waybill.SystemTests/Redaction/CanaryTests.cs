using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.Redaction;

/// <summary>
/// Secrets of forty kinds in every place that a text can stand in, sent by every protocol. None may be in any file of the data directory, in any table, in
/// the log or in an answer.
/// </summary>
public sealed class CanaryTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A telling text, and the part of it that must not survive.</summary>
    private sealed record Canary(string Kind, string Text, string Secret);

    private static List<Canary> Canaries()
    {
        // The first of each kind in the corpus whose own text, without a key, says what it is.
        var canaries = new List<Canary>();
        foreach (var text in LabelledCorpus.Make(perKind: 40, seed: 7).Where(text => text.IsSensitive && text.Key.Length == 0))
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text.Text);
            string secret = Encoding.UTF8.GetString(utf8.AsSpan(text.Start, text.Length));
            if (canaries.Count(canary => canary.Kind == text.Kind) < 2 && secret.Length >= 8 && !text.Text.Contains("example.com", StringComparison.OrdinalIgnoreCase)) canaries.Add(new Canary(text.Kind, text.Text, secret));
        }
        return canaries;
    }

    private static Message Text(string value) => new Message().Add(1, "stringValue", Wire.Text, value);

    private static Message Pair(string key, Message value) => new Message().Add(1, "key", Wire.Text, key).Add(2, "value", Wire.Message, value);

    /// <summary>The canary as every type of value, and in a key.</summary>
    private static Message[] Attributes(string canary) =>
    [
        Pair("note", Text(canary)),
        Pair($"key {canary}", Text("x")),
        Pair("raw", new Message().Add(7, "bytesValue", Wire.Bytes, Encoding.UTF8.GetBytes(canary))),
        Pair("list", new Message().Add(5, "arrayValue", Wire.Message, new Message().AddAll(1, "values", [Text("first"), Text(canary)]))),
        Pair("map", new Message().Add(6, "kvlistValue", Wire.Message, new Message().AddAll(1, "values",
            [Pair("inner", new Message().Add(6, "kvlistValue", Wire.Message, new Message().AddAll(1, "values", [Pair("deep", Text($"line\n\"{canary}\""))])))]))),
        Pair("exception.stacktrace", Text($"java.lang.IllegalStateException: {canary}\n\tat com.acme.Cart.add(Cart.java:17)\n\tat java.base/java.lang.Thread.run(Thread.java:840)")),
    ];

    private static Message Resource(string canary) => new Message().AddAll(1, "attributes", [Pair("service.name", Text("canary")), .. Attributes(canary)]);

    private static Message Scope(string canary) => new Message().Add(1, "name", Wire.Text, canary).Add(2, "version", Wire.Text, canary).AddAll(3, "attributes", Attributes(canary));

    private static Message Traces(string canary, ulong start) => new Message().AddAll(1, "resourceSpans", [new Message().Add(1, "resource", Wire.Message, Resource(canary)).Add(3, "schemaUrl", Wire.Text, canary)
        .AddAll(2, "scopeSpans", [new Message().Add(1, "scope", Wire.Message, Scope(canary)).Add(3, "schemaUrl", Wire.Text, canary).AddAll(2, "spans",
        [
            new Message().Add(1, "traceId", Wire.Id, Requests.NewTraceId()).Add(2, "spanId", Wire.Id, Requests.SpanId(7)).Add(3, "traceState", Wire.Text, $"v={canary}").Add(5, "name", Wire.Text, canary)
                .Add(6, "kind", Wire.Varint, 2UL).Add(7, "startTimeUnixNano", Wire.Fixed64, start).Add(8, "endTimeUnixNano", Wire.Fixed64, start + 1_000).AddAll(9, "attributes", Attributes(canary))
                .AddAll(11, "events", [new Message().Add(1, "timeUnixNano", Wire.Fixed64, start).Add(2, "name", Wire.Text, canary).AddAll(3, "attributes", Attributes(canary))])
                .AddAll(13, "links", [new Message().Add(1, "traceId", Wire.Id, Requests.NewTraceId()).Add(2, "spanId", Wire.Id, Requests.SpanId(8)).Add(3, "traceState", Wire.Text, $"v={canary}").AddAll(4, "attributes", Attributes(canary))])
                .Add(15, "status", Wire.Message, new Message().Add(2, "message", Wire.Text, canary).Add(3, "code", Wire.Varint, 2UL)),
        ])])]);

    private static Message Logs(string canary, ulong time) => new Message().AddAll(1, "resourceLogs", [new Message().Add(1, "resource", Wire.Message, Resource(canary))
        .AddAll(2, "scopeLogs", [new Message().Add(1, "scope", Wire.Message, Scope(canary)).AddAll(2, "logRecords",
        [
            new Message().Add(1, "timeUnixNano", Wire.Fixed64, time).Add(3, "severityText", Wire.Text, canary).Add(5, "body", Wire.Message, Text(canary)).AddAll(6, "attributes", Attributes(canary)).Add(12, "eventName", Wire.Text, canary),
            new Message().Add(1, "timeUnixNano", Wire.Fixed64, time).Add(5, "body", Wire.Message, new Message().Add(6, "kvlistValue", Wire.Message, new Message().AddAll(1, "values", Attributes(canary)))),
            new Message().Add(1, "timeUnixNano", Wire.Fixed64, time).Add(5, "body", Wire.Message, new Message().Add(7, "bytesValue", Wire.Bytes, Encoding.UTF8.GetBytes(canary))),
        ])])]);

    private static Message Metrics(string canary, ulong time) => new Message().AddAll(1, "resourceMetrics", [new Message().Add(1, "resource", Wire.Message, Resource(canary))
        .AddAll(2, "scopeMetrics", [new Message().Add(1, "scope", Wire.Message, Scope(canary)).AddAll(2, "metrics",
        [
            new Message().Add(1, "name", Wire.Text, canary).Add(2, "description", Wire.Text, canary).Add(3, "unit", Wire.Text, canary).AddAll(12, "metadata", Attributes(canary))
                .Add(5, "gauge", Wire.Message, new Message().AddAll(1, "dataPoints", [new Message().AddAll(7, "attributes", Attributes(canary)).Add(3, "timeUnixNano", Wire.Fixed64, time).Add(6, "asInt", Wire.SFixed64, 1L)
                    .AddAll(5, "exemplars", [new Message().AddAll(7, "filteredAttributes", Attributes(canary)).Add(2, "timeUnixNano", Wire.Fixed64, time).Add(6, "asInt", Wire.SFixed64, 1L)])])),
        ])])]);

    private static string Zipkin(string canary)
    {
        string quoted = JsonSerializer.Serialize(canary);
        ulong now = Requests.Now / 1_000;
        return $$"""[{"traceId":"{{Guid.NewGuid():N}}","id":"00000000000000aa","name":{{quoted}},"timestamp":{{now}},"duration":5,"localEndpoint":{"serviceName":{{quoted}}},"remoteEndpoint":{"serviceName":{{quoted}}},"tags":{"note":{{quoted}},{{quoted}}:"x","error":{{quoted}}},"annotations":[{"timestamp":{{now}},"value":{{quoted}}}]}]""";
    }

    private static Dictionary<string, object> Change(string canary) => new Dictionary<string, object>
    {
        ["id"] = $"own {canary}", ["kind"] = "config", ["type"] = canary, ["summary"] = canary, ["service"] = "canary", ["namespace"] = canary, ["instance"] = canary, ["zone"] = canary, ["subject"] = canary,
        ["environment"] = canary, ["version"] = canary, ["previousVersion"] = canary, ["commit"] = canary, ["previousCommit"] = canary, ["repository"] = canary, ["artifact"] = canary,
        ["pipeline"] = new { name = canary, run = canary, url = $"https://ci.test/{Uri.EscapeDataString(canary)}?note={canary}" }, ["author"] = canary,
        ["before"] = new { note = canary, list = new[] { canary } }, ["after"] = $"# config\nnote = {canary}\n",
        ["links"] = new[] { new { title = canary, url = "https://wiki.test/page" } }, ["traceId"] = canary, ["attributes"] = new Dictionary<string, string> { ["note"] = canary, [$"key {canary}"] = "x" }, [$"unknown {canary}"] = canary,
    };

    private static object CdEvent(string canary) => new
    {
        context = new { version = "0.4.1", id = $"event {canary}", source = "/canary", type = "dev.cdevents.service.deployed.0.2.0", timestamp = "2026-11-24T10:00:00Z" },
        subject = new { id = canary, source = "/canary", type = "service", content = new { environment = new { id = canary }, artifactId = canary } },
        customData = new { note = canary },
    };

    private static object CloudEvent(string canary) => new { specversion = "1.0", id = $"cloud {canary}", source = "/canary", type = "com.acme.thing", subject = canary, time = "2026-11-24T10:00:00Z", data = new { note = canary } };

    private static object GitHub(string canary) => new
    {
        deployment_status = new { id = 7, state = "success", description = canary, environment = canary, log_url = "https://ci.test/run", created_at = "2026-11-24T10:00:00Z", updated_at = "2026-11-24T10:00:00Z", creator = new { login = canary } },
        deployment = new { id = 7, sha = "0123456789abcdef0123456789abcdef01234567", @ref = canary, task = "deploy", environment = canary, description = canary, created_at = "2026-11-24T10:00:00Z", updated_at = "2026-11-24T10:00:00Z", creator = new { login = canary } },
        repository = new { full_name = "acme/canary", name = canary, html_url = "https://github.test/acme/canary" }, sender = new { login = canary },
    };

    private static object GitLab(string canary) => new
    {
        object_kind = "deployment", status = "success", status_changed_at = "2026-11-24 10:00:00 +0000", deployment_id = 7, environment = canary, short_sha = "0123abcd", @ref = canary, commit_title = canary,
        user = new { name = canary, username = canary, email = canary }, project = new { path_with_namespace = "acme/canary", name = canary, web_url = "https://gitlab.test/acme/canary" },
    };

    private static object ArgoCd(string canary) => new
    {
        trigger = "on-deployed", app = new
        {
            metadata = new { name = canary, @namespace = "argocd" }, spec = new { destination = new { @namespace = canary }, source = new { repoURL = "https://git.test/acme/canary" } },
            status = new { sync = new { revision = "0123456789abcdef0123456789abcdef01234567" }, operationState = new { phase = "Succeeded", message = canary, startedAt = "2026-11-24T10:00:00Z", finishedAt = "2026-11-24T10:00:00Z" }, health = new { status = "Healthy", message = canary } },
        },
    };

    private static object[] AuditEvents(string canary) =>
    [
        new { action = canary, resource = canary, actor = canary, address = canary, session = canary, detail = new Dictionary<string, object> { ["note"] = canary, [$"key {canary}"] = "x", ["list"] = new[] { canary } } },
        new { action = "note.read", resource = canary, actor = canary, about = $"person {canary}", detail = canary },
        new { class_uid = 6003, activity_id = 2, actor = new { user = new { name = canary, email_addr = canary } }, api = new { operation = canary }, src_endpoint = new { ip = canary }, message = canary, unmapped = new { note = canary } },
        new { action = 7, note = canary },
    ];

    [Fact]
    public async Task No_canary_is_in_any_file_table_log_or_answer()
    {
        await using var server = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_LOGGING__LOGLEVEL__DEFAULT"] = "Trace" });
        var canaries = Canaries();
        output.WriteLine($"{canaries.Count} canaries of {canaries.Select(canary => canary.Kind).Distinct().Count()} kinds");
        Assert.True(canaries.Select(canary => canary.Kind).Distinct().Count() >= 30);
        var random = new Random(1);
        foreach (var canary in canaries)
        {
            ulong now = Requests.Now;
            foreach (ulong time in (ulong[])[now, now - 40UL * 86_400_000_000_000])   // the second goes to quarantine
            {
                await Post(server, "/v1/traces", Traces(canary.Text, time).ToProtobuf(), "application/x-protobuf");
                await Post(server, "/v1/logs", Logs(canary.Text, time).ToProtobuf(), "application/x-protobuf");
                await Post(server, "/v1/metrics", Metrics(canary.Text, time).ToProtobuf(), "application/x-protobuf");
            }
            await Post(server, "/v1/traces", Traces(canary.Text, now).ToJson(random), "application/json");
            await Post(server, "/api/v2/spans", Encoding.UTF8.GetBytes(Zipkin(canary.Text)), "application/json");
            await PostJson(server, "/v1/changes", Change(canary.Text));
            await PostJson(server, "/v1/cdevents", CdEvent(canary.Text));
            await PostJson(server, "/v1/changes", CloudEvent(canary.Text));
            await PostJson(server, "/v1/changes/github", GitHub(canary.Text), "deployment_status");
            await PostJson(server, "/v1/changes/gitlab", GitLab(canary.Text), "Deployment Hook");
            await PostJson(server, "/v1/changes/argocd", ArgoCd(canary.Text));
            await PostJson(server, "/v1/changes", new Dictionary<string, object> { ["kind"] = $"no kind {canary.Text}", [canary.Text] = canary.Text });
            await PostJson(server, "/v1/audit", AuditEvents(canary.Text));
            // Refused, with the canary where an error text could quote it.
            await Post(server, "/v1/traces", Encoding.UTF8.GetBytes($$"""{"resourceSpans":[{"{{JsonEncodedText.Encode(canary.Text)}}":[{{canary.Text}}"""), "application/json");
        }

        // While the spool still holds them, and again when the engine has them.
        SearchFiles(server, canaries);
        await server.Stored();
        SearchFiles(server, canaries);
        await SearchTables(server, canaries);
        foreach (string path in (string[])["/api/status", "/metrics", "/api/redaction/findings", "/api/services", "/api/redaction/rules", "/api/changes?since=60d&limit=1000", "/api/audit?limit=1000"])
            Search(path, await server.At.Api.GetStringAsync(path, Cancel), canaries);
        Search("log", server.Log, canaries);

        using var score = await server.At.Api.PostAsync("/api/redaction/score", null, Cancel);
        string scored = await score.Content.ReadAsStringAsync(Cancel);
        using var document = JsonDocument.Parse(scored);
        Assert.True(document.RootElement.GetProperty("exposedItems").GetInt64() == 0, scored);
        Assert.True(document.RootElement.GetProperty("scannedItems").GetInt64() > canaries.Count * 5);

        await server.Stop();
        SearchFiles(server, canaries);
    }

    private static async Task Post(WaybillServer server, string path, byte[] body, string type)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await server.At.Otlp.PostAsync(path, content, Cancel);
        string said = await answer.Content.ReadAsStringAsync(Cancel);
        Search($"answer of {path}", said, Sent);
        if (!body.AsSpan().EndsWith("}"u8) && type == "application/json" && path == "/v1/traces") Assert.Equal(400, (int)answer.StatusCode);
    }

    private static async Task PostJson(WaybillServer server, string path, object body, string hookEvent = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(body is { } && path == "/v1/changes" && body.GetType().GetProperty("specversion") is not null ? "application/cloudevents+json" : "application/json");
        if (hookEvent.Length > 0) request.Headers.Add(path.EndsWith("github", StringComparison.Ordinal) ? "X-GitHub-Event" : "X-Gitlab-Event", hookEvent);
        using var answer = await server.At.Otlp.SendAsync(request, Cancel);
        Search($"answer of {path}", await answer.Content.ReadAsStringAsync(Cancel), Sent);
    }

    private static readonly List<Canary> Sent = Canaries();

    private static void SearchFiles(WaybillServer server, List<Canary> canaries)
    {
        int files = 0;
        foreach (string path in Directory.EnumerateFiles(server.Directory, "*", SearchOption.AllDirectories))
        {
            byte[] bytes;
            try
            {
                bytes = File.ReadAllBytes(path);
            }
            catch (IOException)
            {
                continue;   // merged away, or a socket
            }
            files++;
            foreach (var canary in canaries)
                foreach (string spelling in Spellings(canary.Secret))
                    if (bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(spelling)) is >= 0 and var at)
                        Assert.Fail($"{canary.Kind} ({canary.Text}) is in {path}: {Encoding.UTF8.GetString(bytes.AsSpan(Math.Max(0, at - 200), Math.Min(bytes.Length - Math.Max(0, at - 200), 400)))}");
        }
        Assert.True(files > 3);
    }

    /// <summary>The engine compresses its files, so every column is read back too.</summary>
    private static async Task SearchTables(WaybillServer server, List<Canary> canaries)
    {
        foreach (var table in await server.Rows("SELECT name, total_rows FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"))
        {
            string name = table.GetProperty("name").GetString()!;
            bool hasStates = (await server.Rows($"SELECT count() AS n FROM system.columns WHERE database = currentDatabase() AND table = '{name}' AND type LIKE 'AggregateFunction%'"))[0].GetProperty("n").GetString() != "0";
            string columns = hasStates ? "* EXCEPT cardinality" : "*";
            var text = new StringBuilder();
            foreach (var row in await server.Rows($"SELECT {columns} FROM {name}")) text.Append(Unescaped(row)).Append('\n');
            Search($"table {name}", text.ToString(), canaries);
        }
    }

    private static string Unescaped(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => string.Join(' ', value.EnumerateObject().Select(member => $"{member.Name} {Unescaped(member.Value)}")),
        JsonValueKind.Array => string.Join(' ', value.EnumerateArray().Select(Unescaped)),
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static void Search(string where, string text, IEnumerable<Canary> canaries)
    {
        foreach (var canary in canaries)
            foreach (string spelling in Spellings(canary.Secret))
                Assert.False(text.Contains(spelling, StringComparison.Ordinal), $"{canary.Kind} ({canary.Text}) is in {where}: {Around(text, spelling)}");
    }

    private static string Around(string text, string spelling)
    {
        int at = text.IndexOf(spelling, StringComparison.Ordinal);
        return text[Math.Max(0, at - 200)..Math.Min(text.Length, at + spelling.Length + 100)];
    }

    /// <summary>As it was sent, and as base64 of bytes that begin with it.</summary>
    private static IEnumerable<string> Spellings(string secret)
    {
        yield return secret;
        string inJson = JsonEncodedText.Encode(secret, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
        if (inJson != secret) yield return inJson;
        yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=')[..^2];
    }
}
