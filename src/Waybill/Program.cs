using System.CommandLine;
using Waybill;
using Waybill.Commands;
using Waybill.Options;
using Waybill.Terminal;

// Longer than the server's own time for stopping (20 s), in which it moves the spool into the engine.
const int StopSecondsMax = 30;

var root = new RootCommand("Waybill: follow any request, change or data item from its origin to its outcome.")
{
    OutputOption.Value,
    TokenOption.Value,
    TlsOption.Authority,
    TlsOption.Certificate,
    TlsOption.Key,
    DemoCommand.Create(),
    ServeCommand.Create(),
    WhyCommand.Create(),
    TraceCommand.Create(),
    TracesCommand.Create(),
    SearchCommand.Create(),
    QueryCommand.Create(),
    LogsCommand.Create(),
    MetricsCommand.Create(),
    ServicesCommand.Create(),
    CausesCommand.Create(),
    VerdictCommand.Create(),
    StatusCommand.Create(),
    ChangesCommand.Create(),
    DeployCommand.Create(),
    ChangeCommand.Create(),
    SendCommand.Create(),
    RedactCommand.Create(),
    AuditCommand.Create(),
    UserCommand.Create(),
    TokenCommand.Create(),
    TokenCommand.CreateKey(),
    DoctorCommand.Create(),
    EngineCommand.Create(),
};
// '@FILE' is a value here, as in --after @new.yaml, and no file of further arguments.
ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
TokenOption.Take(parsed);
TlsOption.Take(parsed);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync($"waybill: {Visible.Of(error.Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal))}");
    string command = parsed.CommandResult.Command is RootCommand ? "waybill" : $"waybill {parsed.CommandResult.Command.Name}";
    await Console.Error.WriteLineAsync($"See '{command} --help'.");
    return ExitCode.Usage;
}
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(StopSecondsMax) });
}
catch (Waybill.Access.AccessFileException failure)
{
    await Console.Error.WriteLineAsync($"waybill: {failure.Message}");
    return ExitCode.Failed;
}
catch (CommandFailure failure)
{
    await Console.Error.WriteLineAsync($"waybill: {failure.Message}");
    return ExitCode.Failed;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("waybill: interrupted.");
    return ExitCode.Failed;
}
