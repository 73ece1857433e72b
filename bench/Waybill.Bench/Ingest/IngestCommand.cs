using System.CommandLine;
using Waybill.Servers;

namespace Waybill.Ingest;

/// <summary><c>ingest</c>: what it costs to take spans in.</summary>
internal static class IngestCommand
{
    public static Command Create()
    {
        var load = new LoadArguments();
        var directory = new Option<string?>("--dir") { Description = "Where to keep data, server log and what was sent, for 'read'; a new temporary directory otherwise" };
        var program = new Option<string?>("--program") { Description = "A waybill executable to measure instead of this repository's Release build" };
        var append = new Option<string?>("--append") { Description = "Append a Markdown row to this file" };
        var url = new Option<Uri?>("--url")
        {
            Description = "Measure a running server of any make: where it takes OTLP/HTTP traces",
            CustomParser = Address,
        };
        var pids = new Option<int[]>("--pid") { Description = "With --url: its process ids", AllowMultipleArgumentsPerToken = true };
        var data = new Option<string?>("--data") { Description = "With --url: its data directory" };
        var name = new Option<string>("--name") { DefaultValueFactory = _ => "waybill", Description = "What to call the server in the result" };
        var command = new Command("ingest", "Measure ingest: spans per CPU-second until spool and merges have settled, ack latency, disk, memory")
        {
            directory, program, append, url, pids, data, name,
        };
        load.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(url) is not null && (result.GetResult(pids) is null || result.GetResult(data) is null))
                result.AddError("--url needs --pid and --data of the same server: CPU, memory and disk are measured there.");
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var run = RunDirectory.Open(parsed.GetValue(directory));
            var options = load.Read(parsed);
            await using var server = parsed.GetValue(url) is { } target
                ? new ServerUnderTest(target, null, null, parsed.GetValue(pids)!, parsed.GetValue(data)!)
                : await ServerUnderTest.Start(parsed.GetValue(program), run.Data, run.ServerLog, cancel);
            var result = await Load.Run(server, run, options, TimeProvider.System, cancel);
            IngestReport.Print(parsed.GetValue(name)!, options, result);
            if (parsed.GetValue(append) is { } file) IngestReport.Append(file, parsed.GetValue(name)!, options, result);
            Console.WriteLine($"kept           {run.Path}");
            return result.Acknowledged == result.Sent && result.Flaws == 0 && result.Settled ? 0 : 1;
        });
        return command;
    }

    private static Uri? Address(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
        result.AddError("--url: an absolute http address, as http://127.0.0.1:4318/v1/traces.");
        return null;
    }
}
