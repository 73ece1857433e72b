using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Waybill.Encryption;

namespace Waybill.Spool;

internal enum ExtentKind : byte
{
    Record,
    /// <summary>Bytes that are no record: a flipped bit, an overwritten or unread block, a record of a later version.</summary>
    Damage,
    /// <summary>The file ends inside a record, or in zeros: its write never finished.</summary>
    TornTail,
}

/// <summary>A stretch of a segment. Extents follow each other without a gap from the file's header to its end.</summary>
internal readonly record struct Extent(ExtentKind Kind, long Offset, long Length, UInt128 RequestHash = default, long ReceivedUnixNano = 0, bool IsSealed = false);

/// <summary>
/// Walks a segment from start to end through one small window, and finds the next good record after damage. With <c>verify</c> it reads every
/// byte and checks the payloads; without, it steps from header to header. With a sealer it also opens what is sealed: what does not open is damage.
/// </summary>
internal sealed class SegmentReader(SafeFileHandle file, SegmentId id, bool verify, Sealer? sealer = null) : IDisposable
{
    private readonly byte[] _window = ArrayPool<byte>.Shared.Rent(verify ? 256 * 1024 : 8 * 1024);
    private readonly uint _seed = id.Seed;
    private readonly long _length = RandomAccess.GetLength(file);
    private readonly List<Section> _sections = [];
    private long _windowStart;
    private int _windowLength;
    private long _at = SegmentFile.HeaderBytes;

    /// <summary>A part of a record.</summary>
    /// <param name="Bytes">Of its blocks, without what sealing adds.</param>
    public readonly record struct Section(byte Table, uint Rows, uint Bytes);

    /// <summary>Sections of the record that <see cref="Next"/> found last; empty without <c>verify</c>.</summary>
    public IReadOnlyList<Section> Sections => _sections;

    public bool Next(out Extent extent)
    {
        _sections.Clear();
        extent = default;
        if (_at >= _length) return false;

        extent = Here();
        _at += extent.Length;
        return true;
    }

    private Extent Here()
    {
        long left = _length - _at;
        if (!RecordHeader.TryRead(Peek(_at, (int)Math.Min(left, RecordHeader.Bytes)), _at, _seed, out RecordHeader header)) return Unreadable(left);
        if (header.Length > left) return new(ExtentKind.TornTail, _at, left);   // the header's own checksum vouches for the length

        bool good = header.Version is RecordHeader.PlainVersion or RecordHeader.SealedVersion && (!verify || IsIntact(header));
        if (!good) _sections.Clear();
        return new(good ? ExtentKind.Record : ExtentKind.Damage, _at, header.Length, header.RequestHash, header.ReceivedUnixNano, header.IsSealed);
    }

    private Extent Unreadable(long left)
    {
        long next = FindHeader(_at + 1);
        if (next < _length) return new(ExtentKind.Damage, _at, next - _at);
        return new(left < RecordHeader.Bytes || IsZero(_at) ? ExtentKind.TornTail : ExtentKind.Damage, _at, left);
    }

    private bool IsIntact(RecordHeader header)
    {
        uint crc = Crc32C.Start;
        long at = _at + RecordHeader.Bytes, end = _at + header.Length;
        while (at < end)
        {
            if (end - at < RecordHeader.SectionBytes) return false;
            ReadOnlySpan<byte> section = Peek(at, RecordHeader.SectionBytes);
            uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(section[5..]);
            uint sealing = header.IsSealed ? (uint)Sealer.OverheadBytes : 0;
            if (bytes < sealing) return false;
            _sections.Add(new(section[0], BinaryPrimitives.ReadUInt32LittleEndian(section[1..]), bytes - sealing));
            crc = Crc32C.Add(crc, section);
            at += RecordHeader.SectionBytes;
            if (bytes > end - at) return false;

            for (long sectionEnd = at + bytes; at < sectionEnd;)
            {
                ReadOnlySpan<byte> part = PeekSome(at, sectionEnd - at);
                crc = Crc32C.Add(crc, part);
                at += part.Length;
            }
        }
        return Crc32C.Finish(crc) == header.PayloadCrc && (!header.IsSealed || sealer is null || Opens(header));
    }

    /// <summary>Whether each section is what was sealed: who can write to the disk can make a checksum, but not a tag.</summary>
    private bool Opens(RecordHeader header)
    {
        byte[] record = ArrayPool<byte>.Shared.Rent((int)header.Length);
        try
        {
            Span<byte> bytes = record.AsSpan(0, (int)header.Length);
            for (int done = 0, read; done < bytes.Length; done += read)
                if ((read = RandomAccess.Read(file, bytes[done..], _at + done)) == 0) return false;
            return SealedSections.TryOpenAll(bytes, new(header.RequestHash, header.ReceivedUnixNano), sealer!);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    private long FindHeader(long at)
    {
        while (_length - at >= RecordHeader.Bytes)
        {
            ReadOnlySpan<byte> some = PeekSome(at, _length - at);
            int found = some.IndexOf(RecordHeader.Magic);
            if (found < 0)
            {
                at += Math.Max(1, some.Length - (RecordHeader.Magic.Length - 1));   // the magic may straddle two windows
                continue;
            }
            at += found;
            if (_length - at >= RecordHeader.Bytes && RecordHeader.TryRead(Peek(at, RecordHeader.Bytes), at, _seed, out _)) return at;
            at++;
        }
        return _length;
    }

    private bool IsZero(long at)
    {
        while (at < _length)
        {
            ReadOnlySpan<byte> some = PeekSome(at, _length - at);
            if (some.ContainsAnyExcept((byte)0)) return false;
            at += some.Length;
        }
        return true;
    }

    private ReadOnlySpan<byte> Peek(long at, int count)
    {
        if (at < _windowStart || at + count > _windowStart + _windowLength) Load(at, count);
        return _window.AsSpan((int)(at - _windowStart), count);
    }

    private ReadOnlySpan<byte> PeekSome(long at, long countMax)
    {
        if (at < _windowStart || at >= _windowStart + _windowLength) Load(at, 1);
        int start = (int)(at - _windowStart);
        return _window.AsSpan(start, (int)Math.Min(countMax, _windowLength - start));
    }

    private void Load(long at, int countMin)
    {
        _windowStart = at;
        _windowLength = 0;
        int wanted = (int)Math.Min(_window.Length, _length - at);
        while (_windowLength < wanted)
        {
            int read = RandomAccess.Read(file, _window.AsSpan(_windowLength, wanted - _windowLength), at + _windowLength);
            if (read == 0) break;
            _windowLength += read;
        }
        if (_windowLength < countMin) throw new EndOfStreamException($"Segment {id} became shorter while it was read.");
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_window);
}
