using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Waybill.Causes.Synthetic;
using Waybill.Ingest;
using Waybill.Servers;

namespace Waybill.Causes;

/// <summary><c>causes</c>: made-up systems with known faults, sent through OTLP; how often does <c>/api/causes</c> name the right one?</summary>
internal static class CausesCommand
{
    /// <summary>Room between two incidents, so that none is in the other's baseline.</summary>
    private const long ApartNano = 1_800_000_000_000;

    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => 4, Description = "Systems per kind of fault" };
        var first = new Option<int>("--first-seed") { DefaultValueFactory = _ => 0, Description = "The first seed" };
        var only = new Option<string[]>("--fault") { AllowMultipleArgumentsPerToken = true, Description = "Only these kinds of fault" };
        var program = new Option<string?>("--program") { Description = "A waybill executable instead of this repository's Release build" };
        var append = new Option<string?>("--append") { Description = "Append the tables, as Markdown, to this file" };
        var wrong = new Option<bool>("--wrong") { Description = "Show the answers that were not right" };
        var command = new Command("causes", "Inject faults into made-up systems and count how often causes names them first") { seeds, first, only, program, append, wrong };
        command.SetAction(async (parsed, cancel) =>
        {
            var run = RunDirectory.Open(null);
            await using var server = await ServerUnderTest.Start(parsed.GetValue(program), run.Data, run.ServerLog, cancel);
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(120) };
            var kinds = Enum.GetValues<FaultKind>().Where(k => k != FaultKind.Retry && (parsed.GetValue(only) is not { Length: > 0 } some || some.Contains($"{k}", StringComparer.OrdinalIgnoreCase))).ToList();
            long begin = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 12 * 86_400) * 1_000_000_000;
            var cases = kinds.SelectMany(kind => Enumerable.Range(parsed.GetValue(first), parsed.GetValue(seeds)).Select(seed => (kind, seed))).Select((c, i) => (c.kind, c.seed, Begin: begin + i * ApartNano)).ToList();

            var sender = new ScenarioSender(http, new Uri(server.Traces, "/"));
            var report = new CausesReport();
            foreach (bool all in (bool[])[false, true])
            {
                foreach (var (kind, seed, at) in cases)
                {
                    if (Scenario.Create(kind, seed, at) is not { } scenario) continue;
                    if (all) await sender.SendMetricsAndLogs(scenario, cancel);
                    else await sender.SendSpans(scenario, cancel);
                }
                if (!await Quiet.Wait(server, TimeSpan.FromSeconds(180), cancel)) Console.Error.WriteLine("The server did not settle; going on.");
                foreach (var (kind, seed, at) in cases)
                {
                    if (Scenario.Create(kind, seed, at) is not { } scenario) continue;
                    long started = Stopwatch.GetTimestamp();
                    using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(server.Api!, $"/api/causes?since={scenario.SinceNano}&until={scenario.UntilNano}"), cancel));
                    var verdict = report.Add(scenario, all, answer.RootElement, Stopwatch.GetElapsedTime(started));
                    if (parsed.GetValue(wrong) && verdict is { } text) Console.WriteLine(text);
                }
            }
            report.Print(Console.Out);
            if (parsed.GetValue(append) is { } file) await File.AppendAllTextAsync(file, report.ToString(), cancel);
            return 0;
        });
        return command;
    }
}
