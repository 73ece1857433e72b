using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Blocks;
using Waybill.Encryption;
using Waybill.Engine;
using Waybill.Ingest;
using Waybill.Schema;
using Waybill.Spool;

namespace Waybill.Storage;

/// <summary>Spool and engine over the life of the server: opened at start, drained and closed at its end. Ready when the tables are there.</summary>
public sealed partial class StorageHost : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan MigrationPause = TimeSpan.FromSeconds(2);

    private readonly StorageOptions _options;
    private readonly RecentRequests _recent;
    private readonly IHostApplicationLifetime _life;
    private readonly TimeProvider _clock;
    private readonly ILogger<StorageHost> _log;
    private readonly EngineProcess? _process;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private bool _disposed;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _missing = "the engine is starting";

    public StorageHost(StorageOptions options, SpoolOptions spoolOptions, IngestOptions ingest, DataAtRest atRest, RecentRequests recent, IHostApplicationLifetime life, TimeProvider clock, ILoggerFactory logs)
    {
        (_options, _recent, _life, _clock, _log) = (options, recent, life, clock, logs.CreateLogger<StorageHost>());
        Directory.CreateDirectory(options.Directory);
        spoolOptions.Directory = options.SpoolDirectory;
        Spool = SpoolLog.Open(spoolOptions, clock, logs.CreateLogger<SpoolLog>(), atRest.SealerFor("spool"));
        recent.Seed(Spool.TakeRecentRequests().Reverse().Select(request => (request.Hash, request.ReceivedUnixNano)));
        if (options.Url is null)
        {
            _process = EngineProcess.Start(new EngineHostOptions
            {
                DataDirectory = options.EngineDirectory,
                SocketPath = SocketPath(options),
                MemoryBytesMax = options.EngineMemoryBytesMax,
                QueryMemoryBytesMax = options.QueryMemoryBytesMax,
                Niceness = options.EngineNiceness,
                PartitionsPerInsertMax = ingest.PastDaysMax * 24 + 24,
                EncryptionKeys = atRest.KeysFor("engine"),
            }, logs.CreateLogger<EngineProcess>(), clock);
            Engine = _process.Client;
        }
        else Engine = EngineClient.Server(EngineAddress.Parse(options.Url));
        Inserts = new InsertLoop(Spool, Engine, options, clock, logs.CreateLogger<InsertLoop>());
    }

    public SpoolLog Spool { get; }
    public EngineClient Engine { get; }
    public InsertLoop Inserts { get; }

    /// <summary>Whether earlier runs have put spans in quarantine; known once it is ready.</summary>
    public bool HadQuarantinedSpans { get; private set; }

    /// <summary>Null with an outside ClickHouse.</summary>
    public EngineState? EngineState => _process?.State;

    /// <summary>Completes when the tables are there for the first time; never when they cannot be prepared. What runs in the background waits for it.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Why reads cannot be answered yet; null when they can.</summary>
    public string? Missing => _missing ?? (_process is { State.Ready: false } ? "the engine is restarting" : null);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
        _ = Spool.Failed.ContinueWith(failed =>
        {
            LogDiskFailed(failed.Result.Message);
            _life.StopApplication();
        }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    /// <summary>Edges are closed by now: moves what is left in the spool into the engine, as far as the time for stopping goes. What stays is inserted at the next start.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        bool ready = Missing is null;
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ready) await Inserts.Drain(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Run(CancellationToken cancel)
    {
        if (!await Prepare(cancel)) return;
        _missing = null;
        _ready.TrySetResult();
        LogReady();
        await Inserts.Run(cancel);
    }

    private async Task<bool> Prepare(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                if (_process is not null) await _process.WaitUntilReady(cancel);
                _missing = "the tables are being prepared";
                await new Migrator(Engine, _options.Cluster, _log).Migrate(_clock, cancel);
                HadQuarantinedSpans = await HasRows("spans_quarantine", cancel);
                return true;
            }
            catch (SchemaException e)
            {
                _missing = e.Message;
                LogCannotStart(e.Message);
                _life.StopApplication();
                return false;
            }
            catch (Exception e) when (e is not (EngineException or OperationCanceledException))
            {
                _missing = "a defect stopped the preparation";
                LogDefect(e);
                _life.StopApplication();
                return false;
            }
            catch (EngineException e)
            {
                _missing = $"the engine does not take the tables yet ({e.Name}); the server's log says more";
                LogNotPrepared(e.Message);
                await Task.Delay(MigrationPause, _clock, cancel);
            }
        }
    }

    private async Task<bool> HasRows(string table, CancellationToken cancel)
    {
        await using EngineResponse response = await Engine.Query($"SELECT 1 FROM {table} LIMIT 1", cancel: cancel);
        using var reader = new BlockReader(response.Body);
        return await reader.Read(cancel) is not null;
    }

    /// <summary>Beside the data when the path is short enough for a Unix socket, else in the directory for temporary files.</summary>
    private static string SocketPath(StorageOptions options)
    {
        const int PathBytesMax = 100;
        string beside = Path.Combine(Path.GetFullPath(options.Directory), "engine.sock");
        return System.Text.Encoding.UTF8.GetByteCount(beside) <= PathBytesMax ? beside : Path.Combine(Path.GetTempPath(), $"waybill-{Guid.NewGuid():N}.sock");
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows it twice, as itself and as a hosted service, and disposes of it as often.
        if (Interlocked.Exchange(ref _disposed, true)) return;
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_process is not null) await _process.DisposeAsync();
        else Engine.Dispose();
        await Spool.DisposeAsync();
        _stopping.Dispose();
    }

    [LoggerMessage(1, LogLevel.Information, "Storage is ready")]
    private partial void LogReady();

    [LoggerMessage(2, LogLevel.Critical, "The spool's disk failed, so nothing more can be acknowledged; stopping. {Error}")]
    private partial void LogDiskFailed(string error);

    [LoggerMessage(3, LogLevel.Critical, "{Error}")]
    private partial void LogCannotStart(string error);

    [LoggerMessage(5, LogLevel.Critical, "The tables cannot be prepared, by a defect of this program; stopping.")]
    private partial void LogDefect(Exception error);

    [LoggerMessage(4, LogLevel.Error, "The tables could not be prepared; trying again. {Error}")]
    private partial void LogNotPrepared(string error);
}
