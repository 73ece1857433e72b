using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Waybill.Encryption;

namespace Waybill.Spool;

/// <summary>
/// The durable log between the network edge and the engine. An append completes when its record is on the disk; one inserter takes the records
/// segment by segment, inserts them, deletes the segment. Whatever happens in between, an acknowledged record is inserted, once.
/// </summary>
/// <remarks>
/// The directory: <c>lock</c>, <c>ballast</c>, <c>segments/</c> (see <see cref="SegmentFile"/>, <see cref="RecordHeader"/>), <c>recent/</c> (see
/// <see cref="Spool.RecentRequests"/>), <c>quarantine/</c> (what could not be read; never deleted by the program).
/// </remarks>
public sealed class SpoolLog : IAsyncDisposable
{
    private readonly SafeFileHandle _lock;
    private readonly string _segmentsDirectory;
    private readonly SegmentQueue _segments;
    private readonly Quarantine _quarantine;
    private readonly RecentRequests _recent;
    private readonly Ballast _ballast;
    private readonly GroupCommit _commit;
    private readonly long _tornTails;
    private readonly Sealer? _sealer;
    private IReadOnlyCollection<RecentRequest> _requestsAtOpen;
    private long _damaged;

    private SpoolLog(SpoolOptions options, SafeFileHandle @lock, TimeProvider time, ILogger log, Sealer? sealer)
    {
        _lock = @lock;
        _sealer = sealer;
        _segmentsDirectory = Sub(options, "segments");
        _quarantine = new(Sub(options, "quarantine"), options.QuarantineBytesMax, time, log);
        _recent = new(Sub(options, "recent"), options.RecentWindow, time, log);
        _segments = new(options.SegmentAgeMax, time);
        _ballast = new(options.Directory, options.BallastBytes, log);

        Recovery recovery = new(_segmentsDirectory, _quarantine, _recent.HorizonUnixNano, options.RecentRequestsMax, sealer, log);
        _damaged = _recent.Load(recovery.Remember);
        recovery.FindSegments();
        foreach (Segment segment in recovery.Segments) _segments.Add(segment);
        _requestsAtOpen = recovery.Requests();
        _damaged += recovery.DamagedHeaders;
        _tornTails = recovery.TornTails;
        if (!_ballast.Restore()) log.LogWarning("The spool's disk has no room for its ballast of {Bytes} bytes.", options.BallastBytes);
        _commit = new(options, new(_segmentsDirectory, options.DiskFreeRatioMin, time), _segments, new(options, _segmentsDirectory, _segments, recovery.Last, time), log);
    }

    /// <summary>Completes, with the cause, when the disk has failed. The server must stop then: nothing is taken any more.</summary>
    public Task<Exception> Failed => _commit.Failed;

    /// <summary>Why an append would be refused now: to be asked before a request is read.</summary>
    public SpoolRefusal Refusal => _commit.RefusalOf(0);

    /// <summary>The spool at this moment.</summary>
    public SpoolStatus Status
    {
        get
        {
            (int count, long? oldest) = _segments.Waiting;
            (TimeSpan? p50, TimeSpan? p99) = _commit.SyncTimes.Percentiles();
            (long free, double ratio) = _commit.DiskFree;
            return new(_segments.Bytes, count, oldest, _commit.QueueBytes, _commit.Appended, _commit.Refused, p50, p99,
                Interlocked.Read(ref _damaged), _tornTails, _quarantine.Files, free, ratio, Refusal, _commit.LastError ?? _quarantine.LastError);
        }
    }

    /// <summary>Opens the spool of a directory, made when missing, and finds what earlier processes left in it.</summary>
    /// <param name="sealer">Encrypts what is appended; null: it is not encrypted. What an earlier process left may be either.</param>
    /// <exception cref="ArgumentException">Options are out of their bounds; all of them are named.</exception>
    /// <exception cref="DataKeyException">A segment is encrypted under a key that the sealer does not know.</exception>
    /// <exception cref="SpoolLockedException">Another process has it open.</exception>
    /// <exception cref="IOException">The disk cannot be read, or a sync failed.</exception>
    public static SpoolLog Open(SpoolOptions options, TimeProvider time, ILogger log, Sealer? sealer = null)
    {
        List<ValidationResult> wrong = [];
        if (!Validator.TryValidateObject(options, new(options), wrong, validateAllProperties: true))
            throw new ArgumentException(string.Join(" ", wrong.Select(static result => result.ErrorMessage)), nameof(options));

        foreach (string name in (ReadOnlySpan<string>)["segments", "recent", "quarantine"]) Disk.CreateDirectory(Sub(options, name));

        SafeFileHandle @lock = Disk.TryLock(Sub(options, "lock"))
            ?? throw new SpoolLockedException($"The spool {options.Directory} is in use by another process. Stop it, or give this one a directory of its own.");
        try
        {
            return new(options, @lock, time, log, sealer);
        }
        catch
        {
            Disk.Unlock(@lock);
            throw;
        }
    }

