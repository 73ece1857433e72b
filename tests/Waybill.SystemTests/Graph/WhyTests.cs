using System.Text;
using System.Text.Json;
using Waybill.Processes;

namespace Waybill.Graph;

/// <summary>The map, lost context, and why, through the whole program.</summary>
[Collection(nameof(GraphServer))]
public sealed class WhyTests(GraphServer shared)
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(20);
    private readonly WaybillServer _server = shared.Server;

    [Fact]
    public async Task A_failing_trace_is_explained_by_the_span_where_it_began_the_version_that_fails_and_the_change_before()
    {
        DateTimeOffset deployed = Now.AddMinutes(-20);
        await PostChange(new { id = "deploy-141", kind = "deployment", service = "orders", version = "1.4.1", previousVersion = "1.4.0", commit = "9f2c4d1e9f2c4d1e9f2c4d1e9f2c4d1e9f2c4d1e", author = "alice", summary = "Deploy 1.4.1", started = deployed, finished = deployed.AddMinutes(1), outcome = "success" });
        await PostChange(new { id = "config-mail", kind = "config", service = "mail", author = "bob", summary = "More mail workers", started = deployed.AddMinutes(5), finished = deployed.AddMinutes(5), outcome = "success" });
        var traces = new List<SentTrace>();
        for (int i = 0; i < 300; i++)
        {
            // Long before it failed in another way: that is another story.
            bool after = i >= 200, other = i is >= 20 and < 40, fails = other || (after && i % 2 == 0);
            string type = other ? "System.TimeoutException" : "System.DivideByZeroException";
            DateTimeOffset t = after ? deployed.AddMinutes(2).AddSeconds(i - 200) : deployed.AddMinutes(-30).AddSeconds(i * 8);
            traces.Add(new SentTrace()
                .Span("gateway", "POST /checkout", 2, Span(1), "", t, Quick, failed: fails)
                .Span("gateway", "POST", 3, Span(2), Span(1), t, Quick, failed: fails)
                .Span("orders", "POST /orders", 2, Span(3), Span(2), t, Quick, failed: fails, version: after ? "1.4.1" : "1.4.0", attributes: fails ? [("error.type", type)] : null, exception: fails ? type : null));
        }
        await SentTrace.Send(_server, traces);
        await _server.Stored();
        string failing = traces[298].Id;

        JsonElement why = await Get($"/api/why/{failing}");
        Assert.Equal("trace", Text(why, "recognisedAs"));
        Assert.Matches("^gateway POST /checkout failed because orders POST /orders failed with System.DivideByZeroException.*\"Deploy 1.4.1\" by alice\\.$", Text(why, "answer"));
        Assert.Contains("Only version 1.4.1 fails", Sentences(why, "what_led_to_it"), StringComparison.Ordinal);
        Assert.DoesNotContain("More mail workers", Sentences(why, "what_changed"), StringComparison.Ordinal);
        Assert.Contains("alice", Sentences(why, "who"), StringComparison.Ordinal);
        Assert.Contains("49 other traces", Sentences(why, "what_else"), StringComparison.Ordinal);
        Assert.Contains("Roll orders back to 1.4.0", Sentences(why, "what_next"), StringComparison.Ordinal);

        // Whose it is, and what to do about it, wherever orders is blamed.
        Assert.Contains("Follow the runbook \"Orders fails\". Ask Checkout (#checkout-oncall), who owns orders (critical, system shop).", Sentences(why, "what_next"), StringComparison.Ordinal);
        JsonElement first = (await Get($"/api/traces/{failing}/digest")).GetProperty("firstError");
        Assert.Equal(("orders", "group:default/checkout", "https://runbooks.example/orders"), (Text(first, "service"), Text(first, "owner"), Text(first, "runbook")));

        // From the other end: the deployment, its commit, the service, and a span.
        Assert.Equal("change", Text(await Get("/api/why/deploy-141"), "recognisedAs"));
        Assert.Equal("commit", Text(await Get("/api/why/9f2c4d1e9f"), "recognisedAs"));
        Assert.Equal("service", Text(await Get("/api/why/orders"), "recognisedAs"));
        Assert.Equal("version", Text(await Get("/api/why/orders@1.4.1"), "recognisedAs"));
        Assert.Contains("Deploy 1.4.1", Text(await Get("/api/why/1.4.1"), "answer"), StringComparison.Ordinal);
        Assert.Equal("exception", Text(await Get("/api/why/DivideByZeroException"), "recognisedAs"));
        Assert.Equal("span", Text(await Get($"/api/why/{failing}:{Span(3)}"), "recognisedAs"));
    }

    [Fact]
    public async Task What_is_missing_is_explained_by_what_is_known_of_it()
    {
        JsonElement never = await Get($"/api/why/{Guid.NewGuid():n}");
        Assert.Equal("missing", Text(never, "recognisedAs"));
        Assert.Contains(Text(never.GetProperty("missing"), "verdict"), (string[])["never_received", "refused"]);

        var trace = new SentTrace().Span("a", "left alone", 2, Span(2), Span(1), Now.AddMinutes(-1), Quick);
        await trace.Send(_server);
        await _server.Stored();
        JsonElement parent = await Get($"/api/why/{trace.Id}:{Span(1)}");
        Assert.Equal(("context_lost", true), (Text(parent.GetProperty("missing"), "verdict"), parent.GetProperty("missing").GetProperty("certain").GetBoolean()));
        Assert.Contains("a left alone", Text(parent.GetProperty("missing"), "sentence"), StringComparison.Ordinal);

        var ancient = new SentTrace().Span("a", "ancient", 2, Span(1), "", Now.AddYears(-3), Quick);
        await ancient.Send(_server);
        await _server.Stored();
        Assert.Contains("quarantine", JsonSerializer.Serialize(await Get($"/api/why/{ancient.Id}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_map_shows_a_minute_soon_counts_late_spans_and_attributes_lost_context_to_its_edge()
    {
        DateTimeOffset t = Now.AddMinutes(-3);
        var sent = new List<SentTrace>();
        for (int i = 0; i < 10; i++)
        {
            var sender = new SentTrace().Span("planner", "send refill", 4, Span(1), "", t, Quick, attributes: Message("refill"));
            sent.Add(sender);
            if (i < 6) sender.Span("stock", "process refill", 5, Span(2), Span(1), t.AddSeconds(1), Quick, attributes: Message("refill"));
            else sent.Add(new SentTrace().Span("stock", "process refill", 5, Span(2), "", t.AddSeconds(1), Quick, attributes: Message("refill")));
        }
        await PostChange(new { id = "config-planner", kind = "config", service = "planner", author = "carol", summary = "Send in bulk", started = t.AddSeconds(-20), finished = t.AddSeconds(-20), outcome = "success" });
        await SentTrace.Send(_server, sent);
        await WaybillServer.Until("the map knows the topic", async () => await Requests("queue:kafka/refill>service:stock>consume") == 10);
        JsonElement lost = Assert.Single((await Get("/api/lost-context")).GetProperty("edges").EnumerateArray(), edge => Text(edge, "via") == "queue:kafka/refill");
        Assert.Equal(("root_without_context", "service:planner", "service:stock"), (Text(lost, "kind"), Text(lost, "from"), Text(lost, "to")));
        Assert.Equal((4, 10), (lost.GetProperty("lostCount").GetDouble(), lost.GetProperty("totalCount").GetDouble()));
        Assert.Contains(lost.GetProperty("examples")[0].GetString(), sent.Select(trace => trace.Id));

        // The story of such a message is of its sender, and of what changed there.
        JsonElement why = await Get($"/api/why/{sent[^1].Id}");
        Assert.Matches("^stock process refill went well, but lost the context of planner; that began about .* with \"Send in bulk\" by carol\\.$", Text(why, "answer"));
        Assert.Contains("Write traceparent into the headers of messages where planner sends to refill", Sentences(why, "what_next"), StringComparison.Ordinal);

        await new SentTrace().Span("stock", "process refill", 5, Span(2), "", t.AddSeconds(2), Quick, attributes: Message("refill")).Send(_server);
        await WaybillServer.Until("the late span is counted", async () => await Requests("queue:kafka/refill>service:stock>consume") == 11);
        Assert.Contains((await Get("/api/map?service=stock")).GetProperty("nodes").EnumerateArray(), node => Text(node, "kind") == "queue" && Text(node, "name") == "refill");
    }

    [Fact]
    public async Task A_job_that_runs_away_is_explained_by_how_often_it_runs_and_by_its_new_schedule()
    {
        DateTimeOffset changed = Now.AddMinutes(-4);
        await PostChange(new { id = "schedule-sweep", kind = "scheduled_job", service = "sweeper", subject = "sweep", author = "dave", summary = "Sweep every second", started = changed, finished = changed, outcome = "success" });
        SentTrace[] runs = [.. Enumerable.Range(0, 10).Select(i => Run(changed.AddMinutes(-i - 1))), .. Enumerable.Range(0, 180).Select(i => Run(changed.AddSeconds(i + 1)))];
        await SentTrace.Send(_server, runs);
        await _server.Stored();
        Assert.Matches("^sweeper job sweep went well, but begins .* times a minute instead of [01](\\.[0-9])?; .* with \"Sweep every second\" by dave\\.$", Text(await Get($"/api/why/{runs[^1].Id}"), "answer"));

        static SentTrace Run(DateTimeOffset at) => new SentTrace().Span("sweeper", "job sweep", 1, Span(1), "", at, Quick);
    }

    [Fact]
    public async Task What_is_slow_because_a_caller_asks_far_more_often_is_explained_by_that_callers_change()
    {
        DateTimeOffset changed = Now.AddMinutes(-4);
        await PostChange(new { id = "config-depot", kind = "config", service = "depot", author = "erin", summary = "Smaller cache", started = changed.AddMinutes(-6), finished = changed.AddMinutes(-6), outcome = "success" });
        await PostChange(new { id = "schedule-counter", kind = "scheduled_job", service = "counter", author = "dave", summary = "Count every second", started = changed, finished = changed, outcome = "success" });
        SentTrace[] sent =
        [
            .. Enumerable.Range(0, 60).Select(i => Counts(changed.AddSeconds(-10 - 10 * i))), .. Enumerable.Range(0, 180).Select(i => Counts(changed.AddSeconds(1 + i))),
            .. Enumerable.Range(0, 300).Select(i => Asks(changed.AddSeconds(-2 - 2 * i), Quick)), .. Enumerable.Range(0, 60).Select(i => Asks(changed.AddSeconds(5 + 2 * i), 20 * Quick)),
        ];
        await SentTrace.Send(_server, sent);
        await WaybillServer.Until("the map knows the counter's calls", async () => await Requests("service:counter>service:depot>call") == 240);
        JsonElement why = await Get($"/api/why/{sent[^1].Id}");
        Assert.Matches("^window GET /goods was slow .* because depot GET /stock took .* after \"Count every second\" by dave\\.$", Text(why, "answer"));
        Assert.Contains("counter asks depot far more often than it did: 60 times a minute", Sentences(why, "what_led_to_it"), StringComparison.Ordinal);
        Assert.Contains("The share of depot GET /stock slower than", Sentences(why, "what_led_to_it"), StringComparison.Ordinal);

        static SentTrace Counts(DateTimeOffset at) => new SentTrace().Span("counter", "job count", 1, Span(1), "", at, Quick).Span("depot", "GET /low", 2, Span(2), Span(1), at, Quick);
        static SentTrace Asks(DateTimeOffset at, TimeSpan took) => new SentTrace().Span("window", "GET /goods", 2, Span(1), "", at, took + Quick).Span("depot", "GET /stock", 2, Span(2), Span(1), at, took);
    }

    [Fact]
    public async Task Edges_are_told_apart_by_the_environment_of_the_one_that_is_called()
    {
        DateTimeOffset t = Now.AddMinutes(-3);
        await SentTrace.Send(_server, [
            .. ((string[])["staging", "production", "production"]).Select(environment => new SentTrace()
                .Span("shelf", "GET /shelf", 2, Span(1), "", t, Quick, environment: environment)
                .Span("book", "GET /book", 2, Span(2), Span(1), t, Quick, environment: environment)
                .Span("book", "SELECT book", 3, Span(3), Span(2), t, Quick, environment: environment, attributes: [("db.system.name", "sqlite"), ("server.address", "books.db")])),
        ]);
        await WaybillServer.Until("the map knows them", async () => await Requests("service:shelf>service:book>call") == 3);
        Assert.Equal((1, 2), (await Requests("service:shelf>service:book>call", "?environment=staging"), await Requests("service:book>database:sqlite/books.db>query", "?environment=production")));
        JsonElement edge = Assert.Single((await Get("/api/map")).GetProperty("edges").EnumerateArray(), of => Text(of, "id") == "service:shelf>service:book>call");
        Assert.Equal(["production", "staging"], edge.GetProperty("environments").EnumerateArray().Select(of => of.GetString()!));
    }

    private async Task<double> Requests(string edge, string query = "") =>
        (await Get($"/api/map{query}")).GetProperty("edges").EnumerateArray().Where(of => Text(of, "id") == edge).Select(of => of.GetProperty("requestCount").GetDouble()).FirstOrDefault();

    private async Task PostChange(object change)
    {
        using var content = new StringContent(JsonSerializer.Serialize(change), Encoding.UTF8, "application/json");
        using var answer = await _server.At.Otlp.PostAsync("/v1/changes", content, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<JsonElement> Get(string path)
    {
        using var document = JsonDocument.Parse(await _server.At.Api.GetByteArrayAsync(path, Cancel));
        return document.RootElement.Clone();
    }

    private static string Sentences(JsonElement why, string part) =>
        string.Join(' ', why.GetProperty("steps").EnumerateArray().Where(step => Text(step, "part") == part).Select(step => Text(step, "sentence")));

    private static (string, string)[] Message(string topic) => [("messaging.system", "kafka"), ("messaging.destination.name", topic)];
    private static string Span(ulong id) => id.ToString("x16");
    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
