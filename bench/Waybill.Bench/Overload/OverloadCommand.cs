using System.CommandLine;
using Waybill.Ingest;
using Waybill.Servers;

namespace Waybill.Overload;

/// <summary><c>overload</c>: what a server promises when more comes than it can take.</summary>
internal static class OverloadCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 60, Description = "How long" };
        var factor = new Option<double>("--factor") { DefaultValueFactory = _ => 5, Description = "Offered load as a multiple of capacity" };
        var capacity = new Option<double>("--capacity") { Description = "Spans a second the server can acknowledge; 0 measures it first" };
        var sdks = new Option<int>("--sdk-processes") { DefaultValueFactory = _ => 2, Description = "OpenTelemetry SDK processes of each protocol (gRPC, HTTP)" };
        var sdkRate = new Option<double>("--sdk-rate") { DefaultValueFactory = _ => 5_000, Description = "Spans a second of each SDK process" };
        var posters = new Option<int>("--posters") { DefaultValueFactory = _ => 2, Description = "Raw poster processes that offer the rest" };
        var connections = new Option<int>("--connections") { DefaultValueFactory = _ => 64, Description = "Requests in flight of each raw poster" };
        var memory = new Option<long>("--memory-max-mib") { DefaultValueFactory = _ => 1_000, Description = "Memory of all server processes together that counts as bounded" };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 20_261_122, Description = "Other seeds give other ids and shapes" };
        var directory = new Option<string?>("--dir") { Description = "Where to keep data, server log and what was sent; must be new" };
        var program = new Option<string?>("--program") { Description = "A waybill executable to measure instead of this repository's Release build" };
        var append = new Option<string?>("--append") { Description = "Append a Markdown row to this file" };
        var command = new Command("overload", "Offer several times capacity: nothing acknowledged is lost, refusals are retryable, memory is bounded, recovery is quick")
        {
            seconds, factor, capacity, sdks, sdkRate, posters, connections, memory, seed, directory, program, append,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var run = RunDirectory.Open(parsed.GetValue(directory));
            if (Directory.Exists(run.Data))
            {
                Console.Error.WriteLine($"{run.Data} exists: the spans in it would be counted too. Give --dir a new directory.");
                return 2;
            }
            var options = new OverloadOptions(parsed.GetValue(seconds), parsed.GetValue(factor), parsed.GetValue(capacity), parsed.GetValue(sdks), parsed.GetValue(sdkRate),
                parsed.GetValue(posters), parsed.GetValue(connections), parsed.GetValue(memory) * 1024 * 1024, parsed.GetValue(seed));
            await using var server = await ServerUnderTest.Start(parsed.GetValue(program), run.Data, run.ServerLog, cancel);
            var result = await new OverloadRun(server, run, options, TimeProvider.System).Run(cancel);
            OverloadReport.Print(options, result);

            var broken = OverloadReport.Judge(options, result);
            broken.AddRange(await Verify(server, result, cancel));
            foreach (string line in broken.Take(20)) Console.Error.WriteLine($"BROKEN: {line}");
            if (parsed.GetValue(append) is { } file) OverloadReport.Append(file, result, broken.Count == 0);
            Console.WriteLine($"{(broken.Count == 0 ? "the contract held" : $"{broken.Count} BREACHES")}; kept {run.Path}");
            return broken.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task<List<string>> Verify(ServerUnderTest server, OverloadResult result, CancellationToken cancel)
    {
        using var http = new HttpClient();
        var verification = new Verification(http, server.Api!);
        var wrong = await verification.Total(result.Acknowledged, result.Unknown, cancel);
        wrong.AddRange(await verification.Posters(result.Posts, cancel));
        foreach (var (how, _, outcomes) in result.Sdk) wrong.AddRange(await verification.Sdk(how.Process, outcomes, cancel));
        return wrong;
    }
}
