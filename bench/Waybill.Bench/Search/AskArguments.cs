using System.CommandLine;
using Waybill.Ingest;
using Waybill.Servers;

namespace Waybill.Search;

/// <summary>The options of a command that asks a server with a load in it, and that server, at rest.</summary>
internal sealed class AskArguments(int requestsDefault)
{
    private readonly LoadArguments _load = new();
    private readonly Option<string?> _directory = new("--dir") { Description = "What 'ingest --dir' left; loaded first if it is empty" };
    private readonly Option<string?> _program = new("--program") { Description = "A waybill executable to measure instead of this repository's Release build" };
    private readonly Option<int> _requests = new("--requests") { DefaultValueFactory = _ => requestsDefault, Description = "Asks of each question, one at a time, each with other values" };
    private readonly Option<string?> _append = new("--append") { Description = "Append Markdown rows to this file" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _directory, _program, _requests, _append }) command.Add(option);
        _load.AddTo(command);
    }

    public LoadOptions Load(ParseResult parsed) => _load.Read(parsed);

    public int Requests(ParseResult parsed) => parsed.GetValue(_requests);

    public string? AppendTo(ParseResult parsed) => parsed.GetValue(_append);

    public async Task<(RunDirectory Run, ServerUnderTest Server)> Start(ParseResult parsed, CancellationToken cancel)
    {
        var run = RunDirectory.Open(parsed.GetValue(_directory));
        var server = await ServerUnderTest.Start(parsed.GetValue(_program), run.Data, run.ServerLog, cancel);
        try
        {
            if (!run.IsLoaded) IngestReport.Print("waybill", Load(parsed), await Ingest.Load.Run(server, run, Load(parsed), TimeProvider.System, cancel));
            await Quiet.Wait(server, TimeSpan.FromMinutes(5), cancel);
            return (run, server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
