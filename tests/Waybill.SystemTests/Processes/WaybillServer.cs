using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Waybill.Engine;

namespace Waybill.Processes;

/// <summary>
/// The program itself: <c>waybill serve</c> in a process of its own, on free ports and a directory of its own, to be sent to, killed, stopped and
/// started again on the same data. Ends no process but its own.
/// </summary>
internal sealed partial class WaybillServer : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly bool _ownsDirectory;
    private readonly HashSet<int> _engines = [];
    private readonly List<Run> _earlier = [];   // kept to the end: senders may still look at them
    private volatile Run? _run;

    private WaybillServer(string? directory, IReadOnlyDictionary<string, string>? settings)
    {
        _ownsDirectory = directory is null;
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("wb-").FullName;   // short: a Unix socket's path ends at 107 bytes
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) Settings[name] = value;
        Engine = EngineClient.Embedded(Path.Combine(Data, "engine.sock"));
    }

    public string Directory { get; }
    public string Data => Path.Combine(Directory, "data");
    public string SegmentsDirectory => Path.Combine(Data, "spool", "segments");

    /// <summary>Environment variables of the next start, such as <c>WAYBILL_SPOOL__SEGMENTAGEMAX</c>.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    /// <summary>Reads the tables. Valid across restarts.</summary>
    public EngineClient Engine { get; }

    /// <summary>Completes when the running process has printed where it listens; fails when it ends before.</summary>
    public Task<Addresses> Listening => Current.Listening.Task;

    /// <summary>Where it listens; fails when it does not yet.</summary>
    public Addresses At => Listening.IsCompletedSuccessfully ? Listening.Result : throw new InvalidOperationException("The server does not listen yet.");

    public int ProcessId => Current.Process.Id;
    public bool IsRunning => _run is { Process.HasExited: false };

    /// <summary>What the running process has said, the latest 5,000 lines.</summary>
    public string Log => Current.Log.ToString();

    private Run Current => _run ?? throw new InvalidOperationException("The server was not started.");

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="settings">Its <see cref="Settings"/>.</param>
    /// <param name="directory">Where its data lies; null for a new one, removed at the end.</param>
    public static async Task<WaybillServer> Start(IReadOnlyDictionary<string, string>? settings = null, string? directory = null)
    {
        var server = new WaybillServer(directory, settings);
        try
        {
            server.Launch();
            await server.Ready();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A server that is not started yet.</summary>
    public static WaybillServer Prepare(string directory) => new(directory, null);

    /// <summary>Starts the process on its data and waits for nothing.</summary>
    public void Launch()
    {
        Assert.False(IsRunning, "It runs already.");
        if (_run is { } earlier) _earlier.Add(earlier);
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "waybill"), ["serve", "--data", Data])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string port in (string[])["OTLPGRPC", "OTLPHTTP", "CONSOLE"]) start.Environment[$"WAYBILL_PORTS__{port}"] = "0";
        foreach (var (name, value) in Settings) start.Environment[name] = value;
        _run = new Run(Process.Start(start)!);
    }

    /// <summary>Waits until reads are answered. Returns how long that took.</summary>
    public async Task<TimeSpan> Ready()
    {
        long began = Stopwatch.GetTimestamp();
        var at = await Listening.WaitAsync(Patience, Cancel);
        await Until("the server is ready", async () =>
        {
            Assert.True(IsRunning, $"The server ended:\n{Log}");
            try
            {
                using var answer = await at.Api.GetAsync("/readyz", Cancel);
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        RememberEngine();
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Ends the server by SIGKILL. Its engine notices by itself.</summary>
    public async Task Kill()
    {
        RememberEngine();
        Current.Process.Kill();
        await Current.Ended(Cancel);
    }

    /// <summary>Ends the engine by SIGKILL, if one runs now.</summary>
    /// <returns>Its process, or null.</returns>
    public int? KillEngine()
    {
        int? engine = RememberEngine();
        if (engine is { } id) _ = kill(id, signal: 9);   // it may have ended by itself just now
        return engine;
    }

    /// <summary>Tells the server to stop in good order, and does not wait.</summary>
    public void Terminate()
    {
        RememberEngine();
        Assert.Equal(0, kill(ProcessId, SigTerm));
    }

    /// <summary>Waits for the end of the process and returns its exit code.</summary>
    public async Task<int> Ended()
    {
        await Current.Ended(Cancel).WaitAsync(Patience, Cancel);
        return Current.Process.ExitCode;
    }

    /// <summary>Stops in good order. Returns how long that took.</summary>
    public async Task<TimeSpan> Stop()
    {
        long began = Stopwatch.GetTimestamp();
        Terminate();
        int code = await Ended();
        Assert.True(code == 0, $"It ended with {code}:\n{Log}");
        return Stopwatch.GetElapsedTime(began);
    }

    public async Task StartAgain()
    {
        Launch();
        await Ready();
    }

    /// <summary>The page that <c>/api/status</c> shows.</summary>
    public async Task<JsonElement> Status()
    {
        using var document = JsonDocument.Parse(await At.Api.GetByteArrayAsync("/api/status", Cancel));
        return document.RootElement.Clone();
    }

    /// <summary>Waits until everything acknowledged so far is in the tables.</summary>
    public Task Stored() => Until("the spool is empty", async () =>
    {
        JsonElement spool = (await Status()).GetProperty("spool");
        return spool.GetProperty("segments").GetInt32() == 0 && spool.GetProperty("queueBytes").GetInt64() == 0;
    });

    /// <summary>A trace as the API answers it; null when it knows none. The answer is read as it streams.</summary>
    public async Task<JsonDocument?> Trace(string traceId, string query = "")
    {
        using var answer = await At.Api.GetAsync($"/api/traces/{traceId}{query}", HttpCompletionOption.ResponseHeadersRead, Cancel);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        return await JsonDocument.ParseAsync(body, cancellationToken: Cancel);
    }

    /// <summary>The rows of a SELECT, as objects; 64-bit integers and NaN are strings.</summary>
    public async Task<JsonElement[]> Rows(string sql)
    {
        var settings = new EngineSettings
        {
            ResultRowsMax = 2_000_000,
            ResultBytesMax = 500_000_000,
            Others = new Dictionary<string, string> { ["output_format_json_quote_64bit_integers"] = "1", ["output_format_json_quote_denormals"] = "1" },
        };
        await using var response = await Engine.Query(sql + " FORMAT JSONEachRow", settings: settings, cancel: Cancel);
        using var reader = new StreamReader(response.Body);
        var rows = new List<JsonElement>();
        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            using var row = JsonDocument.Parse(line);
            rows.Add(row.RootElement.Clone());
        }
        return [.. rows];
    }

    /// <summary>The one number that a SELECT gives.</summary>
    public async Task<long> Number(string sql) => long.Parse((await Rows($"SELECT toInt64(({sql})) AS n"))[0].GetProperty("n").GetString()!);

    /// <summary>Polls until it holds; fails after a minute.</summary>
    public static async Task Until(string what, Func<Task<bool>> holds)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"Waited {Patience.TotalSeconds} s in vain until {what}.");
            await Task.Delay(20, Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            RememberEngine();
            Current.Process.Kill();
        }
        if (_run is not null) await _run.Ended(CancellationToken.None);
        foreach (Run run in _earlier) run.Dispose();
        _run?.Dispose();
        Engine.Dispose();
        if (!await EnginesEnd())
            foreach (int engine in _engines.Where(IsOwnEngine)) _ = kill(engine, signal: 9);   // must not outlive the test
        if (_ownsDirectory) System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>An engine ends with its server, however that ended, and lets go of its files.</summary>
    /// <returns>False when one still runs after ten seconds, which is a defect.</returns>
    public async Task<bool> EnginesEnd()
    {
        long began = Stopwatch.GetTimestamp();
        while (_engines.Any(id => IsOwnEngine(id) || ProcFile.IsEnding(id)))
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(10)) return false;
            await Task.Delay(20, CancellationToken.None);
        }
        return true;
    }

    /// <summary>The engine that the running server has started, found among the system's processes: the API may not answer yet, or no more.</summary>
    private int? RememberEngine()
    {
        if (!IsRunning) return null;
        foreach (string path in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(path), out int id) || !ProcFile.IsChild(id, ProcessId) || !IsOwnEngine(id)) continue;
            _engines.Add(id);
            return id;
        }
        return null;
    }

    private bool IsOwnEngine(int id) => ProcFile.CommandLine(id) is { } line && line.Contains("engine", StringComparison.Ordinal) && line.Contains(Data, StringComparison.Ordinal);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [LibraryImport("libc")] private static partial int kill(int process, int signal);
}
