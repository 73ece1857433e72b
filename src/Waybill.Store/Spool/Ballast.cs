using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Waybill.Spool;

/// <summary>A file that only takes room, to be given up when the disk is full: a ClickHouse partition cannot be dropped with less than 1 MiB free.</summary>
internal sealed class Ballast(string directory, long bytes, ILogger log)
{
    private readonly string _path = Path.Combine(directory, "ballast");

    /// <summary>Frees the room.</summary>
    /// <returns>False when it was free already.</returns>
    public bool Release()
    {
        if (!File.Exists(_path)) return false;
        File.Delete(_path);
        Disk.SyncDirectory(directory);
        log.LogWarning("The spool's ballast of {Bytes} bytes was released.", bytes);
        return true;
    }

    /// <summary>Takes the room again.</summary>
    /// <returns>False when the disk has not that much free; then nothing is taken.</returns>
    public bool Restore()
    {
        if (bytes == 0 || (File.Exists(_path) && new FileInfo(_path).Length == bytes)) return true;

        File.Delete(_path);
        if (Disk.Free(directory).Bytes < 2 * bytes) return false;
        try
        {
            using SafeFileHandle file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.Write, preallocationSize: bytes);
            RandomAccess.SetLength(file, bytes);
            Disk.SyncFile(file);
        }
        catch (IOException full) when (full is not SpoolFailedException)   // .NET gives no code for a failed preallocation
        {
            File.Delete(_path);
            return false;
        }
        Disk.SyncDirectory(directory);
        return true;
    }
}
