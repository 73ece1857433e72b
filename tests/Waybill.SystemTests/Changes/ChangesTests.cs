using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waybill.Processes;

namespace Waybill.Changes;

/// <summary>Changes, owners, flags and exceptions of one real server, from the request to the API.</summary>
public sealed class ChangesTests(ChangesTests.Server shared) : IClassFixture<ChangesTests.Server>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>One server for all tests; each uses services of its own.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly string _catalog = Path.GetTempFileName();

        internal WaybillServer Waybill { get; private set; } = null!;
        internal string Catalog => _catalog;

        public async ValueTask InitializeAsync()
        {
            WriteCatalog("team-a");
            Waybill = await WaybillServer.Start(new Dictionary<string, string>
            {
                ["WAYBILL_CHANGES__GITHUBSECRETS__0"] = "s3cret", ["WAYBILL_CHANGES__GITLABTOKENS__0"] = "gl-token", ["WAYBILL_CHANGES__INFEREVERYSECONDS"] = "1", ["WAYBILL_CATALOG__PATHS__0"] = _catalog, ["WAYBILL_CATALOG__RELOADSECONDS"] = "1",
            });
        }

        internal void WriteCatalog(string owner) => File.WriteAllText(_catalog, $$"""
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: { name: owned }
            spec: { type: service, lifecycle: production, owner: "{{owner}}" }
            """);

        public async ValueTask DisposeAsync()
        {
            await Waybill.DisposeAsync();
            File.Delete(_catalog);
        }
    }

    [Fact]
    public async Task A_change_can_be_read_about_a_second_after_it_was_acknowledged()
    {
        string id = await Report("""{"kind":"config","service":"soon","before":{"max":1},"after":{"max":2}}""");
        long acknowledged = Stopwatch.GetTimestamp();
        JsonElement change = await Change(id);
        Assert.True(Stopwatch.GetElapsedTime(acknowledged) < TimeSpan.FromSeconds(10));   // a second on a machine of its own
        Assert.Equal("max", change.GetProperty("diff")[0].GetProperty("path").GetString());
    }

    [Fact]
    public async Task Reports_of_one_name_are_one_change_whatever_their_order_and_number()
    {
        const string Begin = """{"id":"one-1","kind":"deployment","service":"one","version":"2","author":"alice","outcome":"running","started":"2026-01-02T10:00:00Z"}""";
        const string End = """{"id":"one-1","kind":"deployment","service":"one","outcome":"success","finished":"2026-01-02T10:05:00Z"}""";
        foreach (string report in new[] { End, Begin, Begin, End, Begin }) await Report(report);
        await shared.Waybill.Stored();
        JsonElement change = (await Get("/api/changes?service=one&since=2026-01-01T00:00:00Z&until=2026-01-03T00:00:00Z")).GetProperty("changes").EnumerateArray().Single();
        Assert.Equal(("success", "alice", "2", 5), (Text(change, "outcome"), Text(change, "author"), Text(change, "version"), change.GetProperty("reportCount").GetInt32()));
        Assert.Equal(300_000_000_000, long.Parse(Text(change, "finishedUnixNano")!) - long.Parse(Text(change, "startedUnixNano")!));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repetition()
    {
        await Report(new JsonArray([.. Enumerable.Range(0, 25).Select(i => (JsonNode)new JsonObject { ["kind"] = "config", ["service"] = "paged", ["time"] = $"2026-02-01T00:00:{i / 3:00}Z", ["summary"] = $"{i}" })]).ToJsonString());
        await shared.Waybill.Stored();
        var seen = new List<string>();
        string cursor = "";
        do
        {
            JsonElement page = await Get($"/api/changes?service=paged&since=2026-02-01T00:00:00Z&until=2026-02-02T00:00:00Z&limit=7&cursor={cursor}");
            seen.AddRange(page.GetProperty("changes").EnumerateArray().Select(change => Text(change, "summary")!));
            cursor = Text(page, "nextCursor") ?? "";
        }
        while (cursor.Length > 0);
        Assert.Equal(25, seen.Count);
        Assert.Equal(25, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_hook_with_a_wrong_signature_is_refused_and_one_with_a_right_one_is_taken_once()
    {
        const string Body = """{"deployment":{"id":7,"sha":"9f2c9f2c9f","environment":"prod","created_at":"2026-03-01T10:00:00Z","payload":{"service":"hooked"}},"repository":{"id":1,"full_name":"acme/shop"}}""";
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("/v1/changes/github", Body, ("X-GitHub-Event", "deployment"), ("X-Hub-Signature-256", "sha256=00"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("/v1/changes/github", Body, ("X-GitHub-Event", "deployment"))).Status);
        string signature = "sha256=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("s3cret"u8, Encoding.UTF8.GetBytes(Body)));
        for (int i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.OK, (await Post("/v1/changes/github", Body, ("X-GitHub-Event", "deployment"), ("X-Hub-Signature-256", signature))).Status);
        await shared.Waybill.Stored();
        Assert.Single((await Get("/api/changes?service=hooked&since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z")).GetProperty("changes").EnumerateArray());
        Assert.DoesNotContain("s3cret", shared.Waybill.Log);
    }

    [Fact]
    public async Task A_hook_of_GitLab_with_a_wrong_token_is_refused_and_its_begin_end_and_repeats_are_one_change()
    {
        const string Body = """{"object_kind":"deployment","status":"running","status_changed_at":"2026-03-02 10:00:00 +0000","deployment_id":15,"environment":"staging","project":{"id":30,"path_with_namespace":"acme/hooked-by-gitlab","web_url":"https://gitlab.example/acme/shop"},"short_sha":"279484c0","user":{"username":"root"},"ref":"1.0.0"}""";
        string ended = Body.Replace("running", "success", StringComparison.Ordinal).Replace("10:00:00", "10:02:00", StringComparison.Ordinal);
        foreach (var headers in ((string, string)[][])[[], [("X-Gitlab-Token", "gl-toke")], [("X-Gitlab-Token", "gl-token2")]]) Assert.Equal(HttpStatusCode.Unauthorized, (await Post("/v1/changes/gitlab", Body, headers)).Status);
        foreach (string body in (string[])[Body, Body, ended, ended]) Assert.Equal(HttpStatusCode.OK, (await Post("/v1/changes/gitlab", body, ("X-Gitlab-Token", "gl-token"))).Status);
        await shared.Waybill.Stored();
        JsonElement change = Assert.Single((await Get("/api/changes?service=hooked-by-gitlab&since=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z")).GetProperty("changes").EnumerateArray());
        Assert.Equal(("success", "1.0.0", "root"), (Text(change, "outcome"), Text(change, "version"), Text(change, "author")));
        Assert.DoesNotContain("gl-token", shared.Waybill.Log);
    }

    [Fact]
    public async Task CDEvents_of_every_subject_in_both_versions_are_taken_in_all_modes_and_shown_once()
    {
        string[] predicates =
        [
            "service.deployed", "service.upgraded", "service.rolledback", "service.published", "service.removed", "environment.created", "environment.modified", "environment.deleted", "pipelinerun.queued", "pipelinerun.started",
            "pipelinerun.finished", "taskrun.started", "taskrun.finished", "build.queued", "build.started", "build.finished", "testcaserun.queued", "testcaserun.started", "testcaserun.finished", "testcaserun.skipped", "testsuiterun.queued",
            "testsuiterun.started", "testsuiterun.finished", "testoutput.published", "change.created", "change.updated", "change.reviewed", "change.merged", "change.abandoned", "branch.created", "branch.deleted", "repository.created",
            "repository.modified", "repository.deleted", "artifact.packaged", "artifact.signed", "artifact.published", "artifact.downloaded", "artifact.deleted", "incident.detected", "incident.reported", "incident.resolved",
            "ticket.created", "ticket.updated", "ticket.closed",
        ];
        var batch = new JsonArray();
        foreach (string predicate in predicates)
            foreach (bool old in (bool[])[true, false])
            {
                string type = $"dev.cdevents.{predicate}.{(old ? "0.2.0" : "0.3.0")}", id = $"{predicate}-{old}";
                var subject = new JsonObject { ["id"] = $"every/{id}", ["content"] = new JsonObject { ["environment"] = new JsonObject { ["id"] = "prod" }, ["artifactId"] = "pkg:oci/orders@sha256%3Aabc?tag=1.4.1", ["outcome"] = "success" } };
                if (old) subject["type"] = predicate[..predicate.IndexOf('.', StringComparison.Ordinal)];
                var data = new JsonObject { ["context"] = new JsonObject { [old ? "version" : "specversion"] = old ? "0.4.1" : "0.5.0", ["id"] = id, ["source"] = "/every", ["type"] = type, ["timestamp"] = "2026-04-01T10:00:00Z" }, ["subject"] = subject };
                var structured = new JsonObject { ["specversion"] = "1.0", ["id"] = id, ["source"] = "/every", ["type"] = type, ["datacontenttype"] = "application/json", ["data"] = data.DeepClone() };
                var (status, body) = await Post("/v1/cdevents", data.ToJsonString(), ("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", "/every"), ("ce-type", type));
                Assert.True(status == HttpStatusCode.OK, $"{type}: {body}");
                await PostEvents(structured, "application/cloudevents+json");
                batch.Add(structured.DeepClone());
            }
        await PostEvents(batch, "application/cloudevents-batch+json");
        await shared.Waybill.Stored();
        var shown = (await Get("/api/changes?since=2026-04-01T00:00:00Z&until=2026-04-02T00:00:00Z&limit=500")).GetProperty("changes").EnumerateArray().ToList();
        Assert.Equal(predicates.SelectMany(predicate => (string[])[$"dev.cdevents.{predicate}.0.2.0", $"dev.cdevents.{predicate}.0.3.0"]).Order(StringComparer.Ordinal), shown.Select(change => Text(change, "type")!).Order(StringComparer.Ordinal));
        Assert.All(shown, change => Assert.Equal(3, change.GetProperty("reportCount").GetInt32()));

        async Task PostEvents(JsonNode events, string type)
        {
            using var content = new StringContent(events.ToJsonString(), Encoding.UTF8, type);
            using var answer = await shared.Waybill.At.Otlp.PostAsync("/v1/cdevents", content, Cancel);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        }
    }

    [Fact]
    public async Task Wrong_requests_are_refused_with_the_field_and_questions_with_the_parameter()
    {
        var (status, body) = await Post("/v1/changes", """[{"kind":"config","service":"a"},{"kind":"x"}]""");
        Assert.Equal((HttpStatusCode.BadRequest, true), (status, body.Contains("changes[1].kind", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Post("/v1/changes", new string(' ', 2 << 20))).Status);
        foreach (string query in (string[])["kind=x", "limit=0", "cursor=x", "commit=abc", "inferred=1", "since=x"])
        {
            using var answer = await shared.Waybill.At.Api.GetAsync($"/api/changes?{query}", Cancel);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains($"\"{query[..query.IndexOf('=', StringComparison.Ordinal)]}\"", await answer.Content.ReadAsStringAsync(Cancel));
        }
        using var asked = new HttpRequestMessage(HttpMethod.Options, "/v1/cdevents") { Headers = { { "WebHook-Request-Origin", "ci.example" } } };
        using var allowed = await shared.Waybill.At.Otlp.SendAsync(asked, Cancel);
        Assert.Equal(("ci.example", HttpStatusCode.OK), (allowed.Headers.GetValues("WebHook-Allowed-Origin").Single(), allowed.StatusCode));
    }

    [Fact]
    public async Task A_new_version_is_inferred_and_gives_way_to_its_report()
    {
        // Seen two hours ago: releases that begin together are no deployment of one after the other.
        await shared.Waybill.Engine.Execute("""
            INSERT INTO resources SELECT 'default', 'inferred', toUInt64(1), map('s:service.name', 'inferred', 's:service.version', '1.0', 's:service.instance.id', 'i-1'), '', 0, now() - 7200, now() - 60
            """, cancel: Cancel);
        await Spans("inferred", "1.1", "i-2");
        await WaybillServer.Until("the deployment is inferred", async () => (await Changes("inferred")).Any(change => Text(change, "kind") == "deployment"));
        JsonElement deployment = (await Changes("inferred")).Single(change => Text(change, "kind") == "deployment");
        Assert.Equal(("1.1", "1.0", "inferred"), (Text(deployment, "version"), Text(deployment, "previousVersion"), Text(deployment, "source")));
        Assert.Contains("i-2", deployment.GetProperty("evidence")[0].GetString());

        await Report("""{"id":"r","kind":"deployment","service":"inferred","version":"1.1"}""");
        await WaybillServer.Until("the report takes its place", async () => (await Changes("inferred")).Count(change => Text(change, "kind") == "deployment") == 1
            && (await Changes("inferred")).Any(change => Text(change, "key") == "r"));
    }

    [Fact]
    public async Task An_event_of_Kubernetes_is_a_change_of_the_service_whose_pod_it_names()
    {
        await Spans("clustered", "1.0", "clustered-1");
        // As the collector's receiver k8s_events writes it, twice: the event repeats.
        long now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        for (int i = 0; i < 2; i++)
        {
            var (status, body) = await Post("/v1/logs", $$"""
                {"resourceLogs":[{"resource":{"attributes":[{"key":"k8s.node.name","value":{"stringValue":"node-1"} },{"key":"k8s.object.kind","value":{"stringValue":"Pod"} },{"key":"k8s.object.name","value":{"stringValue":"clustered-7d4b9c6f5-aaaaa"} }]},
                  "scopeLogs":[{"logRecords":[{"timeUnixNano":"{{now + i * 1_000_000_000L}}","severityNumber":13,"body":{"stringValue":"Memory cgroup out of memory"},
                    "attributes":[{"key":"k8s.event.reason","value":{"stringValue":"OOMKilling"} },{"key":"k8s.event.uid","value":{"stringValue":"e1b2"} },{"key":"k8s.namespace.name","value":{"stringValue":"shop"} },{"key":"k8s.event.count","value":{"intValue":"{{i + 1}}"} }]}]}]}]}
                """);
            Assert.True(status == HttpStatusCode.OK, body);
        }
        await WaybillServer.Until("the event is a change", async () => (await Changes("clustered")).Any(change => Text(change, "type") == "OOMKilling"));
        JsonElement killed = Assert.Single(await Changes("clustered"), change => Text(change, "type") == "OOMKilling");
        Assert.Equal(("infrastructure", "failure", "Pod clustered-7d4b9c6f5-aaaaa: OOMKilling, Memory cgroup out of memory", $"{now}"), (Text(killed, "kind"), Text(killed, "outcome"), Text(killed, "summary"), Text(killed, "startedUnixNano")));
    }

    [Fact]
    public async Task Exceptions_are_grouped_and_named_with_the_change_since_which_they_are_there()
    {
        await Report("""{"id":"bad","kind":"deployment","service":"failing","version":"2.0"}""");
        await Spans("failing", "2.0", "i-1", exceptions: 3, flag: "pricing");
        await shared.Waybill.Stored();
        JsonElement group = (await Get("/api/exceptions?service=failing")).GetProperty("groups").EnumerateArray().Single();
        Assert.Equal(("System.DivideByZeroException", "Shop.Pricing.Spread"), (Text(group, "type"), Text(group, "culprit")));
        Assert.Equal((3, true, "bad"), (group.GetProperty("weightedCount").GetDouble(), group.GetProperty("isNew").GetBoolean(), Text(group.GetProperty("newSince"), "key")));
        Assert.Equal("2.0", Text(group.GetProperty("versions")[0], "version"));
        Assert.Equal(("pricing", "on", 3), (Text(group.GetProperty("flags")[0], "key"), Text(group.GetProperty("flags")[0], "value"), group.GetProperty("flags")[0].GetProperty("traceCount").GetInt32()));

        JsonElement one = await Get($"/api/exceptions/{Text(group, "group")}");
        Assert.Equal(3, one.GetProperty("traces").GetArrayLength());
        Assert.Contains("Pricing.cs:line", Text(one, "stack"));
        string trace = Text(one.GetProperty("traces")[0], "traceId")!;
        JsonElement flag = (await Get($"/api/traces/{trace}/flags")).GetProperty("flags").EnumerateArray().Single();
        Assert.Equal(("on", 1, 1), (Text(flag, "value"), flag.GetProperty("inheritingSpanCount").GetInt32(), flag.GetProperty("inheritingErrorCount").GetInt32()));
    }

    [Fact]
    public async Task The_catalog_follows_its_file_and_keeps_what_was_good()
    {
        await Spans("owned", "1", "i-1");
        await Spans("stray", "1", "i-1");
        await WaybillServer.Until("both were seen", async () => (await Get("/api/catalog")).GetProperty("services").EnumerateArray().Count(service => Text(service, "service") is "owned" or "stray" && service.GetProperty("seen").GetBoolean()) == 2);
        Assert.Equal("unowned", Text(await Get("/api/catalog/stray"), "owner"));
        Assert.Equal("group:default/team-a", Text(await Get("/api/catalog/owned"), "owner"));

        shared.WriteCatalog("team-b-2");
        await WaybillServer.Until("the file was read again", async () => Text(await Get("/api/catalog/owned"), "owner") == "group:default/team-b-2");
        shared.WriteCatalog("not an owner");
        await WaybillServer.Until("the error is shown", async () => (await Get("/api/catalog")).GetProperty("problems").GetArrayLength() == 1);
        Assert.Equal("group:default/team-b-2", Text(await Get("/api/catalog/owned"), "owner"));
    }

    private async Task<(HttpStatusCode Status, string Body)> Post(string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var answer = await shared.Waybill.At.Otlp.SendAsync(request, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<string> Report(string json)
    {
        var (status, body) = await Post("/v1/changes", json);
        Assert.True(status == HttpStatusCode.OK, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("accepted")[0].GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> Change(string id)
    {
        JsonElement? change = null;
        await WaybillServer.Until("the change can be read", async () =>
        {
            using var answer = await shared.Waybill.At.Api.GetAsync($"/api/changes/{id}", Cancel);
            if (answer.StatusCode != HttpStatusCode.OK) return false;
            change = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
            return true;
        });
        return change!.Value;
    }

    private async Task<JsonElement> Get(string path)
    {
        using var answer = await shared.Waybill.At.Api.GetAsync(path, Cancel);
        string body = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path} {(int)answer.StatusCode}: {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    private async Task<List<JsonElement>> Changes(string service) => [.. (await Get($"/api/changes?service={service}&since=1h")).GetProperty("changes").EnumerateArray()];

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.ToString() : null;

    /// <summary>Traces of two spans, the second failing when there are exceptions; the first asks the flag.</summary>
    private async Task Spans(string service, string version, string instance, int exceptions = 0, string? flag = null)
    {
        long now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        JsonObject Attribute(string key, string value) => new() { ["key"] = key, ["value"] = new JsonObject { ["stringValue"] = value } };
        JsonObject Event(string name, params JsonNode[] attributes) => new() { ["timeUnixNano"] = $"{now}", ["name"] = name, ["attributes"] = new JsonArray(attributes) };
        var spans = new JsonArray();
        for (int i = 0; i < Math.Max(1, exceptions); i++)
        {
            string trace = Guid.NewGuid().ToString("N");
            JsonObject Span(string id, string? parent, JsonArray events, int status) => new()
            {
                ["traceId"] = trace, ["spanId"] = id, ["parentSpanId"] = parent, ["name"] = "GET /", ["kind"] = 2, ["startTimeUnixNano"] = $"{now}", ["endTimeUnixNano"] = $"{now + 1_000_000}",
                ["events"] = events, ["status"] = new JsonObject { ["code"] = status },
            };
            spans.Add(Span("00000000000000a1", null, flag is null ? [] : [Event("feature_flag.evaluation", Attribute("feature_flag.key", flag), Attribute("feature_flag.result.variant", "on"))], 0));
            spans.Add(Span("00000000000000a2", "00000000000000a1", exceptions == 0 ? [] : [Event("exception", Attribute("exception.type", "System.DivideByZeroException"), Attribute("exception.message", $"Order {i}"),
                Attribute("exception.stacktrace", $"System.DivideByZeroException\n   at Shop.Pricing.Spread(List`1 lines) in /src/Pricing.cs:line {i}\n   at Shop.Orders.Place()"))], exceptions == 0 ? 0 : 2));
        }
        var request = new JsonObject
        {
            ["resourceSpans"] = new JsonArray(new JsonObject
            {
                ["resource"] = new JsonObject { ["attributes"] = new JsonArray(Attribute("service.name", service), Attribute("service.version", version), Attribute("service.instance.id", instance)) },
                ["scopeSpans"] = new JsonArray(new JsonObject { ["spans"] = spans }),
            }),
        };
        var (status, body) = await Post("/v1/traces", request.ToJsonString());
        Assert.True(status == HttpStatusCode.OK, body);
    }
}
