using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Waybill.Processes;

/// <summary>Where a server listens, with a client for each door.</summary>
internal sealed class Addresses(Uri grpc, Uri otlp, Uri console) : IDisposable
{
    public Uri GrpcUri { get; } = grpc;
    public Uri OtlpUri { get; } = otlp;
    public Uri ApiUri { get; } = console;

    public HttpClient Otlp { get; } = new() { BaseAddress = otlp, Timeout = TimeSpan.FromSeconds(60) };
    public HttpClient Api { get; } = new() { BaseAddress = console, Timeout = TimeSpan.FromSeconds(60) };
    public HttpClient Grpc { get; } = new()
    {
        BaseAddress = grpc,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };

    public void Dispose()
    {
        Otlp.Dispose();
        Api.Dispose();
        Grpc.Dispose();
    }
}

/// <summary>One life of the server's process: what it says, and where it says that it listens.</summary>
internal sealed partial class Run : IDisposable
{
    private readonly Task _reading;
    private readonly Dictionary<string, Uri> _doors = [];

    public Run(Process process)
    {
        Process = process;
        _reading = Task.WhenAll(Read(process.StandardOutput), Read(process.StandardError));
        _ = _reading.ContinueWith(_ => Listening.TrySetException(new InvalidOperationException($"The server ended before it listened:\n{Log}")), TaskScheduler.Default);
        _ = Listening.Task.ContinueWith(failed => failed.Exception, TaskScheduler.Default);   // observed, also when nobody waits
    }

    public Process Process { get; }
    public LogTail Log { get; } = new();
    public TaskCompletionSource<Addresses> Listening { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task Ended(CancellationToken cancel)
    {
        await Process.WaitForExitAsync(cancel);
        await _reading;
    }

    public void Dispose()
    {
        if (Listening.Task.IsCompletedSuccessfully) Listening.Task.Result.Dispose();
        Process.Dispose();
    }

    private async Task Read(StreamReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            Log.Add(line);
            if (!Listening.Task.IsCompleted && Door().Match(line) is { Success: true } door) Add(door.Groups[1].Value, new Uri(door.Groups[2].Value));
        }
    }

    private void Add(string door, Uri uri)
    {
        _doors[door] = uri;
        if (_doors.Count == 3) Listening.TrySetResult(new Addresses(_doors["OTLP/gRPC"], _doors["OTLP/HTTP"], _doors["Console"]));
    }

    // "  OTLP/gRPC  http://127.0.0.1:41003"
    [GeneratedRegex(@"^\s+(OTLP/gRPC|OTLP/HTTP|Console)\s+(http://\S+)")]
    private static partial Regex Door();
}

/// <summary>The last lines of a log.</summary>
internal sealed class LogTail
{
    private const int LinesMax = 5_000;
    private readonly Queue<string> _lines = new();

    public void Add(string line)
    {
        lock (_lines)
        {
            if (_lines.Count == LinesMax) _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (_lines) return new StringBuilder().AppendJoin('\n', _lines).ToString();
    }
}
