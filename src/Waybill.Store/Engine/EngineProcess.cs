using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Waybill.Engine.Host;

namespace Waybill.Engine;

/// <summary>Where the engine's process stands.</summary>
/// <param name="ProcessId">0 while none runs.</param>
/// <param name="Restarts">Starts after the first.</param>
/// <param name="LastError">Why the last one ended, with the last line it said; null while all is well.</param>
public sealed record EngineState(bool Ready, int ProcessId, int Restarts, string? LastError);

/// <summary>Keeps one <c>waybill engine</c> process running: starts it, waits until it answers, watches it, starts it again when it dies or hangs.</summary>
public sealed partial class EngineProcess : IAsyncDisposable
{
    /// <summary>Longest pause between two starts. The first pause is 200 ms and each next is doubled; a minute of health starts over.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    /// <summary>Asked this often whether it still answers; without an answer for <see cref="SilenceMax"/> it is killed and started again.</summary>
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);

    /// <summary>For an orderly end: what runs is finished or cut, nothing acknowledged is lost either way.</summary>
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(10);

    /// <summary>Opening thousands of parts with a cold cache took 2.7 s; ten times that, and more, before a start counts as hung.</summary>
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);

    private readonly EngineHostOptions _options;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private readonly Lock _lock = new();
    private EngineState _state = new(false, 0, 0, null);
    private TaskCompletionSource _ready = NewSignal();
    private string? _lastLine;

    private EngineProcess(EngineHostOptions options, ILogger log, TimeProvider time)
    {
        (_options, _log, _time) = (options, log, time);
        Client = EngineClient.Embedded(options.SocketPath);
        _running = Task.Run(KeepRunning);
    }

    /// <summary>Starts the engine and keeps it running until disposal. The program is <c>waybill</c> beside this one.</summary>
    public static EngineProcess Start(EngineHostOptions options, ILogger log, TimeProvider time) => new(options, log, time);

    /// <summary>A client of this engine, valid across restarts; disposed with the process.</summary>
    public EngineClient Client { get; }

    public EngineState State
    {
        get
        {
            lock (_lock) return _state;
        }
    }

    /// <summary>Completes when the engine answers; at once when it does. Waits through restarts, until cancelled.</summary>
    public Task WaitUntilReady(CancellationToken cancel)
    {
        lock (_lock) return _ready.Task.WaitAsync(cancel);
    }

    private async Task KeepRunning()
    {
        var pause = PauseMin;
        while (!_stopping.IsCancellationRequested)
        {
            long started = _time.GetTimestamp();
            string? error = await TryRunOnce();
            if (_stopping.IsCancellationRequested) return;

            pause = _time.GetElapsedTime(started) >= Healthy ? PauseMin : pause;
            Log.Ended(_log, error, pause.TotalMilliseconds);
            await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, PauseMax.Ticks));
            lock (_lock) _state = _state with { Restarts = _state.Restarts + 1 };
        }
    }

    private async Task<string?> TryRunOnce()
    {
        try
        {
            return await RunOnce();
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            string why = $"could not be started: {error.Message}";
            SetEnded(why);
            return why;
        }
    }

    /// <returns>Why it ended; null when it was told to.</returns>
    private async Task<string?> RunOnce()
    {
        using var process = Process.Start(StartInfo()) ?? throw new InvalidOperationException("The operating system started no process.");
        lock (_lock) _state = _state with { ProcessId = process.Id };
        await GiveKeys(process);
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.WhenAll(Read(process.StandardOutput, said), Read(process.StandardError, null));
        var exited = process.WaitForExitAsync(CancellationToken.None);

        string? hung = null;
        if (await Task.WhenAny(said.Task, exited, Task.Delay(StartMax, _time, _stopping.Token)) == said.Task)
        {
            SetReady(process.Id);
            hung = await WatchUntilSilent(exited);
        }
        else if (!exited.IsCompleted && !_stopping.IsCancellationRequested)
        {
            hung = $"did not start within {StartMax.TotalSeconds:F0} s";
        }

        if (!exited.IsCompleted) await Stop(process, exited, orderly: hung is null);
        await reading;
        string? why = _stopping.IsCancellationRequested ? null : $"{hung ?? Describe(process.ExitCode)}; its last words: {_lastLine ?? "none"}";
        SetEnded(why);
        return why;
    }

    /// <returns>Null when it ended or is to end; otherwise why it counts as hung.</returns>
    private async Task<string?> WatchUntilSilent(Task exited)
    {
        long answered = _time.GetTimestamp();
        while (true)
        {
            if (await Task.WhenAny(exited, Task.Delay(PingEvery, _time, _stopping.Token)) == exited || _stopping.IsCancellationRequested) return null;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(SilenceMax);
            try
            {
                if (await Client.Ping(limit.Token)) answered = _time.GetTimestamp();
            }
            catch (OperationCanceledException)
            {
                if (_stopping.IsCancellationRequested) return null;
            }

            if (_time.GetElapsedTime(answered) >= SilenceMax) return $"did not answer for {SilenceMax.TotalSeconds:F0} s";
        }
    }

    private static string Describe(int exitCode) => exitCode == SelfTest.HungExitCode
        ? "failed its self-test: with the engine's library loaded the runtime cannot stop its threads"
        : $"ended with exit code {exitCode}";

    private static async Task Stop(Process process, Task exited, bool orderly)
    {
        const int Terminate = 15;
        if (orderly && kill(process.Id, Terminate) == 0 && await Task.WhenAny(exited, Task.Delay(StopMax)) == exited) return;
        process.Kill();
        await exited;
    }

    private async Task Read(StreamReader lines, TaskCompletionSource? ready)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            if (ready is not null && line == EngineHost.ReadyLine)
            {
                ready.TrySetResult();
                continue;
            }

            _lastLine = line;
            if (ready is null) Log.Complained(_log, line);
            else Log.Said(_log, line);
        }
    }

    private ProcessStartInfo StartInfo()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "waybill");
        bool isNative = File.Exists(program);
        string parent = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["engine", "--options", JsonSerializer.Serialize(_options), "--parent", parent];
        if (_options.EncryptionKeys.Count > 0) arguments = [.. arguments, "--keys-on-input", _options.EncryptionKeys.Count.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo(isNative ? program : "dotnet", isNative ? arguments : [program + ".dll", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("WAYBILL_ENCRYPTION__", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        return start;
    }

    private async Task GiveKeys(Process process)
    {
        try
        {
            if (_options.EncryptionKeys.Count > 0) await EngineKeys.Write(process.StandardInput.BaseStream, _options.EncryptionKeys);
        }
        catch (IOException)
        {
            // It has ended already; its last words say why.
        }
    }

    private void SetReady(int processId)
    {
        lock (_lock)
        {
            _state = _state with { Ready = true, ProcessId = processId, LastError = null };
            _ready.TrySetResult();
        }

        Log.Ready(_log, processId);
    }

    private void SetEnded(string? error)
    {
        lock (_lock)
        {
            _state = _state with { Ready = false, ProcessId = 0, LastError = error };
            if (_ready.Task.IsCompleted) _ready = NewSignal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Stops the engine: SIGTERM, ten seconds, then SIGKILL.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        lock (_lock) _ready.TrySetCanceled();
        Client.Dispose();
        _stopping.Dispose();
    }

    [LibraryImport("libc")] private static partial int kill(int process, int signal);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The engine answers (process {ProcessId})")]
        public static partial void Ready(ILogger log, int processId);

        [LoggerMessage(Level = LogLevel.Error, Message = "The engine {Why}; starting it again in {PauseMilliseconds} ms")]
        public static partial void Ended(ILogger log, string? why, double pauseMilliseconds);

        [LoggerMessage(Level = LogLevel.Debug, Message = "engine: {Line}")]
        public static partial void Said(ILogger log, string line);

        [LoggerMessage(Level = LogLevel.Warning, Message = "engine: {Line}")]
        public static partial void Complained(ILogger log, string line);
    }
}
