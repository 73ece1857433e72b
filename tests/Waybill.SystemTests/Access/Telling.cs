using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Waybill.Processes;

namespace Waybill.Access;

/// <summary>Sends one text in every place that telemetry, changes and audit events have for it, under ids that are the same for all who send.</summary>
internal static class Telling
{
    public const string Trace = "0af7651916cd43dd8448eb211c80319c", Linked = "0af7651916cd43dd8448eb211c80319d", Order = "ord-4711";
    public const string Span = "b7ad6b7169203331", Child = "b7ad6b7169203332";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="service">Of the sender; another's spans are children of it.</param>
    /// <param name="text">Told in every place.</param>
    /// <param name="key">The name of the attribute that holds it.</param>
    /// <param name="extra">More attributes, in every place.</param>
    public static async Task Send(WaybillServer server, string ingestKey, string service, string text, string key = "note", params (string Key, string Value)[] extra)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        object[] told = Attributes([(key, text), ("order.id", Order), ("feature_flag.key", $"flag {text}"), ("feature_flag.result.variant", text), .. extra]);
        object[] resource = Attributes([("service.name", service), ("service.version", text), ("deployment.environment.name", $"env {text}"), (key, text), .. extra]);
        object exception = new { timeUnixNano = Text(now), name = "exception", attributes = Attributes([("exception.type", $"Failed.{text}"), ("exception.message", text), ("exception.stacktrace", $"Failed: {text}\n\tat com.acme.Cart.add(Cart.java:17)"), (key, text), .. extra]) };
        object One(string id, string parent, int kind, object[] own) => new
        {
            traceId = Trace, spanId = id, parentSpanId = parent, name = $"op {text}", kind, startTimeUnixNano = Text(now), endTimeUnixNano = Text(now + 5_000_000), attributes = (object[])[.. told, .. own],
            events = new[] { exception }, links = new[] { new { traceId = Linked, spanId = Child, attributes = told } }, status = new { code = 2, message = text },
        };
        await Post(server, ingestKey, "/v1/traces", new
        {
            resourceSpans = new[] { new { resource = new { attributes = resource }, scopeSpans = new[] { new { scope = new { name = $"lib {text}", attributes = told },
                spans = new[] { One(Span, "", 2, []), One(Child, Span, 3, Attributes(("server.address", $"peer {text}"), ("db.system.name", "postgresql"))) } } } } },
        });
        await Post(server, ingestKey, "/v1/logs", new
        {
            resourceLogs = new[] { new { resource = new { attributes = resource }, scopeLogs = new[] { new { logRecords = new[]
            {
                new { timeUnixNano = Text(now), traceId = Trace, spanId = Span, severityNumber = 17, body = new { stringValue = $"said {text}" }, attributes = told },
            } } } } },
        });
        await Post(server, ingestKey, "/v1/metrics", new
        {
            resourceMetrics = new[] { new { resource = new { attributes = resource }, scopeMetrics = new[] { new { metrics = new[] { new { name = "told.depth", description = text, unit = "1", gauge = new { dataPoints = new[]
            {
                new { timeUnixNano = Text(now), asInt = "3", attributes = told, exemplars = new[] { new { timeUnixNano = Text(now), asInt = "3", traceId = Trace, spanId = Span, filteredAttributes = told } } },
            } } } } } } } },
        });
        await Post(server, ingestKey, "/v1/changes", new[] { new { kind = "deployment", service, version = text, summary = text, author = text, environment = $"env {text}", attributes = extra.Prepend((Key: key, Value: text)).ToDictionary(pair => pair.Key, pair => pair.Value) } });
        await Post(server, ingestKey, "/v1/audit", new[] { new { action = $"invoice.delete {text}", resource = $"invoice/{text}", actor = $"actor {text}", traceId = Trace } });
    }

    private static async Task Post(WaybillServer server, string ingestKey, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };
        request.Headers.Add("api-key", ingestKey);
        using HttpResponseMessage answer = await server.At.Otlp.SendAsync(request, Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
    }

    private static object[] Attributes(params (string Key, string Value)[] pairs) => [.. pairs.Select(pair => new { key = pair.Key, value = new { stringValue = pair.Value } })];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Questions to every reading endpoint of every API. Streams are not among them.</summary>
    /// <param name="service">A service to ask about.</param>
    /// <param name="ids">Ids to ask for besides: of changes, groups of exceptions, log records; entries of the ledger.</param>
    public static IReadOnlyList<string> Questions(string service, params IEnumerable<(string Kind, string Id)> ids)
    {
        string all = Uri.EscapeDataString("{}"), of = Uri.EscapeDataString(service);
        string Q(string query) => Uri.EscapeDataString(query);
        return
        [
            "/api/access/review", "/api/access/roles", "/api/access/tokens", "/api/access/users", "/api/attributes", "/api/attributes/resource/service.name/values", "/api/attributes/resource/service.version/values",
            "/api/attributes/span/note/values", $"/api/attributes/span/note/values?q={Q("{ status = error }")}", "/api/attributes/intrinsic/name/values", "/api/audit", "/api/audit/actors", "/api/audit/suspicions",
            "/api/audit/export?format=ocsf&from=0", "/api/audit/export?format=cef&from=0", $"/api/audit?trace={Trace}", "/api/catalog", $"/api/catalog/{of}", "/api/causes", $"/api/causes?trace={Trace}", $"/api/causes?service={of}",
            "/api/changes", $"/api/changes?service={of}", "/api/compare", $"/api/compare?service={of}", $"/api/compare?q={Q("{ status = error }")}", "/api/connect", "/api/exceptions", $"/api/graph/{Trace}?expand=all", $"/api/graph/{Order}",
            $"/api/graph/order.id%3D{Order}", $"/api/graph/{Trace}%3A{Span}", "/api/ledger", "/api/logs", "/api/logs?text=said", $"/api/logs?trace={Trace}", "/api/logs/histogram", "/api/lost-context", "/api/map", $"/api/map?service={of}", "/api/metrics",
            "/api/metrics/exemplars?metric=told.depth", "/api/metrics/range?metric=told.depth", "/api/metrics/range?metric=told.depth&by=service", "/api/metrics/series?metric=told.depth", "/api/quarantine",
            $"/api/query?q={Q("{} | rate() by (resource.service.name, name)")}", $"/api/query_range?q={Q("{} | rate() by (.order.id, name)")}", $"/api/query_range?q={Q("{} | count_over_time() by (resource.service.version)")}",
            $"/api/query_range?q={Q("{} | compare({ status = error })")}", "/api/redaction/erasures", "/api/redaction/findings", "/api/redaction/rules", "/api/redaction/score", $"/api/search?q={all}&spans=10",
            $"/api/search?q={Q("{ status = error } | select(span.order.id, resource.service.version, statusMessage, event:name)")}", $"/api/search?q={Q("{ kind = server } >> { kind = client }")}", "/api/services", "/api/session", "/api/status", "/api/traces",
            "/api/traces?error=true", $"/api/traces/{Trace}", $"/api/traces/{Trace}?fields=skeleton", $"/api/traces/{Trace}/digest", $"/api/traces/{Trace}/flags", $"/api/traces/{Linked}", $"/api/verdict?service={of}&version=1", $"/api/why/{Trace}?suspects=true",
            $"/api/why/{Order}", $"/api/why/{of}", "/api/openapi.json", "/metrics", "/healthz", "/readyz", "/ledger/checkpoint", "/witness/key",
            $"/tempo/api/traces/{Trace}", $"/tempo/api/v2/traces/{Trace}", "/tempo/api/search", $"/tempo/api/search?q={all}", $"/tempo/api/search?tags=order.id%3D{Order}", "/tempo/api/search/tags", "/tempo/api/v2/search/tags", "/tempo/api/search/tag/service.name/values",
            "/tempo/api/v2/search/tag/resource.service.name/values", "/tempo/api/v2/search/tag/span.note/values", "/tempo/api/v2/search/tag/name/values", $"/tempo/api/metrics/query_range?q={Q("{} | rate() by (resource.service.name)")}",
            $"/jaeger/api/traces/{Trace}", "/jaeger/api/services", $"/jaeger/api/services/{of}/operations", $"/jaeger/api/operations?service={of}", $"/jaeger/api/traces?service={of}", $"/jaeger/api/traces?service={of}&tags={Q("{\"order.id\":\"" + Order + "\"}")}",
            $"/jaeger/api/dependencies?endTs={TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}", "/jaeger/api/v3/services", $"/jaeger/api/v3/operations?service={of}", $"/jaeger/api/v3/traces/{Trace}",
            $"/jaeger/api/v3/traces?query.serviceName={of}&query.startTimeMin={Minutes(-60)}&query.startTimeMax={Minutes(60)}",
            .. ids.Select(id => id.Kind switch
            {
                "change" => $"/api/changes/{id.Id}",
                "group" => $"/api/exceptions/{id.Id}",
                "log" => $"/api/logs/context?id={id.Id}",
                "entry" => $"/api/ledger/entries/{id.Id}/proof",
                _ => $"/api/why/{id.Id}",
            }),
        ];
    }

    private static string Minutes(int fromNow) => Uri.EscapeDataString(TimeProvider.System.GetUtcNow().AddMinutes(fromNow).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));

    /// <summary>Ids that an identity's own listings show.</summary>
    public static async Task<List<(string Kind, string Id)>> Ids(WaybillServer server, string token)
    {
        var ids = new List<(string, string)>();
        foreach (var (kind, path, items, member) in (IEnumerable<(string, string, string, string)>)
                 [("change", "/api/changes", "changes", "id"), ("group", "/api/exceptions", "groups", "group"), ("log", "/api/logs", "logs", "id"), ("entry", "/api/audit", "entries", "number")])
        {
            var (status, body) = await Ask(server, token, path);
            Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {body}");
            using var json = JsonDocument.Parse(body);
            ids.AddRange(json.RootElement.GetProperty(items).EnumerateArray().Take(3).Select(item => (kind, item.GetProperty(member).ToString())));
        }
        return ids;
    }

    public static async Task<(HttpStatusCode Status, string Body)> Ask(WaybillServer server, string token, string path, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage answer = await (client ?? server.At.Api).SendAsync(request, Cancel);
        return (answer.StatusCode, Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(Cancel)));
    }

    /// <summary>Makes a token or key in the data directory of a server, as the command line does.</summary>
    public static string Token(WaybillServer server, Grant grant, bool key = false)
    {
        Secret text = TokenText.Make(key ? TokenText.KeyPrefix : TokenText.TokenPrefix);
        new AccountsFile(server.Data).Change(current => (current.With(new Token(Access.Token.NewId(key), "test", null, TokenText.Hash(text.Reveal()), grant, 0, null)), true));
        return text.Reveal();
    }

    /// <summary>Waits until everything acknowledged so far is in the tables.</summary>
    public static Task Stored(WaybillServer server, string token) => WaybillServer.Until("the spool is empty", async () =>
    {
        var (status, body) = await Ask(server, token, "/api/status");
        Assert.True(status == HttpStatusCode.OK, body);
        using var json = JsonDocument.Parse(body);
        JsonElement spool = json.RootElement.GetProperty("spool");
        return spool.GetProperty("segments").GetInt32() == 0 && spool.GetProperty("queueBytes").GetInt64() == 0;
    });

    public static async Task<bool> Knows(WaybillServer server, string token, string path, string text) => (await Ask(server, token, path)).Body.Contains(text, StringComparison.Ordinal);
}
