using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Ingest;

namespace Waybill.Ledger;

/// <summary>The one way into the ledger: entries of all rooms, appended in the order they came, a batch under each checkpoint.</summary>
public sealed partial class LedgerLoop(LedgerLog log, LedgerOptions options, TimeProvider clock, ILogger<LedgerLoop> logger) : BackgroundService
{
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.QueueEntriesMax) { SingleReader = true });

    private sealed record Waiting(byte[] Entry, TaskCompletionSource<long> Written);

    /// <summary>Raised when a batch is durable.</summary>
    public event Action? Appended;

    /// <summary>Writes an act down. When it completes, the entry is durable and covered by a checkpoint.</summary>
    /// <returns>The entry's index.</returns>
    /// <exception cref="IOException">The ledger's disk failed: the act must not be done.</exception>
    public async Task<long> Record(LedgerEntry entry, CancellationToken cancel)
    {
        Waiting waiting = Enqueueable(entry);
        await _queue.Writer.WriteAsync(waiting, cancel);
        return await waiting.Written.Task;
    }

    /// <summary>Writes down that something was read: waits only for a place in the queue. The entry is durable within one batch; a crash may lose those of the last milliseconds.</summary>
    public ValueTask Note(LedgerEntry entry, CancellationToken cancel) => _queue.Writer.WriteAsync(Enqueueable(entry), cancel);

    private static readonly string ThisVersion = typeof(LedgerLoop).Assembly.GetName().Version?.ToString(3) ?? "";

    public long NowUnixNano => clock.UnixNano();

    private static Waiting Enqueueable(LedgerEntry entry) => new(entry.ToBytes(), new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Waiting>(options.BatchEntriesMax);
        await Note(new LedgerEntry(NowUnixNano, "", Actor.System, "server.start", ThisVersion), stoppingToken);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken)) Append(batch);
        }
        catch (OperationCanceledException)
        {
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryPeek(out _)) Append(batch);
        }
    }

    private void Append(List<Waiting> batch)
    {
        batch.Clear();
        while (batch.Count < options.BatchEntriesMax && _queue.Reader.TryRead(out Waiting? waiting)) batch.Add(waiting);
        if (batch.Count == 0) return;
        try
        {
            long first = log.Append([.. batch.Select(waiting => waiting.Entry)]);
            for (int i = 0; i < batch.Count; i++) batch[i].Written.TrySetResult(first + i);
            Appended?.Invoke();
        }
        catch (IOException e)
        {
            LogFailed(batch.Count, e.Message);
            foreach (Waiting waiting in batch) waiting.Written.TrySetException(new IOException($"The ledger cannot be written: {e.Message}", e));
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "{Count} acts could not be written to the ledger. {Error}")]
    private partial void LogFailed(int count, string error);
}
