using System.CommandLine;
using Waybill.Ingest;
using Waybill.Measuring;
using Waybill.Payloads;
using Waybill.Servers;

namespace Waybill.Read;

/// <summary><c>read</c>: how long a trace by id takes, whole and as a skeleton, and whether the answer is right.</summary>
internal static class ReadCommand
{
    private const int WarmUps = 50;

    public static Command Create()
    {
        var load = new LoadArguments();
        var directory = new Option<string?>("--dir") { Description = "What 'ingest --dir' left; loaded first if it is empty" };
        var program = new Option<string?>("--program") { Description = "A waybill executable to measure instead of this repository's Release build" };
        var requests = new Option<int>("--requests") { DefaultValueFactory = _ => 300, Description = "Distinct traces to read, each whole and as a skeleton" };
        var cold = new Option<int>("--cold") { Description = "Also so many cold reads of each kind, each after a restart and with an empty page cache (needs root)" };
        var append = new Option<string?>("--append") { Description = "Append a Markdown row to this file" };
        var command = new Command("read", "Measure trace by id, warm and cold; a wrong answer fails the run") { directory, program, requests, cold, append };
        load.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(cold) is not null && !Environment.IsPrivilegedProcess) result.AddError("--cold: emptying the page cache needs root.");
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var run = RunDirectory.Open(parsed.GetValue(directory));
            string? server = parsed.GetValue(program);
            if (!run.IsLoaded) await Fill(server, run, load.Read(parsed), cancel);

            var payloads = new PayloadStream(run.Plan());
            int[] acknowledged = run.Acknowledged();
            var sample = Sample(payloads, acknowledged, parsed.GetValue(requests) + WarmUps + parsed.GetValue(cold));
            long spans = (long)acknowledged.Length * run.Plan().SpansPerRequest;
            Console.WriteLine($"waybill on {Machine.Describe()}\n{spans:N0} spans stored, every trace read once as each kind");

            var (whole, skeleton) = await Warm(server, run, payloads, sample[parsed.GetValue(cold)..], cancel);
            var (wholeCold, skeletonCold) = await Cold(server, run, payloads, sample[..parsed.GetValue(cold)], cancel);
            int wrong = TraceReads.Report("whole, warm", whole) + TraceReads.Report("skeleton, warm", skeleton) +
                TraceReads.Report("whole, cold", wholeCold) + TraceReads.Report("skeleton, cold", skeletonCold);
            if (parsed.GetValue(append) is { } file) ReadReport.Append(file, spans, whole, skeleton, wholeCold, skeletonCold);
            Console.WriteLine(wrong == 0 ? "every answer has exactly the spans that were sent" : $"{wrong} WRONG ANSWERS");
            return wrong == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>Traces picked without pattern from all acknowledged requests; the same ones for the same run.</summary>
    public static SentTrace[] Sample(PayloadStream payloads, int[] acknowledged, int count)
    {
        var chance = new Chance(7);
        var picked = new Dictionary<string, SentTrace>();
        for (int tries = 0; picked.Count < count && tries < count * 10 && acknowledged.Length > 0; tries++)
        {
            var trace = chance.Pick(payloads.Traces(chance.Pick(acknowledged)).ToList());
            picked.TryAdd(trace.Id, trace);
        }
        return [.. picked.Values];
    }

    private static async Task Fill(string? program, RunDirectory run, LoadOptions options, CancellationToken cancel)
    {
        await using var server = await ServerUnderTest.Start(program, run.Data, run.ServerLog, cancel);
        var result = await Load.Run(server, run, options, TimeProvider.System, cancel);
        IngestReport.Print("waybill", options, result);
    }

    private static async Task<(List<TraceRead> Whole, List<TraceRead> Skeleton)> Warm(string? program, RunDirectory run, PayloadStream payloads, SentTrace[] sample, CancellationToken cancel)
    {
        await using var server = await ServerUnderTest.Start(program, run.Data, run.ServerLog, cancel);
        using var http = new HttpClient();
        var reads = new TraceReads(http, server.Api!, payloads);
        await Quiet.Wait(server, TimeSpan.FromMinutes(5), cancel);
        var warmUps = sample[..Math.Min(WarmUps, sample.Length / 2)];
        await reads.Run(warmUps, TraceReads.Whole, cancel);
        await reads.Run(warmUps, TraceReads.Skeleton, cancel);
        var skeleton = await reads.Run(sample[warmUps.Length..], TraceReads.Skeleton, cancel);
        return (await reads.Run(sample[warmUps.Length..], TraceReads.Whole, cancel), skeleton);
    }

    private static async Task<(List<TraceRead> Whole, List<TraceRead> Skeleton)> Cold(string? program, RunDirectory run, PayloadStream payloads, SentTrace[] sample, CancellationToken cancel)
    {
        var (whole, skeleton) = (new List<TraceRead>(), new List<TraceRead>());
        foreach (var trace in sample)
        {
            whole.Add(await ColdOnce(program, run, payloads, trace, TraceReads.Whole, cancel));
            skeleton.Add(await ColdOnce(program, run, payloads, trace, TraceReads.Skeleton, cancel));
        }
        return (whole, skeleton);
    }

    private static async Task<TraceRead> ColdOnce(string? program, RunDirectory run, PayloadStream payloads, SentTrace trace, string query, CancellationToken cancel)
    {
        await using var server = await ServerUnderTest.Start(program, run.Data, run.ServerLog, cancel);
        Machine.DropPageCache();
        using var http = new HttpClient();
        return await new TraceReads(http, server.Api!, payloads).Run(trace, query, cancel);
    }
}
