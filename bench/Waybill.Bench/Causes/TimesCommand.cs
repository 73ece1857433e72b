using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Waybill.Ingest;
using Waybill.Measuring;
using Waybill.Payloads;
using Waybill.Read;
using Waybill.Search;
using Waybill.Servers;

namespace Waybill.Causes;

/// <summary><c>causes-times</c>: how long map, causes, why, compare and digests take, and how far they are behind what is acknowledged.</summary>
internal static class TimesCommand
{
    private const double DigestAimSeconds = 10, MapAimSeconds = 15;
    private const int HealthyTraces = 200;
    private static readonly TimeSpan MapWithin = TimeSpan.FromMinutes(15);

    public static Command Create()
    {
        var asks = new AskArguments(requestsDefault: 30);
        var lagSeconds = new Option<double>("--lag-seconds") { DefaultValueFactory = _ => 60, Description = "Send for so long and watch how long after its acknowledgement a trace is in digest, search and map; 0 does not" };
        var lagRate = new Option<int>("--lag-rate") { DefaultValueFactory = _ => 20_000, Description = "Spans a second meanwhile" };
        var command = new Command("causes-times", "Measure map, causes, why, compare and digests, and how far they are behind acknowledgements") { lagSeconds, lagRate };
        asks.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (run, started) = await asks.Start(parsed, cancel);
            await using ServerUnderTest server = started;
            using var http = new HttpClient { BaseAddress = server.Api, Timeout = TimeSpan.FromSeconds(60) };
            var plan = run.Plan();
            long end = (plan.StartUnixNano + plan.StepNano * run.Acknowledged().Length) / 1_000_000_000;
            await MapIsWhole(http, plan.StartUnixNano / 1_000_000_000 + 60, cancel);

            Console.WriteLine($"waybill on {Machine.Describe()}, {await StoredSpans.Count(http, server.Api!, cancel):N0} spans");
            string[] healthy = [.. ReadCommand.Sample(new PayloadStream(plan), run.Acknowledged(), HealthyTraces).Select(trace => trace.Id)];
            var results = new List<(Question Question, Percentiles Wall, double CpuMilliseconds)>();
            foreach (Question question in await CausalQuestions.Of(http, end, healthy, cancel)) results.Add(await Asks.Measure(question, server, http, end, asks.Requests(parsed), cancel));
            bool fine = true;
            if (parsed.GetValue(lagSeconds) is > 0 and var seconds) results.AddRange(PrintLag(await new Lag(server, http).Measure(run, parsed.GetValue(lagRate), seconds, cancel), out fine));
            if (asks.AppendTo(parsed) is { } file) await SearchReport.Append(file, "Map, causes, why, compare, digests", results, http, server.Api!, cancel);
            return fine ? 0 : 1;
        });
        return command;
    }

    // The map is made newest minute first, and rests in between: of a day that was sent in a minute it takes some minutes.
    private static async Task MapIsWhole(HttpClient http, long first, CancellationToken cancel)
    {
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < MapWithin; await Task.Delay(1_000, cancel))
        {
            using var map = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/map?since={first}&until={first + 60}"), UriKind.Relative), cancel));
            if (map.RootElement.GetProperty("nodes").GetArrayLength() == 0) continue;
            Console.WriteLine($"The map had the oldest minute after {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s.");
            return;
        }
        Console.Error.WriteLine("The map did not reach the oldest minute; going on.");
    }

    private static List<(Question, Percentiles, double)> PrintLag(Lag.Result lag, out bool fine)
    {
        fine = true;
        var rows = new List<(Question, Percentiles, double)>();
        Console.WriteLine($"{lag.SpansPerSecond:N0} spans/s acknowledged, ack p50 {lag.Acknowledged.P50 * 1000:F0} p99 {lag.Acknowledged.P99 * 1000:F0} ms; from a trace's acknowledgement until it is in");
        foreach (var (name, of, aim) in new[] { ("digest", lag.Digest, DigestAimSeconds), ("search", lag.Search, DigestAimSeconds), ("map", lag.Map, MapAimSeconds) })
        {
            bool missed = !(of.P99 <= aim);
            fine &= !missed;
            Console.WriteLine($"  {name,-8} p50 {of.P50,6:F2}  p90 {of.P90,6:F2}  max {of.Max,6:F2} s of {of.Count} traces   aim p99 {aim:F0} s{(missed ? "   MISSED" : "")}");
            rows.Add((new Question($"acknowledged until in {name}, {lag.SpansPerSecond:N0} spans/s", aim * 1000, (_, _) => ""), new(of.Values.Select(value => value * 1000)), double.NaN));
        }
        return rows;
    }
}
