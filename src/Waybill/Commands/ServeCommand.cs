using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Waybill.Options;
using Waybill.Storage;
using Waybill.Web;

namespace Waybill.Commands;

/// <summary><c>waybill serve</c>: the server, until it is told to stop; then it moves what is left in the spool into the engine.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Directory for everything that is kept.", HelpName = "DIR", DefaultValueFactory = _ => "waybill-data" };
        var bind = new Option<string?>("--bind") { Description = "Address to listen on. Default 127.0.0.1.", HelpName = "ADDRESS" };
        var store = new Option<string?>("--store") { Description = "A ClickHouse server instead of the embedded engine, as https://user:password@host:8443/database.", HelpName = "URL" };
        var held = new Option<bool>("--while-input-open") { Description = "Stop when standard input closes, so when whoever started it ends.", Hidden = true };
        var command = new Command("serve", "Run the server: OTLP/gRPC on 4317, OTLP/HTTP on 4318, console on 4319.") { data, bind, store, held };
        command.SetAction((parsed, cancel) => Serve(parsed.GetRequiredValue(data), parsed.GetValue(bind), parsed.GetValue(store), parsed.GetValue(held), parsed.IsJson(), cancel));
        return command;
    }

    private static async Task<int> Serve(string data, string? bind, string? store, bool held, bool asJson, CancellationToken cancel)
    {
        var settings = new Dictionary<string, string?> { ["Storage:Directory"] = data };
        if (bind is not null) settings["Ports:Bind"] = bind;
        if (store is not null) settings["Storage:Url"] = store;
        try
        {
            await using var app = WebHost.Build(settings);
            _ = app.Services.GetRequiredService<StorageHost>();   // opened first: the host would log a stack with what is wrong
            await app.StartAsync(cancel);
            Announce(app.Services.GetRequiredService<BoundPorts>(), asJson);
            if (held) _ = StopAtEndOfInput(app.Lifetime);
            await app.WaitForShutdownAsync(cancel);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new CommandFailure($"{e.Message} 'waybill doctor' says by whom; other ports: WAYBILL_PORTS__OTLPGRPC, WAYBILL_PORTS__OTLPHTTP, WAYBILL_PORTS__CONSOLE (0 is a free one).");
        }
        catch (Exception e) when (e is OptionsValidationException or IOException or ArgumentException or UnauthorizedAccessException)
        {
            throw new CommandFailure(e.Message.ReplaceLineEndings(" "));
        }
    }

    private static async Task StopAtEndOfInput(IHostApplicationLifetime life)
    {
        await using Stream input = Console.OpenStandardInput();
        byte[] ignored = new byte[256];
        while (await input.ReadAsync(ignored) > 0) { }
        life.StopApplication();
    }

    private static void Announce(BoundPorts ports, bool asJson)
    {
        string at = $"{ports.Scheme}://{ports.HostName}", grpc = $"{at}:{ports.OtlpGrpc}", http = $"{at}:{ports.OtlpHttp}", console = $"{at}:{ports.Console}";
        if (asJson) Console.Out.WriteLine($$"""{"otlpGrpc":"{{grpc}}","otlpHttp":"{{http}}","console":"{{console}}"}""");
        else Console.Out.WriteLine(
            $"""
            Waybill is listening.
              OTLP/gRPC  {grpc}
              OTLP/HTTP  {http}   (Zipkin: /api/v2/spans)
              Console    {console}
            Point an OpenTelemetry SDK here:  OTEL_EXPORTER_OTLP_ENDPOINT={grpc}
            """);
    }
}
