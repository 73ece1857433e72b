namespace Waybill.Spool;

/// <summary>The segment being written: made when a record comes, sealed when it is full or asked for. Of the writer's thread alone.</summary>
internal sealed class NewestSegment(SpoolOptions options, string directory, SegmentQueue segments, SegmentId last, TimeProvider time) : IDisposable
{
    private readonly List<ReadOnlyMemory<byte>> _buffers = [];
    private SegmentId _last = last;
    private SegmentFile? _file;
    private Segment? _segment;   // null until the file has a record

    public SyncTimes SyncTimes { get; } = new();

    /// <summary>Makes the records from an index on durable, as many as fit in one segment.</summary>
    /// <returns>How many; at least one.</returns>
    /// <exception cref="IOException">The disk is full (<see cref="Disk.IsFull"/>): none was written.</exception>
    /// <exception cref="SpoolFailedException">The disk failed: some may be found after a restart.</exception>
    public int Append(List<SpoolRecord> records, int from)
    {
        if (_segment is not null && !Fits(_segment.Bytes, _segment.Records, records[from])) Seal();
        _file ??= CreateFile();
        long bytes = Gather(records, from);
        try
        {
            _file.Write(_buffers);
        }
        catch (IOException full) when (Disk.IsFull(full))
        {
            _file.CutBack();
            throw;
        }
        long start = time.GetTimestamp();
        _file.Sync(bytes);
        SyncTimes.Add(time.GetElapsedTime(start));
        int count = _buffers.Count;
        _buffers.Clear();   // an idle spool holds on to nobody's bytes
        Account(bytes, count, records[from].ReceivedUnixNano);
        return count;
    }

    /// <summary>Nothing more is written to it, and it can be taken; does nothing before the first record.</summary>
    public void Seal()
    {
        if (_segment is null) return;
        _file!.Dispose();
        segments.Seal(_segment);
        (_file, _segment) = (null, null);
    }

    public void Dispose() => _file?.Dispose();

    private SegmentFile CreateFile()
    {
        DateTimeOffset now = time.GetUtcNow();
        _last = SegmentId.Next(now, _last);
        return SegmentFile.Create(directory, _last, now);
    }

    private bool Fits(long bytes, int records, SpoolRecord record) =>
        records == 0 || (records < options.SegmentRecordsMax && bytes + record.Length <= options.SegmentBytesMax);

    private long Gather(List<SpoolRecord> records, int from)
    {
        _buffers.Clear();
        long start = _file!.Length, at = start;
        int before = _segment?.Records ?? 0;
        for (int i = from; i < records.Count && Fits(at, before + i - from, records[i]); i++)
        {
            SpoolRecord record = records[i];
            record.Stamp((uint)at, _file.Seed);
            _buffers.Add(record.Memory);
            at += record.Length;
        }
        return at - start;
    }

    private void Account(long bytes, int count, long receivedUnixNano)
    {
        if (_segment is not null)
        {
            segments.Grow(_segment, bytes, count);
            return;
        }
        _segment = new(_file!.Id, _file.Path) { Bytes = _file.Length, Records = count, OldestUnixNano = receivedUnixNano, FirstAppend = time.GetTimestamp() };
        segments.Add(_segment);
    }
}
