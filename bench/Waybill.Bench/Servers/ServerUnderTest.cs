using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Waybill.Measuring;

namespace Waybill.Servers;

/// <summary>A server that is ready: its addresses, its processes, its data.</summary>
/// <param name="Traces">Where OTLP/HTTP traces are posted.</param>
/// <param name="Grpc">OTLP/gRPC; null when the server is not ours.</param>
/// <param name="Api">UI and API; null when the server is not ours.</param>
internal sealed record ServerUnderTest(Uri Traces, Uri? Grpc, Uri? Api, IReadOnlyList<int> ProcessIds, string DataDirectory) : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60), StopWithin = TimeSpan.FromSeconds(60);
    private Process? _process;

    public ProcessTree Processes { get; } = new(ProcessIds);

    /// <summary>Starts <c>waybill serve</c>, as built in Release from this repository, on free loopback ports.</summary>
    /// <param name="program">Another executable that understands <c>serve --data DIR</c>; null for this repository's.</param>
    /// <exception cref="InvalidOperationException">The server is not built, ended at once, or was not ready in time; its log is <paramref name="logFile"/>.</exception>
    public static async Task<ServerUnderTest> Start(string? program, string dataDirectory, string logFile, CancellationToken cancel, IReadOnlyDictionary<string, string>? settings = null)
    {
        program ??= await Build(cancel);
        var (grpc, otlp, console) = FreePorts();
        // The shell hands its process over to the server, so the id is the server's; the log is a file because nobody reads a pipe here.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" serve --data \"$1\" >>\"$2\" 2>&1", program, dataDirectory, logFile]);
        start.Environment["WAYBILL_PORTS__OTLPGRPC"] = grpc.ToString();
        start.Environment["WAYBILL_PORTS__OTLPHTTP"] = otlp.ToString();
        start.Environment["WAYBILL_PORTS__CONSOLE"] = console.ToString();
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var process = Process.Start(start)!;
        var server = new ServerUnderTest(new($"http://127.0.0.1:{otlp}/v1/traces"), new($"http://127.0.0.1:{grpc}"), new($"http://127.0.0.1:{console}"), [process.Id], dataDirectory)
        {
            _process = process,
        };
        try
        {
            await server.Ready(logFile, cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
            await kill.WaitForExitAsync();
            using var patience = new CancellationTokenSource(StopWithin);
            try { await _process.WaitForExitAsync(patience.Token); }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine($"The server did not stop within {StopWithin.TotalSeconds} s of SIGTERM and is killed.");
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
    }

    private async Task Ready(string logFile, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < ReadyWithin)
        {
            if (_process!.HasExited) throw new InvalidOperationException($"The server ended with exit code {_process.ExitCode}; its log is {logFile}.");
            try
            {
                using var answer = await http.GetAsync(new Uri(Api!, "/readyz"), cancel);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancel.IsCancellationRequested)) { }   // not listening, or busy starting
            await Task.Delay(50, cancel);
        }
        throw new InvalidOperationException($"The server was not ready within {ReadyWithin.TotalSeconds} s; its log is {logFile}.");
    }

    private static async Task<string> Build(CancellationToken cancel)
    {
        string root = Repository();
        using var build = Process.Start("dotnet", ["build", "-c", "Release", "--nologo", "-v", "quiet", Path.Combine(root, "src/Waybill")]);
        await build.WaitForExitAsync(cancel);
        string program = Path.Combine(root, "src/Waybill/bin/Release/net10.0/waybill");
        return build.ExitCode == 0 && File.Exists(program) ? program : throw new InvalidOperationException($"{program} could not be built.");
    }

    private static string Repository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Waybill.slnx"))) return at.FullName;
        throw new InvalidOperationException("This program is not run from within the repository: give --program.");
    }

    // Another process may take a port in between; then the server says so and the run is started again.
    private static (int, int, int) FreePorts()
    {
        var listeners = Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Dispose());
        return (ports[0], ports[1], ports[2]);
    }
}
