using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Graph;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.Web;

/// <summary>What the server answers is what <c>api/openapi.json</c> says: every GET endpoint is asked on real data, and its answer held against its schema.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class AnswersTests(ITestOutputHelper output)
{
    private const string Span = "00000000000000a1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_is_as_the_document_says()
    {
        await using var server = await WaybillServer.Start();
        JsonElement document = await Json(server, "/api/openapi.json");
        var schema = new JsonSchema(document);
        SentTrace trace = await Fill(server);
        IReadOnlyDictionary<string, string[]> questions = await Questions(server, trace);

        List<string> mistakes = [.. questions.Keys.Where(path => !document.GetProperty("paths").TryGetProperty(path, out _)).Select(path => $"{path} is asked here, and is not in the document.")];
        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject())
        {
            if (!path.Value.TryGetProperty("get", out JsonElement get)) continue;
            // What nobody wrote a question for is asked with something; a refusal has a schema too.
            foreach (string address in questions.GetValueOrDefault(path.Name, [Guess(path.Name, trace)]))
                mistakes.AddRange(await Ask(server, address, get, schema, mustAnswer: questions.ContainsKey(path.Name)));
        }
        output.WriteLine($"Schemas no answer had: {string.Join(", ", document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(one => one.Name).Where(name => !schema.Seen.Contains(name)))}");
        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    private static async Task<IEnumerable<string>> Ask(WaybillServer server, string address, JsonElement get, JsonSchema schema, bool mustAnswer)
    {
        JsonElement responses = get.GetProperty("responses");
        if (responses.GetProperty("200").TryGetProperty("content", out JsonElement said) && said.EnumerateObject().First().Name == "text/event-stream") return [];
        using var answer = await server.At.Api.GetAsync(address, Cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        if (mustAnswer && !answer.IsSuccessStatusCode) return [$"GET {address}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(body)}"];
        string status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!responses.TryGetProperty(status, out JsonElement response) && !responses.TryGetProperty("default", out response)) return [$"GET {address}: {status} is not declared"];
        if (!response.TryGetProperty("content", out JsonElement content)) return [];
        JsonProperty expected = content.EnumerateObject().First();
        if (answer.Content.Headers.ContentType?.MediaType != expected.Name) return [$"GET {address}: {answer.Content.Headers.ContentType} instead of {expected.Name}"];
        if (expected.Name != "application/json") return [];
        using var json = JsonDocument.Parse(body);
        return schema.Check(json.RootElement, expected.Value.GetProperty("schema")).Distinct().Take(5).Select(mistake => $"GET {address}: {mistake}");
    }

    /// <summary>Services that call each other, a failure with its exception, a flag, logs, a change, an audit event, a secret, traces linked to each other, and what is refused.</summary>
    private static async Task<SentTrace> Fill(WaybillServer server)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(5);
        SentTrace trace = new(), effect = new();
        for (int i = 0; i < 30; i++)
        {
            SentTrace one = i == 0 ? trace : new SentTrace();
            string version = i % 2 == 0 ? "1.4.1" : "1.4.0";
            DateTimeOffset at = now - TimeSpan.FromSeconds(i);
            one.Span("shop", "POST /checkout", 2, Span, "", at, TimeSpan.FromMilliseconds(40 + i), failed: i % 4 == 0, version: "2.0",
                    attributes: [("order.id", $"ord-{i}"), ("http.request.method", "POST"), ("user.email", "jane.doe@example.com")])
                .Span("shop", "POST", 3, "00000000000000a2", Span, at, TimeSpan.FromMilliseconds(30), version: "2.0", attributes: [("server.address", "orders")])
                .Span("orders", "POST /orders", 2, "00000000000000a3", "00000000000000a2", at, TimeSpan.FromMilliseconds(20), failed: i % 4 == 0, version: version, exception: i % 4 == 0 ? "System.DivideByZeroException" : null,
                    links: [(effect.Id, "00000000000000b1")])
                .Span("orders", "INSERT orders", 3, "00000000000000a4", "00000000000000a3", at, TimeSpan.FromMilliseconds(5), version: version, attributes: [("db.system.name", "postgresql"), ("db.namespace", "orders")])
                .Span("orders", "send order.placed", 4, "00000000000000a5", "00000000000000a3", at, TimeSpan.FromMilliseconds(1), version: version, attributes: [("messaging.system", "kafka"), ("messaging.destination.name", "order.placed"), ("messaging.message.id", $"m-{i}")])
                .Span("orders", "late", 1, "00000000000000a6", "00000000000000ff", at, TimeSpan.FromMilliseconds(1), version: version, attributes: [("feature_flag.key", "express"), ("feature_flag.result.variant", "on")]);
            await one.Send(server);
        }
        await effect.Span("mail", "process order.placed", 5, "00000000000000b1", "", now, TimeSpan.FromMilliseconds(3), attributes: [("messaging.message.id", "m-0"), ("order.id", "ord-0")], links: [(trace.Id, "00000000000000a5")]).Send(server);
        await server.Post("/v1/logs", Requests.Logs([.. Enumerable.Range(0, 5).Select(i => Requests.Log(Convert.FromHexString(trace.Id), $"card declined {i} for jane.doe@example.com"))]).ToProtobuf());
        await server.Post("/v1/logs", Requests.Logs(Requests.Log(Convert.FromHexString(trace.Id), "evaluated").Add(10, "spanId", Wire.Id, Requests.SpanId(0xa1)).Add(12, "eventName", Wire.Text, "feature_flag.evaluation")
            .AddAll(6, "attributes", [Attribute("feature_flag.key", "express"), Attribute("feature_flag.result.variant", "on")])).ToProtobuf());
        using var change = await server.At.Otlp.PostAsJsonAsync("/v1/changes", new[] { new
        {
            kind = "deployment", service = "orders", version = "1.4.1", environment = "prod", started = (now - TimeSpan.FromSeconds(30)).ToString("O"), pipeline = new { name = "deploy" },
            before = new { replicas = 2, mode = "a" }, after = new { replicas = 3, extra = "b" }, links = new[] { new { url = "https://ci.example/7" } },
        } }, Cancel);
        Assert.True(change.IsSuccessStatusCode, await change.Content.ReadAsStringAsync(Cancel));
        await server.Post("/v1/metrics", Requests.Metrics(Requests.Gauge("queue.depth", 3)).ToProtobuf());
        // Numbers that JSON does not have.
        await server.Post("/v1/traces", Requests.Traces(Requests.Span(Requests.NewTraceId(), 1, 0, Requests.Now).AddAll(9, "attributes",
            [Number("endless", double.PositiveInfinity), Number("nan", double.NaN)])).ToProtobuf());
        // A request that is no OTLP, a span without an id, and one from long ago.
        using var refused = await server.At.Otlp.PostAsync("/v1/traces", new StringContent("{", System.Text.Encoding.UTF8, "application/json"), Cancel);
        using var rejected = await server.At.Otlp.PostAsync("/v1/traces", new StringContent("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"no id"}]}]}]}""", System.Text.Encoding.UTF8, "application/json"), Cancel);
        await server.Post("/v1/traces", Requests.Traces(Requests.Span(Requests.NewTraceId(), 1, 0, 1_000_000_000_000_000_000)).ToProtobuf());
        using var audit = await server.At.Otlp.PostAsJsonAsync("/v1/audit", new[] { new { act = "invoice.delete", subject = "invoice/42", actor = "alice", traceId = trace.Id } }, Cancel);
        Assert.True(audit.IsSuccessStatusCode, await audit.Content.ReadAsStringAsync(Cancel));
        await server.Stored();
        await WaybillServer.Until("the map is made", async () =>
        {
            await Task.Delay(200, Cancel);
            return (await Json(server, "/api/map")).GetProperty("edges").GetArrayLength() > 0;
        });
        return trace;
    }

    private static Message Number(string key, double value) => new Message().Add(1, "key", Wire.Text, key).Add(2, "value", Wire.Message, new Message().Add(4, "doubleValue", Wire.Double, value));

    private static Message Attribute(string key, string value) => new Message().Add(1, "key", Wire.Text, key).Add(2, "value", Wire.Message, new Message().Add(1, "stringValue", Wire.Text, value));

    /// <summary>What each endpoint is asked, one way or several; a refusal of these is a mistake.</summary>
    private static async Task<IReadOnlyDictionary<string, string[]>> Questions(WaybillServer server, SentTrace trace)
    {
        string change = First(await Json(server, "/api/changes"), "changes", "id"), group = First(await Json(server, "/api/exceptions"), "groups", "group"), log = First(await Json(server, "/api/logs"), "logs", "id");
        string number = First(await Json(server, "/api/audit"), "entries", "number");
        return new Dictionary<string, string[]>
        {
            ["/api/attributes"] = ["/api/attributes", "/api/attributes?limit=1", "/api/attributes?scope=intrinsic"],
            ["/api/attributes/{scope}/{key}/values"] = ["/api/attributes/resource/service.name/values", "/api/attributes/intrinsic/status/values", $"/api/attributes/span/order.id/values?limit=2&q={Uri.EscapeDataString("{ status = error }")}"],
            ["/api/audit"] = ["/api/audit", "/api/audit?limit=1"],
            ["/api/audit/actors"] = ["/api/audit/actors"],
            ["/api/audit/actors/{actor}"] = ["/api/audit/actors/alice"],
            ["/api/audit/suspicions"] = ["/api/audit/suspicions"],
            ["/api/catalog"] = ["/api/catalog"],
            ["/api/catalog/{service}"] = ["/api/catalog/orders"],
            ["/api/causes"] = ["/api/causes", $"/api/causes?trace={trace.Id}"],
            ["/api/changes"] = ["/api/changes", "/api/changes?service=orders&limit=1"],
            ["/api/changes/{id}"] = [$"/api/changes/{change}"],
            ["/api/changes/effects"] = ["/api/changes/effects", "/api/changes/effects?service=orders&minutes=1"],
            ["/api/changes/{id}/effect"] = [$"/api/changes/{change}/effect"],
            ["/api/views"] = ["/api/views"],
            ["/api/compare"] = ["/api/compare", "/api/compare?service=orders&version=1.4.1&against=1.4.0"],
            ["/api/connect"] = ["/api/connect"],
            ["/api/exceptions"] = ["/api/exceptions", "/api/exceptions?new=true"],
            ["/api/exceptions/{group}"] = [$"/api/exceptions/{group}"],
            ["/api/graph/{id}"] = [$"/api/graph/{trace.Id}?expand=all", "/api/graph/ord-0", "/api/graph/order.id%3Dord-1?limit=2", $"/api/graph/{trace.Id}%3A{Span}"],
            ["/api/ledger"] = ["/api/ledger"],
            ["/api/ledger/entries/{number}/proof"] = [$"/api/ledger/entries/{number}/proof"],
            ["/api/logs"] = ["/api/logs", $"/api/logs?trace={trace.Id}&limit=1"],
            ["/api/logs/context"] = [$"/api/logs/context?id={log}"],
            ["/api/logs/histogram"] = ["/api/logs/histogram"],
            ["/api/lost-context"] = ["/api/lost-context"],
            ["/api/map"] = ["/api/map", "/api/map?service=orders"],
            ["/api/metrics"] = ["/api/metrics", "/api/metrics?limit=1"],
            ["/api/metrics/exemplars"] = ["/api/metrics/exemplars?metric=queue.depth"],
            ["/api/metrics/range"] = ["/api/metrics/range?metric=queue.depth"],
            ["/api/metrics/series"] = ["/api/metrics/series?metric=queue.depth"],
            ["/api/query"] = ["/api/query", $"/api/query?q={Uri.EscapeDataString("{ } | quantile_over_time(duration, .9) by (name)")}"],
            ["/api/query_range"] = ["/api/query_range", $"/api/query_range?q={Uri.EscapeDataString("{ } | rate() by (resource.service.name)")}&series=1",
                $"/api/query_range?q={Uri.EscapeDataString("{ } | max_over_time(span.endless) by (span.nan)")}", $"/api/query_range?q={Uri.EscapeDataString("{ } | histogram_over_time(span.nan)")}"],
            ["/api/redaction/findings"] = ["/api/redaction/findings"],
            ["/api/redaction/rules"] = ["/api/redaction/rules"],
            ["/api/redaction/score"] = ["/api/redaction/score"],
            ["/api/search"] = ["/api/search?limit=2", $"/api/search?q={Uri.EscapeDataString("{ status = error } | by(name) | select(span.order.id, duration) | count() > 0")}",
                $"/api/search?q={Uri.EscapeDataString("{ span.endless > 1 } | select(span.nan, span.endless)")}"],
            ["/api/services"] = ["/api/services"],
            ["/api/status"] = ["/api/status"],
            ["/api/traces"] = ["/api/traces", "/api/traces?limit=1&error=true"],
            ["/api/traces/{id}"] = [$"/api/traces/{trace.Id}", $"/api/traces/{trace.Id}?fields=skeleton", $"/api/traces/{trace.Id}?limit=2"],
            ["/api/traces/{id}/digest"] = [$"/api/traces/{trace.Id}/digest"],
            ["/api/traces/{id}/flags"] = [$"/api/traces/{trace.Id}/flags"],
            ["/api/verdict"] = ["/api/verdict?service=orders&version=1.4.1&against=1.4.0"],
            ["/api/why/{anything}"] = [$"/api/why/{trace.Id}?suspects=true", "/api/why/ord-0", "/api/why/orders", "/api/why/System.DivideByZeroException", $"/api/why/{change}", $"/api/why/{Guid.NewGuid():n}", "/api/why/no%20such%20thing"],
            ["/healthz"] = ["/healthz"], ["/readyz"] = ["/readyz"], ["/metrics"] = ["/metrics"], ["/ledger/checkpoint"] = ["/ledger/checkpoint"],
        };
    }

    private static string First(JsonElement listing, string items, string member) => listing.GetProperty(items).EnumerateArray().First().GetProperty(member).ToString();

    private static string Guess(string path, SentTrace trace) => System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]*\}", trace.Id);

    private static async Task<JsonElement> Json(WaybillServer server, string address)
    {
        using var answer = await server.At.Api.GetAsync(address, Cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET {address}: {System.Text.Encoding.UTF8.GetString(body)}");
        using var json = JsonDocument.Parse(body);
        return json.RootElement.Clone();
    }
}
