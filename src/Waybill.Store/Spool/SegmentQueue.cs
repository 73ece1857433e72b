namespace Waybill.Spool;

/// <summary>A segment on disk, from the writing of its first record to its deletion.</summary>
internal sealed class Segment(SegmentId id, string path)
{
    public SegmentId Id { get; } = id;

    public string Path { get; } = path;

    /// <summary>Durable bytes.</summary>
    public long Bytes { get; set; } = SegmentFile.HeaderBytes;

    public int Records { get; set; }

    /// <summary>Receipt of its first record.</summary>
    public long OldestUnixNano { get; set; }

    /// <summary>When its first record became durable, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long FirstAppend { get; set; }

    public bool IsSealed { get; set; }

    /// <summary>Offsets of damage that was quarantined and counted; a segment is read again at every try.</summary>
    public HashSet<long> DamageSeen { get; } = [];
}

/// <summary>The segments on disk, oldest first; only the newest may still be written.</summary>
internal sealed class SegmentQueue(TimeSpan ageMax, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<Segment> _segments = new();
    private TaskCompletionSource? _change;
    private Exception? _end;
    private long _bytes;

    /// <summary>All segments together.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Segments, and the receipt of the oldest record in them.</summary>
    public (int Count, long? OldestUnixNano) Waiting
    {
        get
        {
            lock (_gate) return (_segments.Count, _segments.TryPeek(out Segment? oldest) ? oldest.OldestUnixNano : null);
        }
    }

    /// <summary>Adds a segment that holds at least one record.</summary>
    public void Add(Segment segment)
    {
        lock (_gate)
        {
            _segments.Enqueue(segment);
            _bytes += segment.Bytes;
            Changed();
        }
    }

    public void Grow(Segment segment, long bytes, int records)
    {
        lock (_gate)
        {
            segment.Bytes += bytes;
            segment.Records += records;
            _bytes += bytes;
        }
    }

    public void Seal(Segment segment)
    {
        lock (_gate)
        {
            segment.IsSealed = true;
            Changed();
        }
    }

    /// <summary>Removes the oldest segment, after its file is gone.</summary>
    public void Remove(Segment segment)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_segments.Peek(), segment)) throw new InvalidOperationException($"Segment {segment.Id} is not the oldest.");
            _segments.Dequeue();
            _bytes -= segment.Bytes;
        }
    }

    /// <summary>Nothing can be taken any more.</summary>
    public void End(Exception reason)
    {
        lock (_gate)
        {
            _end ??= reason;
            Changed();
        }
    }

    /// <summary>Waits for a sealed segment; one that is being written is asked to be sealed once it is older than the option says.</summary>
    public async ValueTask<Segment> WaitForOldest(Action askSeal, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            Task change;
            TimeSpan? growing = null;
            lock (_gate)
            {
                if (_end is not null) throw _end;
                if (_segments.TryPeek(out Segment? oldest))
                {
                    if (oldest.IsSealed) return oldest;
                    growing = ageMax - time.GetElapsedTime(oldest.FirstAppend);
                }
                change = (_change ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            if (growing > TimeSpan.Zero)
            {
                await Wait(change, growing.Value, cancel);
                continue;
            }
            if (growing is not null) askSeal();
            await change.WaitAsync(cancel);
        }
    }

    private async Task Wait(Task change, TimeSpan growing, CancellationToken cancel)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(change, Task.Delay(growing, time, stop.Token));
        await stop.CancelAsync();
    }

    private void Changed()
    {
        _change?.SetResult();
        _change = null;
    }
}
