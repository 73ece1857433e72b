using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Encryption;
using Waybill.Engine;
using Waybill.Ingest;
using Waybill.Ledger;
using Waybill.Spool;
using Waybill.Storage;

namespace Waybill.Redaction.Erasure;

/// <summary>How far an erasure is.</summary>
/// <param name="Rows">Rows changed or taken out so far.</param>
/// <param name="Number">The ledger's entry that says what was done; null until it is.</param>
/// <param name="Error">Why it has stopped for now; it is tried again.</param>
public sealed record ErasureState(
    string Id, string Key, [property: AllowedValues("waiting", "running", "done")] string Status, int Steps, int StepsDone, long Rows, string AskedUnixNano, string? DoneUnixNano, long? Number, string? Error);

/// <summary>
/// Carries out erasures, one after the other. Each is a file of the journal from before it begins until its entry in the ledger is durable: a server that ends
/// in between takes it up again, and a step that was done already changes nothing.
/// </summary>
public sealed partial class ErasureLoop(ErasureTable table, StorageHost storage, SpoolLog spool, StorageOptions options, Acts acts, SubjectKeys keys, DataAtRest atRest, TimeProvider clock, ILogger<ErasureLoop> log) : BackgroundService
{
    private const int KeptMax = 100;
    private const byte SealedByte = 1;   // JSON does not begin so
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), PauseAfterFailure = TimeSpan.FromSeconds(10);
    private readonly Channel<Erasure> _queue = Channel.CreateBounded<Erasure>(KeptMax);
    private readonly ConcurrentDictionary<string, ErasureState> _states = new();
    private readonly Sealer? _sealer = atRest.SealerFor("erasures");
    private string Journal => Path.Combine(options.Directory, "erasures");

    /// <summary>The latest, newest first.</summary>
    public IEnumerable<ErasureState> States => _states.Values.OrderByDescending(state => state.AskedUnixNano, StringComparer.Ordinal);

    /// <summary>Takes an erasure on: it is in the journal when this returns, and will be carried out whatever happens.</summary>
    /// <returns>False when too many wait.</returns>
    public bool Take(Erasure erasure)
    {
        if (_states.Count(state => state.Value.Status != "done") >= KeptMax) return false;
        Disk.CreateDirectory(Journal);
        string path = Path.Combine(Journal, erasure.Id + ".json");
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(path + ".new", create))
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(erasure, JsonSerializerOptions.Web);
            file.Write(_sealer?.SealedCopy(json, About(path), [SealedByte]) ?? json);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path);
        Disk.SyncDirectory(Journal);
        return Enqueue(erasure);
    }

    private ReadOnlySpan<byte> Open(string path, byte[] bytes)
    {
        if (bytes.Length == 0 || bytes[0] != SealedByte) return bytes;
        return _sealer is not null && _sealer.TryOpen(bytes.AsSpan(1), About(path), out Span<byte> json) ? json : throw new IOException($"{path} is encrypted under another key, or damaged.");
    }

    private static byte[] About(string path) => System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(path));

    private bool Enqueue(Erasure erasure)
    {
        foreach (ErasureState old in States.Where(state => state.Status == "done").Skip(KeptMax)) _states.TryRemove(old.Id, out _);
        _states[erasure.Id] = new ErasureState(erasure.Id, erasure.Key, "waiting", ErasureStep.Of(erasure).Count, 0, 0, $"{erasure.AskedUnixNano}", null, null, null);
        return _queue.Writer.TryWrite(erasure);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Directory.Exists(Journal))
            foreach (string path in Directory.EnumerateFiles(Journal, "*.json"))
                if (JsonSerializer.Deserialize<Erasure>(Open(path, await File.ReadAllBytesAsync(path, stoppingToken)), JsonSerializerOptions.Web) is { } erasure) Enqueue(erasure);
        await storage.Ready.WaitAsync(stoppingToken);
        await foreach (Erasure erasure in _queue.Reader.ReadAllAsync(stoppingToken))
            while (!await Try(erasure, stoppingToken)) await Task.Delay(PauseAfterFailure, clock, stoppingToken);
    }

    private async Task<bool> Try(Erasure erasure, CancellationToken cancel)
    {
        try
        {
            // What was acknowledged before it was asked for must be in the tables first.
            while (spool.Status is { OldestRecordUnixNano: { } oldest } && oldest <= erasure.AskedUnixNano) await Task.Delay(Pause, clock, cancel);
            await CarryOut(erasure, cancel);
            return true;
        }
        catch (Exception e) when (e is EngineException or IOException)
        {
            LogFailed(erasure.Id, e.Message);
            Change(erasure, state => state with { Error = "The engine or the disk failed; it is tried again. The server's log says more." });
            return false;
        }
    }

    private async Task CarryOut(Erasure erasure, CancellationToken cancel)
    {
        var rows = new SortedDictionary<string, long>();
        Change(erasure, state => state with { Status = "running", StepsDone = 0, Rows = 0, Error = null });
        foreach (ErasureStep step in ErasureStep.Of(erasure))
        {
            long changed = await table.Run(step, cancel);
            if (changed > 0) rows[step.Table] = rows.GetValueOrDefault(step.Table) + changed;
            Change(erasure, state => state with { StepsDone = state.StepsDone + 1, Rows = state.Rows + changed });
        }
        long left = 0;
        foreach (ErasureStep step in ErasureStep.Of(erasure).Where(step => !step.Change.StartsWith("UPDATE sample", StringComparison.Ordinal))) left += await table.Count(step, cancel);
        long number = await acts.Record(erasure.Tenant, Actor.System, "telemetry.erased", erasure.Key, detail: new { erasure = erasure.Id, values = Named(erasure), rows, left, askedUnixNano = $"{erasure.AskedUnixNano}" });
        File.Delete(Path.Combine(Journal, erasure.Id + ".json"));
        Disk.SyncDirectory(Journal);
        Change(erasure, state => state with { Status = "done", DoneUnixNano = $"{clock.UnixNano()}", Number = number });
    }

    /// <summary>The values as the ledger may keep them: recognised by who knows them, told to nobody.</summary>
    internal string[] Named(Erasure erasure) => [.. erasure.Values.Select(keys.KeyOf)];

    private void Change(Erasure erasure, Func<ErasureState, ErasureState> how)
    {
        if (_states.TryGetValue(erasure.Id, out ErasureState? state)) _states[erasure.Id] = how(state);
    }

    [LoggerMessage(1, LogLevel.Error, "The erasure {Id} is not carried out yet; it is tried again. {Error}")]
    private partial void LogFailed(string id, string error);
}
