using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Waybill.Spool;

/// <summary>A request that was acknowledged a short while ago.</summary>
public readonly record struct RecentRequest(UInt128 Hash, long ReceivedUnixNano);

/// <summary>
/// Remembers the requests of deleted segments, in files of entries; a file is dropped when its newest entry has left the window.
/// A request is written here before its segment is deleted, so at any time it is in a segment or here.
/// </summary>
internal sealed class RecentRequests(string directory, TimeSpan window, TimeProvider time, ILogger log) : IDisposable
{
    // An entry, little endian: 0 u128 hash, 16 i64 received Unix ns, 24 u32 magic "WBQ\x1a", 28 u32 CRC-32C of bytes 0..27. Files are nothing but entries.
    private const int EntryBytes = 32;
    private const int EntriesPerFileMax = 250_000;
    private const string Extension = ".recent";

    // The window counts from the acknowledgement, records know their receipt; between them lie at most the reading of a request and a wait in the queue.
    private static readonly TimeSpan ReceiptToAcknowledgement = TimeSpan.FromMinutes(1);

    private readonly Queue<(string Path, long NewestUnixNano)> _finished = new();
    private SafeFileHandle? _file;
    private string _path = "";
    private SegmentId _id;
    private long _length, _oldestUnixNano, _newestUnixNano;

    private static ReadOnlySpan<byte> Magic => "WBQ\x1a"u8;

    /// <summary>Nothing received before this needs to be remembered.</summary>
    public long HorizonUnixNano => (time.GetUtcNow() - window - ReceiptToAcknowledgement - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Reads what earlier processes remembered, and drops what is too old.</summary>
    /// <returns>Entries that could not be read; a torn one at a file's end belongs to a deletion that never happened.</returns>
    public int Load(Action<RecentRequest> found)
    {
        int damaged = 0;
        byte[] buffer = new byte[EntryBytes * 2048];
        foreach (string path in Directory.EnumerateFiles(directory, "*" + Extension).Order(StringComparer.Ordinal))
        {
            if (SegmentId.TryParse(Path.GetFileNameWithoutExtension(path), out SegmentId id) && id.CompareTo(_id) > 0) _id = id;
            long newest = long.MinValue;
            using (FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
            {
                for (int read; (read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
                {
                    for (int at = 0; at + EntryBytes <= read; at += EntryBytes)
                    {
                        if (!TryReadEntry(buffer.AsSpan(at, EntryBytes), out RecentRequest request)) damaged++;
                        else if (request.ReceivedUnixNano >= HorizonUnixNano)
                        {
                            newest = Math.Max(newest, request.ReceivedUnixNano);
                            found(request);
                        }
                    }
                }
            }
            _finished.Enqueue((path, newest));
        }
        DropOld();
        return damaged;
    }

    /// <summary>Makes entries durable.</summary>
    /// <exception cref="IOException">The disk is full (<see cref="Disk.IsFull"/>), nothing was added.</exception>
    /// <exception cref="SpoolFailedException">The disk failed.</exception>
    public void Add(ReadOnlySpan<RecentRequest> requests)
    {
        long horizon = HorizonUnixNano;
        byte[] bytes = new byte[requests.Length * EntryBytes];
        int length = 0;
        foreach (RecentRequest request in requests)
        {
            if (request.ReceivedUnixNano < horizon) continue;
            WriteEntry(bytes.AsSpan(length, EntryBytes), request);
            length += EntryBytes;
        }
        Rotate();
        if (length == 0) return;

        Open();
        try
        {
            RandomAccess.Write(_file!, bytes.AsSpan(0, length), _length);
        }
        catch (IOException full) when (Disk.IsFull(full))
        {
            RandomAccess.SetLength(_file!, _length);
            throw;
        }
        catch (IOException failure)
        {
            throw new SpoolFailedException($"Writing {_path} failed: {failure.Message}", failure);
        }
        Disk.SyncData(_file!);
        _length += length;
        foreach (RecentRequest request in requests)
        {
            _oldestUnixNano = Math.Min(_oldestUnixNano, request.ReceivedUnixNano);
            _newestUnixNano = Math.Max(_newestUnixNano, request.ReceivedUnixNano);
        }
    }

    private void Open()
    {
        if (_file is not null) return;
        _id = SegmentId.Next(time.GetUtcNow(), _id);
        _path = Path.Combine(directory, _id + Extension);
        _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
        Disk.SyncDirectory(directory);
        (_length, _oldestUnixNano, _newestUnixNano) = (0, long.MaxValue, long.MinValue);
    }

    // Half a window per file, so that at most half a window is kept too long.
    private void Rotate()
    {
        if (_file is not null && (_length >= (long)EntriesPerFileMax * EntryBytes || _newestUnixNano - _oldestUnixNano > window.Ticks * 100 / 2 || _newestUnixNano < HorizonUnixNano))
        {
            _file.Dispose();
            _file = null;
            _finished.Enqueue((_path, _newestUnixNano));
        }
        DropOld();
    }

    private void DropOld()
    {
        while (_finished.TryPeek(out (string Path, long NewestUnixNano) oldest) && oldest.NewestUnixNano < HorizonUnixNano)
        {
            File.Delete(oldest.Path);   // not synced: a file that comes back is only dropped again
            _finished.Dequeue();
            log.LogDebug("Dropped {File}: its requests have left the window.", oldest.Path);
        }
    }

    private static void WriteEntry(Span<byte> target, RecentRequest request)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(target, request.Hash);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], request.ReceivedUnixNano);
        Magic.CopyTo(target[24..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], Crc32C.Of(target[..28]));
    }

    private static bool TryReadEntry(ReadOnlySpan<byte> source, out RecentRequest request)
    {
        request = new(BinaryPrimitives.ReadUInt128LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[16..]));
        return source[24..28].SequenceEqual(Magic) && BinaryPrimitives.ReadUInt32LittleEndian(source[28..]) == Crc32C.Of(source[..28]);
    }

    public void Dispose() => _file?.Dispose();
}
