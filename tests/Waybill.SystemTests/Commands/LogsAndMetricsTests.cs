using System.Diagnostics;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.Commands;

/// <summary><c>waybill logs</c>, <c>waybill metrics</c> and <c>waybill search --follow</c> against a real server.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class LogsAndMetricsTests
{
    [Fact]
    public async Task Logs_and_metrics_are_found_listed_and_followed()
    {
        await using var server = await WaybillServer.Start();
        Task<Ended> Run(string arguments) => WaybillProgram.Run(arguments, environment: ("WAYBILL_SERVER", server.At.Api.BaseAddress!.ToString()));
        byte[] trace = Requests.NewTraceId();
        await server.Post("/v1/logs", Requests.Logs([.. Enumerable.Range(0, 5).Select(i => Requests.Log(trace, $"line-{i} of \e[31mfive"))]).ToProtobuf());
        await server.Post("/v1/metrics", Requests.Metrics(Requests.Gauge("queue.length", 17)).ToProtobuf());
        await server.Stored();

        Ended logs = await Run("logs {service=\"by-hand\"}");
        Assert.Equal((0, ""), (logs.ExitCode, logs.Error));
        Assert.Equal(["line-0", "line-1", "line-2", "line-3", "line-4"], logs.Output.Split('\n').Where(line => line.Length > 0).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).First(word => word.StartsWith("line-", StringComparison.Ordinal))).Order(StringComparer.Ordinal));
        Assert.DoesNotContain('\e', logs.Output);
        Assert.Contains("raise --limit", (await Run("logs --limit 2")).Output, StringComparison.Ordinal);
        Assert.Equal(3, (await Run("logs --text line-2 -C 1")).Output.Split('\n').Count(line => line.Contains("line-", StringComparison.Ordinal)));
        Assert.Empty((await Run("logs --text line-9 --output json")).Output);
        using (JsonDocument json = JsonDocument.Parse((await Run($"logs --trace {Convert.ToHexStringLower(trace)} --text line-3 --output json")).Output)) Assert.StartsWith("line-3", json.RootElement.GetProperty("body").GetString(), StringComparison.Ordinal);
        Ended wrong = await Run("logs --severity loud");
        Assert.Equal(1, wrong.ExitCode);
        Assert.StartsWith("waybill: --severity: ", wrong.Error, StringComparison.Ordinal);

        Assert.Contains("queue.length", (await Run("metrics")).Output, StringComparison.Ordinal);
        Ended metric = await Run("metrics queue.length --by service --fn last");
        Assert.Contains("service=by-hand", metric.Output, StringComparison.Ordinal);
        Assert.Contains("last of queue.length, 1 series", metric.Output, StringComparison.Ordinal);
        using (JsonDocument json = JsonDocument.Parse((await Run("metrics queue.length --output json")).Output)) Assert.Equal(17, json.RootElement.GetProperty("samples")[0][1].GetDouble());
        Assert.Contains("send one of avg, min", (await Run("metrics queue.length --fn rate")).Error, StringComparison.Ordinal);

        await Follow(server, "logs -f --text declined", ["the card was declined", "declined once more"], text => server.Post("/v1/logs", Requests.Logs(Requests.Log(trace, text)).ToProtobuf()));
        string[] followed = await Follow(server, "search -f {name=~\".*-followed\"}", ["first-followed", "second-followed"],
            name => server.Post("/v1/traces", Requests.Traces(Requests.Span(Requests.NewTraceId(), 1, 0, Requests.Now, name)).ToProtobuf()));
        Assert.Single(followed, line => line.StartsWith("START (UTC)", StringComparison.Ordinal));
    }

    /// <summary>Sends one text after the other, each when the one before it was shown.</summary>
    private static async Task<string[]> Follow(WaybillServer server, string arguments, string[] texts, Func<string, Task> send)
    {
        using var process = Process.Start(WaybillProgram.Start(arguments.Split(' '), ("WAYBILL_SERVER", server.At.Api.BaseAddress!.ToString())))!;
        var lines = new List<string>();
        try
        {
            foreach (string text in texts)
            {
                await send(text);
                string? line;
                do
                {
                    line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
                    lines.Add(line ?? throw new InvalidOperationException($"It ended before {text} was shown."));
                }
                while (!line.Contains(text, StringComparison.Ordinal));
            }
        }
        finally
        {
            process.Kill();
        }
        return [.. lines];
    }
}
