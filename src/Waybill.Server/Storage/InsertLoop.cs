using Microsoft.Extensions.Logging;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Schema;
using Waybill.Spool;

namespace Waybill.Storage;

/// <summary>Moves sealed spool segments into the engine, one at a time: an insert a table, each under a token of the segment, then the segment is deleted.</summary>
/// <remarks>Killed at any point, it does the same again at the next start; what is stored already is found out (see <see cref="DoubtfulSegment"/>).</remarks>
public sealed partial class InsertLoop(SpoolLog spool, EngineClient engine, StorageOptions options, TimeProvider clock, ILogger<InsertLoop> log)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100), PauseMax = TimeSpan.FromSeconds(10);

    /// <summary>Rows of a block sent to the engine: as many as it reads at a time itself, about 20 MB of spans.</summary>
    private const int BlockRows = 65_536;

    private readonly BlockMerger _merger = new();
    private long _rows, _segments, _retries, _setAside;
    private string? _lastError;

    // Segments are inserted one at a time, so of those that an earlier process left only the first can be partly stored. An outside ClickHouse has not lost our power.
    private bool _isInDoubt = options.Url is null && spool.Status.OldestRecordUnixNano is not null;

    public InsertStatus Status => new(Volatile.Read(ref _segments), Volatile.Read(ref _rows), Volatile.Read(ref _retries), Volatile.Read(ref _setAside), Volatile.Read(ref _lastError));

    /// <summary>Runs until cancelled.</summary>
    public async Task Run(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            using SealedSegment segment = await spool.Take(cancel);
            await Insert(segment, cancel);
        }
    }

    /// <summary>Inserts what waits, until the spool is empty or <paramref name="cancel"/> fires.</summary>
    public async Task Drain(CancellationToken cancel)
    {
        while (spool.Status.SegmentsWaiting > 0 && spool.Status.OldestRecordUnixNano is not null)
        {
            using SealedSegment segment = await spool.Take(cancel);
            await Insert(segment, cancel);
        }
    }

    /// <summary>A section a request is far too small for the engine; see <see cref="BlockMerger"/>. The same segment gives the same blocks, as deduplication needs.</summary>
    private async Task WriteMerged(SealedSegment segment, byte table, Stream to, CancellationToken cancel)
    {
        _merger.Clear();
        foreach (ReadOnlyMemory<byte> section in segment.Sections(table))
        {
            if (_merger.TryAdd(section.Span))
            {
                if (_merger.Rows >= BlockRows) await _merger.WriteTo(to, cancel);
                continue;
            }
            await _merger.WriteTo(to, cancel);
            _merger.TryAdd(section.Span);
        }
        await _merger.WriteTo(to, cancel);
    }

    private async Task Insert(SealedSegment segment, CancellationToken cancel)
    {
        TimeSpan pause = PauseMin;
        for (int tries = 1; ; tries++)
        {
            try
            {
                long rows = 0;
                foreach (byte table in segment.Tables)
                {
                    rows += _isInDoubt ? await DoubtfulSegment.Insert(engine, segment, table, cancel) : await InsertOnce(segment, table, cancel);
                }
                await segment.Delete();
                _isInDoubt = false;
                Interlocked.Increment(ref _segments);
                Interlocked.Add(ref _rows, rows);
                Volatile.Write(ref _lastError, null);
                return;
            }
            catch (SpoolDamagedException e)
            {
                // The next Take leaves the damaged record out.
                LogDamaged(e.Message);
                return;
            }
            catch (Exception e) when (e is EngineException or ArgumentOutOfRangeException)
            {
                Volatile.Write(ref _lastError, e.Message);
                Interlocked.Increment(ref _retries);
                bool useless = e is not EngineException { IsRetryable: true };
                if (useless && tries >= options.InsertTriesMax)
                {
                    LogSetAside(segment.Id, segment.Bytes, e.Message);
                    Interlocked.Increment(ref _setAside);
                    await segment.Quarantine(e.Message);
                    return;
                }
                LogRetry(segment.Id, tries, pause.TotalMilliseconds, e.Message);
                await Task.Delay(pause, clock, cancel);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, PauseMax.Ticks));
            }
        }
    }

    private async Task<long> InsertOnce(SealedSegment segment, byte table, CancellationToken cancel)
    {
        string name = StoredTables.NameOf((StoredTable)table);
        InsertSummary summary = await engine.Insert(name, $"{segment.Id}:{name}", (stream, cancel) => WriteMerged(segment, table, stream, cancel), cancel);
        return summary.WrittenRows;
    }

    [LoggerMessage(1, LogLevel.Warning, "Segment {Segment} could not be inserted (try {Tries}); again in {PauseMilliseconds} ms. {Error}")]
    private partial void LogRetry(string segment, int tries, double pauseMilliseconds, string error);

    [LoggerMessage(2, LogLevel.Error, "Segment {Segment} ({Bytes} bytes) was put aside in the spool's quarantine, because the engine will never take it. {Error}")]
    private partial void LogSetAside(string segment, long bytes, string error);

    [LoggerMessage(3, LogLevel.Error, "{Error}")]
    private partial void LogDamaged(string error);
}

/// <summary>What was moved from the spool into the engine since the start.</summary>
/// <param name="Rows">Rows written, index rows and origins included.</param>
/// <param name="Retries">Inserts that failed and were tried again.</param>
/// <param name="SetAside">Segments that the engine refused for good; they lie in the spool's quarantine.</param>
public sealed record InsertStatus(long Segments, long Rows, long Retries, long SetAside, string? LastError);
