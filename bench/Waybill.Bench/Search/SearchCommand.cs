using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Waybill.Ingest;
using Waybill.Measuring;
using Waybill.Payloads;
using Waybill.Posting;
using Waybill.Servers;

namespace Waybill.Search;

/// <summary><c>search</c>: how long TraceQL searches, metrics and completion take, and whether heavy ones disturb acknowledgements.</summary>
internal static class SearchCommand
{
    private const int WarmUps = 5;

    public static Command Create()
    {
        var load = new LoadArguments();
        var directory = new Option<string?>("--dir") { Description = "What 'ingest --dir' left; loaded first if it is empty" };
        var program = new Option<string?>("--program") { Description = "A waybill executable to measure instead of this repository's Release build" };
        var requests = new Option<int>("--requests") { DefaultValueFactory = _ => 50, Description = "Asks of each question, one at a time, each with other values" };
        var logs = new Option<long?>("--logs") { Description = "Log records to load beside the spans; half as many as spans by default" };
        var disturb = new Option<double>("--disturb-seconds") { DefaultValueFactory = _ => 20, Description = "Also measure acknowledgements for so long without and with ten heavy searches at a time; 0 does not" };
        var append = new Option<string?>("--append") { Description = "Append Markdown rows to this file" };
        var command = new Command("search", "Measure searches, metrics and completion, and what they do to acknowledgements") { directory, program, requests, logs, disturb, append };
        load.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var run = RunDirectory.Open(parsed.GetValue(directory));
            await using var server = await ServerUnderTest.Start(parsed.GetValue(program), run.Data, run.ServerLog, cancel);
            if (!run.IsLoaded) IngestReport.Print("waybill", load.Read(parsed), await Load.Run(server, run, load.Read(parsed), TimeProvider.System, cancel));
            await Quiet.Wait(server, TimeSpan.FromMinutes(5), cancel);
            if (!LogLoad.IsDone(run)) await LogLoad.Run(server, run, parsed.GetValue(logs) ?? load.Read(parsed).Spans / 2, load.Read(parsed).Window, cancel);

            using var http = new HttpClient { BaseAddress = server.Api, Timeout = TimeSpan.FromSeconds(60) };
            long end = await End(http, cancel);
            Console.WriteLine($"waybill on {Machine.Describe()}, {await StoredSpans.Count(http, server.Api!, cancel):N0} spans");
            var results = new List<(Question, Percentiles Wall, double CpuMilliseconds)>();
            foreach (Question question in Question.All) results.Add(await Measure(question, server, http, end, parsed.GetValue(requests), cancel));
            if (parsed.GetValue(append) is { } file) await SearchReport.Append(file, results, http, server.Api!, cancel);
            return parsed.GetValue(disturb) is > 0 and var seconds && !await Disturbance.Measure(server, run, http, end, seconds, cancel) ? 1 : 0;
        });
        return command;
    }

    private static async Task<(Question, Percentiles, double)> Measure(Question question, ServerUnderTest server, HttpClient http, long end, int requests, CancellationToken cancel)
    {
        var chance = new Chance(11);
        for (int i = 0; i < WarmUps; i++) await Ask(http, question.Path(chance, end), cancel);
        double cpu = server.Processes.CpuSeconds();
        var times = new List<double>();
        for (int i = 0; i < requests; i++) times.Add(await Ask(http, question.Path(chance, end), cancel));
        double each = (server.Processes.CpuSeconds() - cpu) * 1000 / requests;
        var wall = new Percentiles(times);
        Console.WriteLine($"{question.Name,-50} p50 {wall.P50,7:F1}  p90 {wall.P90,7:F1}  max {wall.Max,7:F1} ms   CPU {each,6:F1} ms   aim {question.AimMilliseconds:F0}{(wall.P50 > question.AimMilliseconds ? "   MISSED" : "")}");
        return (question, wall, each);
    }

    private static async Task<double> Ask(HttpClient http, string path, CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancel);
        if (answer.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(body)}");
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>The end of the newest trace, Unix seconds.</summary>
    private static async Task<long> End(HttpClient http, CancellationToken cancel)
    {
        using var newest = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/search?since=13d&limit=1", UriKind.Relative), cancel));
        string start = newest.RootElement.GetProperty("traces")[0].GetProperty("startUnixNano").GetString()!;
        return long.Parse(start, CultureInfo.InvariantCulture) / 1_000_000_000 + 10;
    }
}
