using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Waybill.Commands;

namespace Waybill.Causes;

/// <summary>One server with twelve minutes of a small shop: frontend calls cart (two pods, no kinds, no statuses) and orders (two versions). In the first minute orders refuses one customer, in the second those for whom a flag is on; in the last one pod of cart is slow.</summary>
public sealed class IncidentServer : IAsyncLifetime
{
    public const int HealthySeconds = 660, BadSeconds = 60;
    private readonly ServedWaybill _server = new();

    public long SinceNano { get; private set; }

    /// <summary>Begin of the first minute.</summary>
    public long FirstNano => SinceNano - HealthySeconds * 1_000_000_000L;
    public string BadTrace { get; private set; } = "";
    public string Console => _server.Console;
    internal HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 30;
        SinceNano = (now - BadSeconds) * 1_000_000_000;
        for (int minute = 0; minute < (HealthySeconds + BadSeconds) / 60; minute++) await Post("v1/traces", Spans(now - HealthySeconds - BadSeconds + minute * 60, minute * 60));
        await Post("v1/metrics", Cpu(now - HealthySeconds - BadSeconds));
        long expected = (HealthySeconds + BadSeconds) * 10L * 4;
        await Processes.WaybillServer.Until("all spans can be read", async () =>
        {
            using var answer = await Http.GetAsync(new Uri($"{Console}/api/services"), TestContext.Current.CancellationToken);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return false;   // the store is still being opened
            using var services = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            return services.RootElement.GetProperty("services").EnumerateArray().Sum(s => s.GetProperty("spanCount").GetInt64()) >= expected;
        });
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
    }

    internal async Task<JsonElement> Get(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await Http.GetAsync(new Uri(Console + path), TestContext.Current.CancellationToken);
        string body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode}: {body}");
        using var json = JsonDocument.Parse(body);
        return json.RootElement.Clone();
    }

    private async Task Post(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        (await Http.PostAsync(new Uri($"{_server.OtlpHttp}/{path}"), content, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
    }

    private string Spans(long at, int second)
    {
        var groups = new Dictionary<string, StringBuilder>();
        for (int i = 0; i < 600; i++)
        {
            int n = second * 10 + i, pod = n % 2;
            bool bad = second + i / 10 >= HealthySeconds, canary = n % 4 == 0, acme = n % 5 == 0, flagged = n % 3 == 0, refused = (acme && second == 0) || (flagged && second == 60);
            long start = at * 1_000_000_000 + i * 100_000_000L;
            string trace = (n + 1).ToString("x32", CultureInfo.InvariantCulture);
            double jitter = 1 + n * 7919 % 100 / 200.0, cart = (bad && pod == 1 ? 120 : 12) * jitter, orders = (canary ? 30 : 10) * jitter;
            if (bad && pod == 1) BadTrace = trace;
            Add("frontend", "frontend-7d4b9c6f5-aaaaa", "", Span(trace, 1, 0, "GET /", start, 6 + cart + orders, refused, acme ? "acme" : $"customer-{n % 7}", second == 60 ? flagged ? "new" : "old" : ""));
            Add("frontend", "frontend-7d4b9c6f5-aaaaa", "", Span(trace, 2, 1, "call cart", start + 1_000_000, cart + 1));
            Add("cart", $"cart-5d8f7c9b6-{(pod == 0 ? "aaaaa" : "bbbbb")}", "", Span(trace, 3, 2, "GET /cart", start + 1_500_000, cart));
            Add("orders", canary ? "orders-2" : "orders-1", canary ? "1.4.1" : "1.4.0", Span(trace, 4, 1, "POST /orders", start + (long)((3 + cart) * 1e6), orders, refused));
        }
        return $"{{\"resourceSpans\":[{string.Join(',', groups.Select(g => $"{{{g.Key},\"scopeSpans\":[{{\"spans\":[{g.Value.ToString(1, g.Value.Length - 1)}]}}]}}"))}]}}";

        void Add(string service, string pod, string version, string span)
        {
            string key = $"\"resource\":{{\"attributes\":[{Text("service.name", service)},{Text("k8s.pod.name", pod)},{Text("service.version", version)}]}}";
            if (!groups.TryGetValue(key, out var spans)) groups[key] = spans = new StringBuilder();
            spans.Append(',').Append(span);
        }
    }

    private static string Span(string trace, int id, int parent, string name, long start, double ms, bool failed = false, string tenant = "", string flag = "") => string.Create(CultureInfo.InvariantCulture,
        $"{{\"traceId\":\"{trace}\",\"spanId\":\"{id:x16}\",{(parent == 0 ? "" : $"\"parentSpanId\":\"{parent:x16}\",")}\"name\":\"{name}\",\"startTimeUnixNano\":\"{start}\",\"endTimeUnixNano\":\"{start + (long)(ms * 1e6)}\"{(failed ? ",\"status\":{\"code\":2}" : "")}{(tenant.Length == 0 ? "" : $",\"attributes\":[{Text("tenant.id", tenant)}]")}{(flag.Length == 0 ? "" : $",\"events\":[{{\"timeUnixNano\":\"{start}\",\"name\":\"feature_flag.evaluation\",\"attributes\":[{Text("feature_flag.key", "pricing")},{Text("feature_flag.result.variant", flag)}]}}]")}}}");

    private static string Cpu(long at)
    {
        var pods = (string[])["frontend-7d4b9c6f5-aaaaa", "cart-5d8f7c9b6-aaaaa", "cart-5d8f7c9b6-bbbbb"];
        return $"{{\"resourceMetrics\":[{string.Join(',', pods.Select(pod => $"{{\"resource\":{{\"attributes\":[{Text("k8s.pod.name", pod)}]}},\"scopeMetrics\":[{{\"metrics\":[{{\"name\":\"k8s.pod.cpu.usage\",\"gauge\":{{\"dataPoints\":[{Points(pod)}]}}}}]}}]}}"))}]}}";

        string Points(string pod) => string.Join(',', Enumerable.Range(0, (HealthySeconds + BadSeconds) / 10).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{{\"timeUnixNano\":\"{(at + i * 10) * 1_000_000_000}\",\"asDouble\":{0.2 + i % 5 / 100.0 + (pod.EndsWith("bbbbb", StringComparison.Ordinal) && i * 10 >= HealthySeconds ? 0.7 : 0)}}}")));
    }

    private static string Text(string key, string value) => $"{{\"key\":\"{key}\",\"value\":{{\"stringValue\":\"{value}\"}}}}";
}