    /// <summary>Completes when the record is durable; until then the record belongs to the log.</summary>
    /// <param name="cancel">Withdraws a record that is not being written yet. Later it has no effect: the append ends as it ends.</param>
    /// <exception cref="SpoolFullException">Refused for now, nothing was written.</exception>
    /// <exception cref="SpoolFailedException">The disk has failed; the record may or may not be found after a restart.</exception>
    /// <exception cref="ArgumentException">The record is larger than <see cref="SpoolOptions.RecordBytesMax"/>, and always will be.</exception>
    public ValueTask Append(SpoolRecord record, CancellationToken cancel) => record.IsSealed == _sealer is not null
        ? _commit.Append(record, cancel)
        : throw new InvalidOperationException("A record of a spool is made by its NewRecord: so it is encrypted, or not, as the spool is.");

    /// <summary>A record to be appended here, once or again and again.</summary>
    public SpoolRecord NewRecord() => new(_sealer);

    /// <summary>
    /// Waits for the oldest segment that is not deleted. The one being written is sealed for it when it is older than
    /// <see cref="SpoolOptions.SegmentAgeMax"/>, so the longer an insert takes, the more the next one holds. For one inserter.
    /// </summary>
    public async ValueTask<SealedSegment> Take(CancellationToken cancel)
    {
        while (true)
        {
            Segment segment = await _segments.WaitForOldest(_commit.AskSeal, cancel);
            SealedSegment? taken = await Task.Run(() => TryOpen(segment), cancel);
            if (taken is not null) return taken;
        }
    }

    /// <summary>Hands over, once, the requests acknowledged within <see cref="SpoolOptions.RecentWindow"/> before the spool was opened, newest first; empty afterwards.</summary>
    public IReadOnlyCollection<RecentRequest> TakeRecentRequests() => Interlocked.Exchange(ref _requestsAtOpen, []);

    /// <summary>Frees <see cref="SpoolOptions.BallastBytes"/> on the disk, so that the engine can drop partitions.</summary>
    /// <returns>False when they are free already.</returns>
    public bool ReleaseBallast() => _ballast.Release();

    /// <summary>Takes the ballast's room again.</summary>
    /// <returns>False while the disk has less than twice that much free.</returns>
    public bool RestoreBallast() => _ballast.Restore();

    /// <summary>Writes what waits and closes. Segments stay for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.Run(_commit.Dispose);
        _segments.End(new ObjectDisposedException(nameof(SpoolLog)));
        _recent.Dispose();
        if (!_lock.IsClosed) Disk.Unlock(_lock);
    }

    internal void Delete(Segment segment, SegmentIndex index)
    {
        ObjectDisposedException.ThrowIf(_lock.IsClosed, this);   // the directory may be another's already
        Remember(index);
        Guard(() =>
        {
            File.Delete(segment.Path);
            Disk.SyncDirectory(_segmentsDirectory);
        });
        _segments.Remove(segment);
    }

    internal void SetAside(Segment segment, SegmentIndex index, string reason)
    {
        ObjectDisposedException.ThrowIf(_lock.IsClosed, this);
        Remember(index);
        Guard(() => _quarantine.Move(segment.Path, reason));
        _segments.Remove(segment);
    }

    private void Remember(SegmentIndex index)
    {
        RecentRequest[] requests = [.. index.Records.Select(static record => record.Request)];
        try
        {
            Guard(() => _recent.Add(requests));
        }
        catch (IOException full) when (Disk.IsFull(full))
        {
            if (!_ballast.Release()) throw new SpoolFullException(SpoolRefusal.DiskFull, "No room to remember the requests of a segment; it stays until there is. Free space on the spool's disk.", full);
            Guard(() => _recent.Add(requests));
        }
    }

    private SealedSegment? TryOpen(Segment segment)
    {
        SafeFileHandle? file = null;
        SegmentIndex index;
        try
        {
            file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            index = SegmentIndex.Read(file, segment.Id, _sealer);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            if (File.Exists(segment.Path)) Guard(() => _quarantine.Move(segment.Path, unreadable.Message));
            Interlocked.Increment(ref _damaged);
            _segments.Remove(segment);
            return null;
        }
        foreach (Extent damage in index.Damage)
        {
            if (segment.DamageSeen.Contains(damage.Offset)) continue;
            Guard(() => _quarantine.Copy(file, segment.Id, damage));
            segment.DamageSeen.Add(damage.Offset);
            Interlocked.Increment(ref _damaged);
        }
        return new(this, segment, file, index, _sealer);
    }

    // A sync that failed here is as final as one in the writer.
    private void Guard(Action change)
    {
        try
        {
            change();
        }
        catch (SpoolFailedException failure)
        {
            _commit.Fail(failure);
            throw;
        }
    }

    private static string Sub(SpoolOptions options, string name) => Path.Combine(options.Directory, name);
}
