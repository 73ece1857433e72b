using Microsoft.Extensions.Logging;

namespace Waybill.Spool;

/// <summary>
/// The one thread that writes. While it waits for the disk, appends gather; it then writes them all with one call, makes them durable with one
/// fdatasync, and only then acknowledges each. A disk that fails is never asked again: everything fails from there on.
/// </summary>
internal sealed class GroupCommit : IDisposable
{
    private readonly object _gate = new();   // guards the fields up to the next blank line; an object, as the writer waits on it
    private readonly DiskGauge _disk;
    private List<SpoolRecord> _queue = [];
    private long _queueBytes, _refused;
    private Exception? _end;
    private string? _lastError;
    private bool _sealAsked, _closing;

    private readonly SpoolOptions _options;
    private readonly SegmentQueue _segments;
    private readonly NewestSegment _newest;
    private readonly ILogger _log;
    private readonly Action<SpoolRecord> _withdraw;
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _writer;

    private List<SpoolRecord> _group = [];   // of the writer's thread alone
    private long _appended;

    public GroupCommit(SpoolOptions options, DiskGauge disk, SegmentQueue segments, NewestSegment newest, ILogger log)
    {
        (_options, _disk, _segments, _newest, _log) = (options, disk, segments, newest, log);
        _withdraw = Withdraw;
        _writer = new(Run) { Name = "spool writer", IsBackground = true };
        _writer.Start();
    }

    public Task<Exception> Failed => _failed.Task;

    public SyncTimes SyncTimes => _newest.SyncTimes;

    public long Appended => Interlocked.Read(ref _appended);

    public long Refused => Interlocked.Read(ref _refused);

    public string? LastError => Volatile.Read(ref _lastError);

    public long QueueBytes => Interlocked.Read(ref _queueBytes);

    /// <summary>Why a record of this length would be refused now.</summary>
    public SpoolRefusal RefusalOf(long length)
    {
        lock (_gate) return Refusal(length);
    }

    public (long Bytes, double Ratio) DiskFree
    {
        get
        {
            lock (_gate)
            {
                _disk.IsLow();
                return (_disk.FreeBytes, _disk.FreeRatio);
            }
        }
    }

    public ValueTask Append(SpoolRecord record, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return ValueTask.FromCanceled(cancel);
        if (record.Length > _options.RecordBytesMax)
            throw new ArgumentException($"The record has {record.Length} bytes, more than Spool:RecordBytesMax ({_options.RecordBytesMax}).", nameof(record));

        record.BeginAppend();
        Exception? refusal;
        try
        {
            refusal = Enqueue(record);
        }
        catch (IOException unreadable)   // not even the free space can be asked for
        {
            refusal = unreadable;
        }
        if (refusal is not null) record.EndAppend(refusal);
        return record.WaitForEnd(_withdraw, cancel);
    }

    /// <summary>Asks the writer to seal the segment it writes, if it has records.</summary>
    public void AskSeal()
    {
        lock (_gate)
        {
            _sealAsked = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Refuses everything from now on, waiting appends included.</summary>
    public void Fail(Exception cause)
    {
        SpoolFailedException failure = cause as SpoolFailedException ?? new($"The spool failed: {cause.Message}", cause);
        List<SpoolRecord> waiting;
        lock (_gate)
        {
            if (_end is SpoolFailedException) return;
            _end = failure;
            _lastError = failure.Message;
            (waiting, _queue) = (_queue, []);
            _queueBytes -= waiting.Sum(static record => (long)record.Length);
        }
        _log.LogCritical(failure, "The spool failed and takes nothing more; the server must stop. What was acknowledged is replayed at its next start.");
        foreach (SpoolRecord record in waiting) record.EndAppend(failure);
        _segments.End(failure);
        _failed.TrySetResult(failure);
    }

    /// <summary>Writes what waits, then ends the thread. Later appends fail.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            _end ??= new ObjectDisposedException(nameof(SpoolLog));
            Monitor.Pulse(_gate);
        }
        if (_writer != Thread.CurrentThread) _writer.Join();
    }