/// <summary>Why, what differs, and whether to go on, asked of a real server.</summary>
public sealed class CausesTests(IncidentServer server) : IClassFixture<IncidentServer>
{
    private const long Second = 1_000_000_000;

    private string Window => $"since={server.SinceNano}&until={server.SinceNano + IncidentServer.BadSeconds * 1_000_000_000L}";

    [Fact]
    public async Task The_slow_pod_is_named_first_with_evidence_from_spans_and_metrics()
    {
        JsonElement answer = await server.Get($"/api/causes?{Window}");
        JsonElement first = answer.GetProperty("suspects")[0];
        Assert.Equal(("cart", "cart-5d8f7c9b6-bbbbb", "instance"), (first.GetProperty("service").GetString(), first.GetProperty("instance").GetString(), first.GetProperty("kind").GetString()));
        string[] channels = [.. first.GetProperty("evidence").EnumerateArray().Select(e => e.GetProperty("channel").GetString()!)];
        Assert.Contains("self_time", channels);
        Assert.Contains("resource", channels);
        Assert.Equal("preceding", answer.GetProperty("baseline").GetProperty("chosen").GetString());
        Assert.Equal("complete", answer.GetProperty("status").GetString());
        Assert.False(first.TryGetProperty("dependency", out _), "Members that do not apply are absent.");
    }

