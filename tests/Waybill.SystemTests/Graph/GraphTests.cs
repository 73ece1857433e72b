using System.Text.Json;
using Waybill.Processes;

namespace Waybill.Graph;

/// <summary>From trace to trace through the whole program.</summary>
[Collection(nameof(GraphServer))]
public sealed class GraphTests(GraphServer shared)
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(20);
    private readonly WaybillServer _server = shared.Server;

    [Fact]
    public async Task A_story_over_http_queue_job_and_batch_is_one_graph_and_its_order_id_alone_finds_it()
    {
        // Services of its own: changes that other tests report of theirs would be edges too.
        DateTimeOffset t = Now.AddMinutes(-12);
        string order = $"ord-{Guid.NewGuid():n}", placed = $"m-{Guid.NewGuid():n}", shipped = $"m-{Guid.NewGuid():n}";
        var checkout = new SentTrace()
            .Span("story-gateway", "POST /checkout", 2, Span(1), "", t, TimeSpan.FromSeconds(1))
            .Span("story-gateway", "POST", 3, Span(2), Span(1), t.AddMilliseconds(10), Quick)
            .Span("story-orders", "POST /orders", 2, Span(3), Span(2), t.AddMilliseconds(12), Quick, attributes: [("order.id", order)])
            .Span("story-orders", "send order.placed", 4, Span(4), Span(3), t.AddMilliseconds(20), Quick, attributes: Message("order.placed", placed));
        var fulfilment = new SentTrace()   // linked to its sender
            .Span("story-fulfilment", "process order.placed", 5, Span(5), "", t.AddMinutes(3), Quick, attributes: Message("order.placed", placed), links: [(checkout.Id, Span(4))])
            .Span("story-fulfilment", "send order.shipped", 4, Span(6), Span(5), t.AddMinutes(3), Quick, attributes: Message("order.shipped", shipped));
        var mail = new SentTrace()         // neither parent nor link: only the message's id tells
            .Span("story-notifications", "process order.shipped", 5, Span(7), "", t.AddMinutes(5), Quick, attributes: Message("order.shipped", shipped));
        var other = new SentTrace().Span("story-orders", "POST /orders", 2, Span(8), "", t, Quick, attributes: [("order.id", "ord-other")]);
        var settlement = new SentTrace()   // a job whose batch fans in
            .Span("story-batch", "job settlement", 1, Span(9), "", t.AddMinutes(9), Quick, attributes: [("shop.job.name", "settlement")])
            .Span("story-batch", "settle payments", 1, Span(10), Span(9), t.AddMinutes(9), Quick, links: [(checkout.Id, Span(3)), (other.Id, Span(8))]);
        await SentTrace.Send(_server, [checkout, fulfilment, mail, other, settlement]);
        await _server.Stored();

        JsonElement graph = await Get($"/api/graph/{order}");
        Assert.Equal(("business_id", "complete"), (graph.GetProperty("recognisedAs").GetString(), graph.GetProperty("status").GetString()));
        var distance = graph.GetProperty("nodes").EnumerateArray().Where(node => Text(node, "kind") == "trace").ToDictionary(node => Text(node, "traceId"), node => node.GetProperty("distance").GetInt32());
        Assert.Equal(new Dictionary<string, int> { [checkout.Id] = 0, [fulfilment.Id] = 1, [settlement.Id] = 1, [mail.Id] = 2 }, distance);
        string[] kinds = [.. graph.GetProperty("edges").EnumerateArray().Select(edge => Text(edge, "kind")).Distinct().Order()];
        Assert.Equal(["calls", "concerns", "contains", "delivers", "links", "publishes", "runs"], kinds);
        JsonElement delivery = Assert.Single(graph.GetProperty("edges").EnumerateArray(), edge => Text(edge, "kind") == "delivers" && Text(edge, "from").EndsWith(shipped, StringComparison.Ordinal));
        Assert.Contains(shipped, Text(delivery.GetProperty("evidence"), "sentence"), StringComparison.Ordinal);

        // The last of it leads back to the first, a message's id is enough, and so is the span of another trace.
        graph = await Get($"/api/graph/{mail.Id}?up=5&down=0");
        Assert.Contains(graph.GetProperty("nodes").EnumerateArray(), node => Text(node, "traceId") == checkout.Id && node.GetProperty("distance").GetInt32() == -2);
        Assert.Equal("message", Text(await Get($"/api/graph/{shipped}"), "recognisedAs"));
        graph = await Get($"/api/graph/{settlement.Id}?up=1&down=0");
        Assert.Equal(2, graph.GetProperty("edges").EnumerateArray().Count(edge => Text(edge, "kind") == "links"));
        Assert.Single((await Get($"/api/graph/{order}?up=0&down=0")).GetProperty("nodes").EnumerateArray(), node => Text(node, "kind") == "trace");
    }

    [Fact]
    public async Task Fifty_thousand_children_are_one_node_and_cycles_self_parents_two_roots_and_repeated_ids_end()
    {
        DateTimeOffset t = Now.AddMinutes(-2);
        var trace = new SentTrace()
            .Span("odd", "root", 2, Span(1), "", t, TimeSpan.FromSeconds(10)).Span("odd", "second root", 2, Span(2), "", t, Quick)
            .Span("odd", "own parent", 1, Span(3), Span(3), t, Quick).Span("odd", "cycle a", 1, Span(4), Span(5), t, Quick).Span("odd", "cycle b", 1, Span(5), Span(4), t, Quick)
            .Span("odd", "orphan", 1, Span(6), Span(999_999), t, Quick).Span("odd", "twin", 1, Span(7), Span(1), t, Quick).Span("odd", "twin again", 1, Span(7), Span(1), t, Quick);
        for (ulong i = 0; i < 50_000; i++) trace.Span("odd", "child", 1, Span(1_000 + i), Span(1), t.AddMilliseconds(i / 10.0), Quick);
        await trace.Send(_server);
        await _server.Stored();

        JsonElement graph = await Get($"/api/graph/{trace.Id}");
        JsonElement children = Assert.Single(graph.GetProperty("nodes").EnumerateArray(), node => Text(node, "label") == "odd child");
        Assert.Equal(50_000, children.GetProperty("spanCount").GetInt32());
        Assert.Equal(50_008, graph.GetProperty("nodes").EnumerateArray().Where(node => Text(node, "kind") == "spans").Sum(node => node.GetProperty("spanCount").GetInt32()));
        Assert.Equal("parent_not_received", Text(graph.GetProperty("reasons")[0], "reason"));

        JsonElement digest = await Get($"/api/traces/{trace.Id}/digest");
        Assert.Equal((50_008, 1), (digest.GetProperty("spanCount").GetInt32(), digest.GetProperty("orphanCount").GetInt32()));
        Assert.Equal("root", Text(digest.GetProperty("root"), "operation"));
        long critical = digest.GetProperty("criticalPath").EnumerateArray().Sum(span => span.GetProperty("criticalNano").GetInt64());
        Assert.InRange(critical, 1, digest.GetProperty("durationNano").GetInt64());

        // Every other question about it ends, too, and says that it has a gap.
        Assert.Contains("1 span of it names a parent that was not received", (await Get($"/api/why/{trace.Id}")).ToString(), StringComparison.Ordinal);
        Assert.Equal(50_007, (await Get($"/api/causes?trace={trace.Id}")).GetProperty("window").GetProperty("sampledSpans").GetInt64());   // there the twins are one
        await WaybillServer.Until("its minute is on the map", async () => (await Get("/api/map?service=odd")).GetProperty("nodes").GetArrayLength() > 0);
        JsonElement read = await Get($"/api/traces/{trace.Id}?fields=skeleton");
        Assert.Equal(50_008, read.GetProperty("spans").GetArrayLength());
    }

    [Fact]
    public async Task A_graph_beyond_its_limit_says_what_is_left_out()
    {
        DateTimeOffset t = Now.AddMinutes(-2);
        var trace = new SentTrace();
        for (ulong i = 1; i <= 50; i++) trace.Span("wide", $"operation {i}", 1, Span(i), i == 1 ? "" : Span(1), t, Quick);
        await trace.Send(_server);
        await _server.Stored();

        JsonElement graph = await Get($"/api/graph/{trace.Id}?limit=10");
        Assert.Equal(10, graph.GetProperty("nodes").GetArrayLength());
        Assert.Equal(("partial", "over_limit"), (Text(graph, "status"), Text(graph.GetProperty("reasons")[0], "reason")));
    }

    [Fact]
    public async Task Links_in_a_circle_and_a_link_to_a_trace_that_was_never_received_are_shown()
    {
        DateTimeOffset t = Now.AddMinutes(-3);
        string a = Guid.NewGuid().ToString("n"), b = Guid.NewGuid().ToString("n"), gone = Guid.NewGuid().ToString("n");
        await SentTrace.Send(_server, [
            new SentTrace(a).Span("a", "work", 1, Span(1), "", t, Quick, links: [(b, Span(2)), (gone, Span(3))]),
            new SentTrace(b).Span("b", "work", 1, Span(2), "", t, Quick, links: [(a, Span(1))]),
        ]);
        await _server.Stored();

        JsonElement graph = await Get($"/api/graph/{a}?up=20&down=20");
        Assert.Equal(3, graph.GetProperty("nodes").EnumerateArray().Count(node => Text(node, "kind") == "trace"));
        Assert.Contains(graph.GetProperty("nodes").EnumerateArray(), node => Text(node, "traceId") == gone && node.TryGetProperty("missing", out JsonElement missing) && missing.GetBoolean());

        JsonElement why = await Get($"/api/why/{gone}");
        Assert.Equal("context_lost", Text(why.GetProperty("missing"), "verdict"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_question_is_said_with_the_parameter()
    {
        using var answer = await _server.At.Api.GetAsync("/api/graph/ord-1?up=99", Cancel);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"up\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var unknown = await _server.At.Api.GetAsync("/api/graph/ord-unknown", Cancel);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("/api/why/ord-unknown", await unknown.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private async Task<JsonElement> Get(string path)
    {
        using var document = JsonDocument.Parse(await _server.At.Api.GetByteArrayAsync(path, Cancel));
        return document.RootElement.Clone();
    }

    private static (string, string)[] Message(string topic, string id) => [("messaging.system", "kafka"), ("messaging.destination.name", topic), ("messaging.message.id", id)];
    private static string Span(ulong id) => id.ToString("x16");
    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
