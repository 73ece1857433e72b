using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Waybill.Web;

namespace Waybill.Commands;

/// <summary><c>waybill serve</c>: the server.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Directory for everything that is kept. Default: waybill-data in the current directory.", DefaultValueFactory = _ => "waybill-data" };
        var bind = new Option<string?>("--bind") { Description = "Address to listen on. Default 127.0.0.1." };
        var store = new Option<string?>("--store") { Description = "A ClickHouse server instead of the embedded engine, as https://user:password@host:8443/database." };
        var command = new Command("serve", "Run the server: OTLP/gRPC on 4317, OTLP/HTTP on 4318, console on 4319.") { data, bind, store };
        command.SetAction((parsed, cancel) => Serve(parsed.GetRequiredValue(data), parsed.GetValue(bind), parsed.GetValue(store), cancel));
        return command;
    }

    private static async Task<int> Serve(string data, string? bind, string? store, CancellationToken cancel)
    {
        var settings = new Dictionary<string, string?> { ["Storage:Directory"] = data };
        if (bind is not null) settings["Ports:Bind"] = bind;
        if (store is not null) settings["Storage:Url"] = store;
        try
        {
            await using var app = WebHost.Build(settings);
            await app.StartAsync(cancel);
            Announce(app.Services.GetRequiredService<BoundPorts>());
            await app.WaitForShutdownAsync(cancel);
            return 0;
        }
        catch (Exception e) when (e is OptionsValidationException or IOException or ArgumentException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"waybill: {e.Message}");
            return 1;
        }
    }

    private static void Announce(BoundPorts ports) => Console.Out.WriteLine(
        $"""
        Waybill is listening.
          OTLP/gRPC  http://127.0.0.1:{ports.OtlpGrpc}
          OTLP/HTTP  http://127.0.0.1:{ports.OtlpHttp}   (Zipkin: /api/v2/spans)
          Console    http://127.0.0.1:{ports.Console}
        Point an OpenTelemetry SDK here:  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{ports.OtlpGrpc}
        """);
}
