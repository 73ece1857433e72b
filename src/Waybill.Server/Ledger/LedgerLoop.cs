using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Ingest;

namespace Waybill.Ledger;

/// <summary>The one way into the ledger: entries of all rooms, redacted, appended in the order they came, a batch under each checkpoint.</summary>
public sealed partial class LedgerLoop(LedgerLog log, EntryRedaction redaction, SubjectKeys keys, LedgerOptions options, TimeProvider clock, ILogger<LedgerLoop> logger) : BackgroundService
{
    /// <summary>How long noted reads wait for others: one sync of the disk for all of them.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(200), PauseAfterFailure = TimeSpan.FromSeconds(2);
    private static readonly string ThisVersion = typeof(LedgerLoop).Assembly.GetName().Version?.ToString(3) ?? "";

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.QueueEntriesMax) { SingleReader = true });
    private readonly SemaphoreSlim _urgent = new(0);   // somebody waits for what is in the queue
    private (long Count, long SinceUnixNano) _lost;

    /// <param name="Written">Null when nobody waits.</param>
    private sealed record Waiting(byte[] Entry, TaskCompletionSource<long>? Written);

    /// <summary>Raised when a batch is durable.</summary>
    public event Action? Appended;

    /// <summary>Reads that were answered and could not be written down, because the disk failed. An entry says so as soon as it works again.</summary>
    public long Lost => _lost.Count;

    /// <summary>Whether the last batch could not be written.</summary>
    public bool IsFailing { get; private set; }

    public long NowUnixNano => clock.UnixNano();

    /// <summary>Writes an act down. When it completes, the entry is durable and covered by a checkpoint.</summary>
    /// <param name="about">The person whose resource and detail can be forgotten later; null when they are about nobody.</param>
    /// <returns>The entry's index.</returns>
    /// <exception cref="LedgerUnavailableException">The ledger's disk failed: the act must not be done.</exception>
    public async Task<long> Record(LedgerEntry entry, CancellationToken cancel, string? about = null)
    {
        var written = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(new Waiting(Bytes(entry, about), written), cancel);
        _urgent.Release();
        return await written.Task;
    }

    /// <summary>Writes down that something was read: waits only for a place in the queue. The entry is durable within a fifth of a second.</summary>
    public ValueTask Note(LedgerEntry entry, CancellationToken cancel) => _queue.Writer.WriteAsync(new Waiting(Bytes(entry, null), null), cancel);

    private byte[] Bytes(LedgerEntry entry, string? about)
    {
        LedgerEntry redacted = redaction.Redact(entry);
        return (about is null ? redacted : keys.Seal(redacted, about)).ToBytes();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Waiting>(options.BatchEntriesMax);
        await Note(Own("server.start", ThisVersion), stoppingToken);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                if (IsFailing) await Task.Delay(PauseAfterFailure, clock, stoppingToken);
                else await _urgent.WaitAsync(Linger, stoppingToken);
                while (_urgent.Wait(0, CancellationToken.None)) { }   // released behind its entry, so that entry is in the queue by now
                do Append(batch);
                while (_queue.Reader.TryPeek(out _) && !IsFailing);
            }
        }
        catch (OperationCanceledException)
        {
            _queue.Writer.TryWrite(new Waiting(Bytes(Own("server.stop", ThisVersion), null), null));
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryPeek(out _)) Append(batch);
        }
    }

    private LedgerEntry Own(string action, string resource, object? detail = null) =>
        new(NowUnixNano, "", Actor.System, action, resource, Detail: detail is null ? null : JsonSerializer.SerializeToElement(detail, JsonSerializerOptions.Web));

    private void Append(List<Waiting> batch)
    {
        batch.Clear();
        while (batch.Count < options.BatchEntriesMax && _queue.Reader.TryRead(out Waiting? waiting)) batch.Add(waiting);
        if (batch.Count == 0) return;
        try
        {
            if (IsFailing) Recover();
            long first = log.Append([.. batch.Select(waiting => waiting.Entry)]);
            for (int i = 0; i < batch.Count; i++) batch[i].Written?.TrySetResult(first + i);
            Appended?.Invoke();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failed(batch, e);
        }
    }

    /// <summary>Opens the log anew and writes down what is missing in it.</summary>
    private void Recover()
    {
        log.Recover();
        log.Append([Own("ledger.gap", $"{_lost.Count} reads", new { reads = _lost.Count, sinceUnixNano = $"{_lost.SinceUnixNano}", untilUnixNano = $"{NowUnixNano}" }).ToBytes()]);
        LogRecovered(_lost.Count);
        (IsFailing, _lost) = (false, default);
    }

    private void Failed(List<Waiting> batch, Exception e)
    {
        IsFailing = true;
        LogFailed(batch.Count, e.Message);
        foreach (Waiting waiting in batch)
            if (waiting.Written is { } written) written.TrySetException(new LedgerUnavailableException($"The ledger cannot be written: {e.Message}", e));
            else _lost = (_lost.Count + 1, _lost.Count == 0 ? NowUnixNano : _lost.SinceUnixNano);
    }

    [LoggerMessage(1, LogLevel.Critical, "{Count} entries could not be written to the ledger; acts are refused until it works again, reads are counted. {Error}")]
    private partial void LogFailed(int count, string error);

    [LoggerMessage(2, LogLevel.Warning, "The ledger is written again. Reads that it lacks: {Lost}")]
    private partial void LogRecovered(long lost);
}