    private Exception? Enqueue(SpoolRecord record)
    {
        lock (_gate)
        {
            if (_end is not null) return _end;
            SpoolRefusal refusal = Refusal(record.Length);
            if (refusal != SpoolRefusal.None)
            {
                _refused++;
                return Full(refusal, null);
            }
            _queue.Add(record);
            _queueBytes += record.Length;
            if (_queue.Count == 1) Monitor.Pulse(_gate);
            return null;
        }
    }

    private SpoolRefusal Refusal(long length) =>
        _queueBytes + length > _options.QueueBytesMax ? SpoolRefusal.QueueFull :
        _segments.Bytes + _queueBytes + length > _options.SpoolBytesMax ? SpoolRefusal.SpoolFull :
        _disk.IsLow() ? SpoolRefusal.DiskFull : SpoolRefusal.None;

    private SpoolFullException Full(SpoolRefusal refusal, Exception? cause) => new(refusal, refusal switch
    {
        SpoolRefusal.QueueFull => $"{_queueBytes} bytes already wait for the disk (Spool:QueueBytesMax is {_options.QueueBytesMax}). Try again in a moment.",
        SpoolRefusal.SpoolFull => $"The spool holds {_segments.Bytes} bytes (Spool:SpoolBytesMax is {_options.SpoolBytesMax}): the engine does not keep up. Try again later.",
        _ => $"The spool's disk is full: {_disk.FreeBytes} bytes free, {_disk.FreeRatio:P1} (Spool:DiskFreeRatioMin is {_options.DiskFreeRatioMin:P1}). Try again later.",
    }, cause);

    // Only a record that the writer has not yet picked up can be given back; one being written ends with the write.
    private void Withdraw(SpoolRecord record)
    {
        lock (_gate)
        {
            if (!_queue.Remove(record)) return;
            _queueBytes -= record.Length;
        }
        record.EndAppend(new OperationCanceledException("The append was cancelled before it was written."));
    }

    private void Run()
    {
        while (WaitForWork(out bool seal))
        {
            int done = 0;
            try
            {
                while (done < _group.Count) CommitSome(ref done);
                if (seal) _newest.Seal();
            }
            catch (Exception failure)
            {
                Fail(failure);
                End(ref done, _group.Count, _end);
            }
            _group.Clear();
        }
        _newest.Dispose();
    }

    private bool WaitForWork(out bool seal)
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_sealAsked && !_closing) Monitor.Wait(_gate);
            (_group, _queue) = (_queue, _group);
            (seal, _sealAsked) = (_sealAsked, false);
            return _group.Count > 0 || !_closing;
        }
    }

    private void CommitSome(ref int done)
    {
        try
        {
            int count = _newest.Append(_group, done);
            Interlocked.Add(ref _appended, count);
            End(ref done, done + count, null);
        }
        catch (IOException full) when (Disk.IsFull(full))
        {
            Refuse(ref done, full);
        }
    }

    private void Refuse(ref int done, IOException cause)
    {
        SpoolFullException refusal;
        int count = _group.Count - done;
        lock (_gate)
        {
            _disk.Refused();
            _refused += count;
            refusal = Full(SpoolRefusal.DiskFull, cause);
            _lastError = refusal.Message;
        }
        _log.LogError("The spool's disk is full; {Count} records were refused, and more will be until space is free.", count);
        End(ref done, _group.Count, refusal);
    }

    // The bytes are given back first: whoever is woken may append again at once.
    private void End(ref int done, int end, Exception? failure)
    {
        long bytes = 0;
        for (int i = done; i < end; i++) bytes += _group[i].Length;
        lock (_gate) _queueBytes -= bytes;
        while (done < end) _group[done++].EndAppend(failure);
    }
}
