using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Waybill.Encryption;

namespace Waybill.Spool;

/// <summary>
/// A segment to insert: for each of <see cref="Tables"/> one insert of what <see cref="CopyTableTo"/> gives, with <see cref="Id"/> in its
/// deduplication token, then <see cref="Delete"/>. Not deleted, it is what <see cref="SpoolLog.Take"/> gives next, after a restart too.
/// </summary>
public sealed class SealedSegment : IDisposable
{
    private readonly SpoolLog _log;
    private readonly Segment _segment;
    private readonly SafeFileHandle _file;
    private readonly SegmentIndex _index;
    private readonly Sealer? _sealer;

    internal SealedSegment(SpoolLog log, Segment segment, SafeFileHandle file, SegmentIndex index, Sealer? sealer) => (_log, _segment, _file, _index, _sealer) = (log, segment, file, index, sealer);

    /// <summary>26 letters and digits; the same at every try, no other segment ever has it.</summary>
    public string Id => _segment.Id.ToString();

    /// <summary>Bytes on disk.</summary>
    public long Bytes => _segment.Bytes;

    /// <summary>Records that can be read; 0 when all are damaged, then only <see cref="Delete"/> is left to do.</summary>
    public int Records => _index.Records.Count;

    /// <summary>Tables that have a section, ascending.</summary>
    public IEnumerable<byte> Tables => _index.Tables.Keys;

    /// <param name="rows">Rows of the table in all records together.</param>
    public bool TryGetTable(byte table, out long rows)
    {
        bool found = _index.Tables.TryGetValue(table, out (long Rows, long Bytes) total);
        rows = total.Rows;
        return found;
    }

    /// <summary>Bytes that <see cref="CopyTableTo"/> will write; 0 for a table that has no section.</summary>
    public long BytesOf(byte table) => _index.Tables.TryGetValue(table, out (long Rows, long Bytes) total) ? total.Bytes : 0;

    /// <summary>The table's sections in the order of their appends. A record's checksum is verified before the first of its bytes is given; a section is valid until the next.</summary>
    /// <exception cref="SpoolDamagedException">A record was damaged since the segment was taken; abandon the insert, take the segment again.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Sections(byte table)
    {
        byte[] buffer = [];
        try
        {
            foreach (SegmentIndex.Record record in _index.Records)
            {
                if ((record.TableBits & SegmentIndex.Bit(table)) == 0) continue;
                int length = (int)record.Length;
                if (buffer.Length < length)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(length);
                }
                bool isSealed = Read(record, buffer.AsSpan(0, length));
                for (int at = RecordHeader.Bytes; at < length;)
                {
                    int start = at + RecordHeader.SectionBytes, bytes = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at + 5));
                    if (buffer[at] == table) yield return isSealed ? Open(record, buffer.AsMemory(at, start + bytes - at)) : buffer.AsMemory(start, bytes);
                    at = start + bytes;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes the table's sections one after the other, as they are.</summary>
    /// <exception cref="SpoolDamagedException">As for <see cref="Sections"/>.</exception>
    public async Task CopyTableTo(byte table, Stream destination, CancellationToken cancel)
    {
        foreach (ReadOnlyMemory<byte> section in Sections(table)) await destination.WriteAsync(section, cancel);
    }

    /// <summary>Remembers the requests of the segment, then removes it. Durable when complete.</summary>
    /// <exception cref="SpoolFullException">There is no room to remember the requests, even without the ballast; the segment stays.</exception>
    public Task Delete()
    {
        Dispose();
        return Task.Run(() => _log.Delete(_segment, _index));
    }

    /// <summary>Puts the segment aside for a person to look at, because the engine will never take it: others wait behind it.</summary>
    public Task Quarantine(string reason)
    {
        Dispose();
        return Task.Run(() => _log.SetAside(_segment, _index, reason));
    }

    /// <summary>Gives the segment back.</summary>
    public void Dispose() => _file.Dispose();

    private Memory<byte> Open(SegmentIndex.Record record, Memory<byte> section) => _sealer is not null && SealedSections.TryOpen(section.Span, record.Request, _sealer)
        ? section[(RecordHeader.SectionBytes + Sealer.HeadBytes)..^Sealer.TailBytes]
        : throw Damaged(record);

    /// <returns>Whether its sections are sealed.</returns>
    private bool Read(SegmentIndex.Record record, Span<byte> target)
    {
        int done = 0;
        for (int read; done < target.Length && (read = RandomAccess.Read(_file, target[done..], record.Offset + done)) > 0;) done += read;
        if (done < target.Length
            || !RecordHeader.TryRead(target, record.Offset, _segment.Id.Seed, out RecordHeader header)
            || Crc32C.Of(target[RecordHeader.Bytes..]) != header.PayloadCrc)
            throw Damaged(record);
        return header.IsSealed;
    }

    private SpoolDamagedException Damaged(SegmentIndex.Record record) => new($"Segment {_segment.Id} was damaged at {record.Offset} since it was taken.");
}