    [Fact]
    public async Task A_healthy_minute_has_no_suspects()
    {
        long since = server.SinceNano - 60_000_000_000;
        Assert.Empty((await server.Get($"/api/causes?since={since - 60_000_000_000}&until={since}&baselineSince={since - 540_000_000_000}&baselineUntil={since - 60_000_000_000}")).GetProperty("suspects").EnumerateArray());
    }

    [Fact]
    public async Task One_slow_trace_is_explained_against_its_like() =>
        Assert.Equal("cart", (await server.Get($"/api/causes?trace={server.BadTrace}")).GetProperty("suspects")[0].GetProperty("service").GetString());

    [Fact]
    public async Task A_window_that_begins_before_the_trouble_finds_its_onset()
    {
        JsonElement first = (await server.Get($"/api/causes?since={server.SinceNano - 120_000_000_000}&until={server.SinceNano + 60_000_000_000}")).GetProperty("suspects")[0];
        Assert.Equal("cart", first.GetProperty("service").GetString());
        Assert.InRange(long.Parse(first.GetProperty("onsetUnixNano").GetString()!, CultureInfo.InvariantCulture), server.SinceNano - 15_000_000_000, server.SinceNano + 15_000_000_000);
    }

    [Fact]
    public async Task What_the_failing_requests_have_in_common_is_a_suspect_behind_the_service_that_fails_them()
    {
        JsonElement suspects = (await server.Get($"/api/causes?since={server.FirstNano}&until={server.FirstNano + 60 * Second}&baselineSince={server.FirstNano + 120 * Second}&baselineUntil={server.FirstNano + 540 * Second}")).GetProperty("suspects");
        Assert.Equal(("orders", "acme"), (suspects[0].GetProperty("service").GetString(), suspects[0].GetProperty("attribute").GetProperty("value").GetString()));
        JsonElement attribute = Assert.Single(suspects.EnumerateArray(), s => s.GetProperty("kind").GetString() == "attribute");
        Assert.Equal(("orders", "tenant.id"), (attribute.GetProperty("service").GetString(), attribute.GetProperty("attribute").GetProperty("key").GetString()));
        Assert.StartsWith("tenant.id = acme is on 100.0 % of the bad POST /orders and on 0.0 % of the others", attribute.GetProperty("sentence").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flag_that_a_span_far_above_has_seen_is_named_when_those_below_it_fail()
    {
        long since = server.FirstNano + 60 * Second;
        JsonElement suspects = (await server.Get($"/api/causes?since={since}&until={since + 60 * Second}&baselineSince={server.FirstNano + 120 * Second}&baselineUntil={server.FirstNano + 540 * Second}")).GetProperty("suspects");
        JsonElement attribute = suspects[0].GetProperty("attribute");
        Assert.Equal(("orders", "feature_flag.pricing", "new"), (suspects[0].GetProperty("service").GetString(), attribute.GetProperty("key").GetString(), attribute.GetProperty("value").GetString()));
    }

    [Fact]
    public async Task Spans_that_a_query_selects_are_compared_with_the_rest()
    {
        string range = $"since={server.FirstNano}&until={server.FirstNano + 60 * Second}";
        JsonElement answer = await server.Get($"/api/compare?q={{status=error}}&within={{name=%22GET+/%22}}&{range}");
        Assert.Equal((120, 480, "complete"), (answer.GetProperty("a").GetProperty("spans").GetInt64(), answer.GetProperty("b").GetProperty("spans").GetInt64(), answer.GetProperty("status").GetString()));
        JsonElement first = answer.GetProperty("differences")[0];
        Assert.Equal(("tenant.id", "acme", 1.0, 0.0), (first.GetProperty("key").GetString(), first.GetProperty("value").GetString(), first.GetProperty("aRatio").GetDouble(), first.GetProperty("bRatio").GetDouble()));
        Assert.Contains(answer.GetProperty("differences").EnumerateArray(), d => d.GetProperty("kind").GetString() == "operation" && d.GetProperty("operation").GetString() == "POST /orders" && d.GetProperty("measure").GetString() == "errors");
        Assert.DoesNotContain(answer.GetProperty("differences").EnumerateArray(), d => d.TryGetProperty("key", out JsonElement key) && key.GetString() == "status");

        // A structure as the selection, and a part of the time: what began later is the rest.
        answer = await server.Get($"/api/compare?q={{name=%22GET+/%22}}>>{{status=error}}&selectedUntil={server.FirstNano + 30 * Second}&{range}");
        Assert.Equal(60, answer.GetProperty("a").GetProperty("spans").GetInt64());
    }

    [Theory]
    [InlineData("/api/compare?q={status=}", "q")]
    [InlineData("/api/compare?q={}|rate()", "q")]
    [InlineData("/api/compare?q={}&within={", "within")]
    [InlineData("/api/compare?q={}&service=orders", "service")]
    [InlineData("/api/compare?q={}&since=1h&selectedSince=3h&selectedUntil=2h", "selectedSince")]
    [InlineData("/api/causes?since=yesterday", "since")]
    [InlineData("/api/causes?baselineUntil=1h", "baselineSince")]
    [InlineData("/api/causes?trace=xyz", "trace")]
    [InlineData("/api/causes?limit=0", "limit")]
    [InlineData("/api/compare?version=1.4.1", "service")]
    [InlineData("/api/verdict?service=orders", "version")]
    public async Task A_bad_question_names_the_parameter(string path, string parameter) =>
        Assert.Equal(parameter, (await server.Get(path, HttpStatusCode.BadRequest)).GetProperty("parameter").GetString());

    [Fact]
    public async Task An_unknown_trace_is_not_found() => await server.Get("/api/causes?trace=0505b7508345d18099a036f9bbade707", HttpStatusCode.NotFound);

    [Fact]
    public async Task A_time_without_spans_says_so() =>
        Assert.Equal("no_data", (await server.Get("/api/causes?since=2d&until=1d")).GetProperty("reasons")[0].GetProperty("reason").GetString());

    [Fact]
    public async Task Comparing_with_the_time_before_finds_the_slow_operation_first()
    {
        JsonElement answer = await server.Get($"/api/compare?{Window}&service=cart");
        JsonElement first = answer.GetProperty("differences")[0];
        Assert.Equal(("GET /cart", "duration"), (first.GetProperty("operation").GetString(), first.GetProperty("measure").GetString()));
    }

    [Fact]
    public async Task A_slower_version_is_rolled_back_and_the_gate_says_so_by_its_status()
    {
        JsonElement verdict = await server.Get("/api/verdict?service=orders&version=1.4.1&since=20m");
        Assert.Equal(("rollback", "1.4.0", 0.0), (verdict.GetProperty("verdict").GetString(), verdict.GetProperty("against").GetString(), verdict.GetProperty("score").GetDouble()));
        await server.Get("/api/verdict?service=orders&version=1.4.1&since=20m&gate=true", HttpStatusCode.PreconditionFailed);
        using var content = new StringContent("""{"name":"orders","namespace":"shop","phase":"Progressing","metadata":{"service":"orders","version":"1.4.1"}}""", Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var answer = await server.Http.PostAsync(new Uri($"{server.Console}/api/verdict/flagger"), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
    }

    [Fact]
    public async Task The_command_tells_it_in_the_terminal()
    {
        Ended ended = await WaybillProgram.Run($"causes --since {server.SinceNano} --until {server.SinceNano + 60_000_000_000}", environment: ("WAYBILL_SERVER", server.Console));
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.Contains("cart-5d8f7c9b6-bbbbb of cart is slow itself", ended.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }
}
