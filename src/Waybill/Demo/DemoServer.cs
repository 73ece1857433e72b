using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Waybill.Api;
using Waybill.Options;

namespace Waybill.Demo;

/// <summary>A server of its own for the demo: <c>waybill serve</c> as a child, on the usual ports when they are free.</summary>
internal sealed class DemoServer : IAsyncDisposable
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(25);   // The server gives itself 20 s.

    private readonly ChildProcess _process;

    private DemoServer(ChildProcess process, Uri otlpGrpc, Uri otlpHttp, Uri console, bool usualPorts) =>
        (_process, OtlpGrpc, OtlpHttp, Console, HasUsualPorts) = (process, otlpGrpc, otlpHttp, console, usualPorts);

    public Uri OtlpGrpc { get; }
    public Uri OtlpHttp { get; }
    public Uri Console { get; }

    /// <summary>False when one of the usual ports was taken, so that others were chosen.</summary>
    public bool HasUsualPorts { get; }

    /// <summary>Returns when it listens and can be read from.</summary>
    /// <exception cref="CommandFailure">It did not start, with what it said.</exception>
    /// <param name="catalog">Catalog file that says who owns what; null for none.</param>
    public static async Task<DemoServer> Start(string dataDirectory, string? catalog, TimeSpan timeout, CancellationToken cancel)
    {
        bool usual = IsFree(Ports.OtlpGrpc) && IsFree(Ports.OtlpHttp) && IsFree(Ports.Console);
        var environment = usual ? [] : new Dictionary<string, string?> { ["WAYBILL_PORTS__OTLPGRPC"] = "0", ["WAYBILL_PORTS__OTLPHTTP"] = "0", ["WAYBILL_PORTS__CONSOLE"] = "0" };
        if (catalog is not null) environment["WAYBILL_CATALOG__PATHS__0"] = catalog;
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        (string program, string[] before) = ThisProgram();
        var process = new ChildProcess(program, [.. before, "serve", "--data", dataDirectory, "--output", "json", "--while-input-open"], environment, Path.Combine(dataDirectory, "server.log"), EndMax,
            line =>
            {
                if (line.StartsWith("{\"otlpGrpc\"", StringComparison.Ordinal)) listening.TrySetResult(line);
            });
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(timeout);
            while (!listening.Task.IsCompleted)
            {
                if (process.HasExited) throw new CommandFailure($"The server did not start: {process.LastWords} Is another demo running on {dataDirectory}? Use another directory with --data.");
                await Task.Delay(50, limit.Token);
            }
            using JsonDocument ports = JsonDocument.Parse(await listening.Task);
            var server = new DemoServer(process, Url("otlpGrpc"), Url("otlpHttp"), Url("console"), usual);
            await server.UntilReady(limit.Token);
            return server;

            Uri Url(string name) => new(ports.RootElement.Text(name));
        }
        catch (Exception e)
        {
            await process.DisposeAsync();
            if (e is OperationCanceledException && !cancel.IsCancellationRequested)
                throw new CommandFailure($"The server was not ready within {timeout.TotalSeconds:0} s. Its log: {process.LogFile}");
            throw;
        }
    }

    private async Task UntilReady(CancellationToken cancel)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        while (true)
        {
            if (_process.HasExited)
                throw new CommandFailure($"The server ended: {_process.LastWords} Its log: {_process.LogFile}. If its data is of another version, delete it, or use another directory with --data.");
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri(Console, "readyz"), cancel);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It is ending: its own words come with the next look.
            }
            await Task.Delay(100, cancel);
        }
    }

    /// <summary>How to start this program again: by itself, or by <c>dotnet waybill.dll</c>.</summary>
    public static (string Program, string[] Before) ThisProgram()
    {
        string self = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(self) == "dotnet" ? (self, [Path.Combine(AppContext.BaseDirectory, "waybill.dll")]) : (self, []);
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
