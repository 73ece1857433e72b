using System.Buffers;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Waybill.Spool;

/// <summary>Where unreadable bytes go instead of being lost: whole files by renaming, damaged stretches by copying. Nothing is ever deleted from it here.</summary>
internal sealed class Quarantine(string directory, long bytesMax, TimeProvider time, ILogger log)
{
    private long _files;
    private long? _bytesKept;
    private string? _lastError;

    /// <summary>Files put here since start.</summary>
    public long Files => Interlocked.Read(ref _files);

    public string? LastError => Volatile.Read(ref _lastError);

    /// <summary>Moves a whole file.</summary>
    public void Move(string path, string reason)
    {
        string name = Path.GetFileName(path);
        string target = Path.Combine(directory, name);
        if (Path.Exists(target)) target = Path.Combine(directory, $"{name}.{time.GetUtcNow().ToUnixTimeMilliseconds()}-{Guid.NewGuid():N}");
        File.Move(path, target);
        Disk.SyncDirectory(directory);
        Disk.SyncDirectory(Path.GetDirectoryName(path)!);
        Count($"Spool file {name} was moved to {target}: {reason}.");
    }

    /// <summary>Copies a stretch of a segment; the same stretch found again, after a restart, replaces the copy.</summary>
    public void Copy(SafeFileHandle file, SegmentId id, Extent extent)
    {
        string target = Path.Combine(directory, $"{id}-{extent.Offset}.damaged");
        bool known = File.Exists(target);
        _bytesKept ??= new DirectoryInfo(directory).EnumerateFiles("*.damaged").Sum(static file => file.Length);
        if (!known && _bytesKept + extent.Length > bytesMax)
        {
            Count($"Segment {id} has {extent.Length} damaged bytes at {extent.Offset}; they are not kept, as the quarantine is full ({bytesMax} bytes). Look at it and empty it.", files: 0);
            return;
        }
        CopyBytes(file, extent, target);
        if (!known) _bytesKept += extent.Length;
        Count($"Segment {id} has {extent.Length} damaged bytes at {extent.Offset}; they were skipped, a copy is {target}.", files: 1);
    }

    private void CopyBytes(SafeFileHandle file, Extent extent, string target)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            using SafeFileHandle copy = File.OpenHandle(target, FileMode.Create, FileAccess.Write);
            for (long done = 0; done < extent.Length;)
            {
                int read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, extent.Length - done)), extent.Offset + done);
                if (read == 0) break;
                RandomAccess.Write(copy, buffer.AsSpan(0, read), done);
                done += read;
            }
            Disk.SyncFile(copy);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        Disk.SyncDirectory(directory);
    }

    private void Count(string what, int files = 1)
    {
        Interlocked.Add(ref _files, files);
        Volatile.Write(ref _lastError, what);
        log.LogError("{What}", what);
    }
}
