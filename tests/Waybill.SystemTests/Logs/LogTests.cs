using System.Net;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.Logs;

/// <summary>Log records through the real server: found by what they say, page by page, counted and followed.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class LogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_are_found_paged_counted_shown_in_context_and_followed()
    {
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        ulong now = Requests.Now;
        // Ten records of one and the same time, then one a second back, so that pages end within a time.
        Message[] records = [.. Enumerable.Range(0, 30).Select(i => Record(trace, i % 3 == 0 ? 17UL : 9UL, i == 7 ? "Card DECLINED for user-17" : $"line {i} took {i} ms", now - (ulong)Math.Max(0, i - 9) * 1_000_000_000, i))];
        await server.Post("/v1/logs", Requests.Logs(records).ToProtobuf());
        await server.Stored();

        Assert.Equal(30, Logs(await Get(server, "/api/logs")).Length);
        Assert.Equal(["Card DECLINED for user-17"], Bodies(await Get(server, "/api/logs?text=declined")));
        Assert.Equal(["Card DECLINED for user-17"], Bodies(await Get(server, "/api/logs?text=%22declined%20for%20user-17%22%20-timeout")));
        Assert.Empty(Bodies(await Get(server, "/api/logs?text=decline")));   // a part of a word is no word
        Assert.Equal(10, Logs(await Get(server, "/api/logs?severity=error")).Length);
        Assert.Equal(30, Logs(await Get(server, $"/api/logs?trace={Convert.ToHexStringLower(trace)}")).Length);
        Assert.Equal(["line 5 took 5 ms"], Bodies(await Get(server, "/api/logs?q=" + Uri.EscapeDataString("{ log.n = 5 && service = \"by-hand\" && severity < error }"))));
        Assert.Equal(10, Logs(await Get(server, "/api/logs?q=" + Uri.EscapeDataString("{ severity >= error && resource.service.name = \"by-hand\" }"))).Length);

        foreach (string order in (string[])["newest", "oldest"])
        {
            var paged = new List<string>();
            string? cursor = null;
            do
            {
                JsonElement page = await Get(server, $"/api/logs?order={order}&limit=4{(cursor is null ? "" : $"&cursor={cursor}")}");
                paged.AddRange(Logs(page).Select(log => log.GetProperty("id").GetString()!));
                cursor = page.GetProperty("nextCursor").GetString();
                Assert.Equal(cursor is null ? "complete" : "partial", page.GetProperty("status").GetString());
            }
            while (cursor is not null);
            Assert.Equal(30, paged.Count);
            Assert.Equal(30, paged.Distinct().Count());
        }

        JsonElement histogram = await Get(server, "/api/logs/histogram?step=10s");
        Assert.Equal(30, histogram.GetProperty("total").GetDouble());
        var bySeverity = histogram.GetProperty("series").EnumerateArray().ToDictionary(series => series.GetProperty("severity").GetString()!, series => series.GetProperty("counts").EnumerateArray().Sum(count => count.GetDouble()));
        Assert.Equal((10.0, 20.0), (bySeverity["error"], bySeverity["info"]));

        JsonElement declined = Logs(await Get(server, "/api/logs?text=declined"))[0];
        JsonElement context = await Get(server, $"/api/logs/context?id={declined.GetProperty("id").GetString()}&before=5&after=20");
        Assert.Equal(declined.GetProperty("id").GetString(), Logs(context)[context.GetProperty("position").GetInt32()].GetProperty("id").GetString());
        Assert.Equal([.. Logs(context).Select(Time).Order()], Logs(context).Select(Time));

        await Follows(server, trace);
    }

    [Fact]
    public async Task A_wrong_parameter_is_named_with_its_fix()
    {
        (string Path, string Parameter)[] wrong =
        [
            ("/api/logs?text=%22open", "text"),
            ("/api/logs?trace=xyz", "trace"),
            ("/api/logs?span=12", "span"),
            ("/api/logs?severity=loud", "severity"),
            ("/api/logs?order=up", "order"),
            ("/api/logs?limit=0", "limit"),
            ("/api/logs?cursor=1.2", "cursor"),
            ("/api/logs?since=yesterdayish", "since"),
            ("/api/logs?q=%7B+severity+%3E+%7D", "q"),
            ("/api/logs/histogram?step=1us", "step"),
            ("/api/logs/histogram?step=1ms&since=2h", "step"),
            ("/api/logs/context?id=7", "id"),
            ("/api/logs/tail?severity=loud", "severity"),
        ];
        await using var server = await Ingest.IngestServer.Start();
        foreach (var (path, parameter) in wrong)
        {
            using var answer = await server.Console.GetAsync(path, Cancel);
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
            Assert.Equal((path, HttpStatusCode.BadRequest, parameter), (path, answer.StatusCode, problem.RootElement.GetProperty("parameter").GetString()));
            Assert.NotEqual("", problem.RootElement.GetProperty("message").GetString());
        }
    }

    private static async Task Follows(WaybillServer server, byte[] trace)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/logs/tail?text=followed");
        using var answer = await server.At.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        await server.Post("/v1/logs", Requests.Logs(Record(trace, 9, "this is followed", Requests.Now, 99)).ToProtobuf());
        string? id = null, line;
        while ((line = await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel)) is not null)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            if (line.StartsWith("data: ", StringComparison.Ordinal)) break;
        }
        using var data = JsonDocument.Parse(line![6..]);
        Assert.Equal("this is followed", data.RootElement.GetProperty("body").GetString());
        Assert.EndsWith(data.RootElement.GetProperty("id").GetString()!, id, StringComparison.Ordinal);
    }

    private static Message Record(byte[] trace, ulong severity, string body, ulong time, int number) => new Message()
        .Add(1, "timeUnixNano", Wire.Fixed64, time).Add(2, "severityNumber", Wire.Varint, severity).Add(9, "traceId", Wire.Id, trace)
        .Add(5, "body", Wire.Message, new Message().Add(1, "stringValue", Wire.Text, body))
        .AddAll(6, "attributes", [new Message().Add(1, "key", Wire.Text, "n").Add(2, "value", Wire.Message, new Message().Add(3, "intValue", Wire.Int64, (long)number))]);

    private static async Task<JsonElement> Get(WaybillServer server, string path)
    {
        using var answer = await server.At.Api.GetAsync(path, Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static JsonElement[] Logs(JsonElement page) => [.. page.GetProperty("logs").EnumerateArray()];
    private static string[] Bodies(JsonElement page) => [.. Logs(page).Select(log => log.GetProperty("body").GetString()!)];
    private static long Time(JsonElement log) => long.Parse(log.GetProperty("timeUnixNano").GetString()!);
}
