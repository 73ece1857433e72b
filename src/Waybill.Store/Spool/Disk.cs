using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Waybill.Spool;

/// <summary>What .NET does not offer, or does not promise, of making files durable. Every result is checked.</summary>
public static partial class Disk
{
    private const int ErrorAgain = 11, ErrorNoSpace = 28, ErrorQuota = 122;
    private const int LockExclusive = 2, LockNonBlocking = 4, LockRelease = 8;
    private const int ReadOnly = 0, ReadWrite = 2, Create = 0x40, CloseOnExec = 0x80000;

    /// <summary>Waits until the file's data, and the size needed to read it, are on the device.</summary>
    /// <exception cref="SpoolFailedException">The device failed: what was written since the last sync may be lost. Never try again.</exception>
    public static void SyncData(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) Check(fdatasync(file), "fdatasync");
        else RandomAccess.FlushToDisk(file);
    }

    /// <summary>As <see cref="SyncData"/>, with all that is known of the file.</summary>
    public static void SyncFile(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) Check(fsync(file), "fsync");
        else RandomAccess.FlushToDisk(file);
    }

    /// <summary>Makes the creation, renaming or deletion of a directory's entries durable.</summary>
    /// <exception cref="SpoolFailedException">As for a file.</exception>
    public static void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux()) return;   // others cannot open a directory from .NET; their file systems journal names with the file's own sync

        using SafeFileHandle directory = Open(path, ReadOnly);
        Check(fsync(directory), $"fsync {path}");
    }

    /// <summary>Makes a directory, with its parents, that only we may read; durable when made.</summary>
    public static void CreateDirectory(string path)
    {
        List<string> changed = [];
        for (string at = Path.GetFullPath(path); !Directory.Exists(at); at = changed[^1]) changed.Add(Path.GetDirectoryName(at)!);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (string parent in changed) SyncDirectory(parent);
    }

    /// <summary>Takes the lock that ends with the process, however it ends.</summary>
    /// <returns>Null when another process has it (elsewhere than on Linux an <see cref="IOException"/> says so).</returns>
    public static SafeFileHandle? TryLock(string path)
    {
        if (!OperatingSystem.IsLinux()) return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        // Not by FileShare.None: that is ignored where DOTNET_SYSTEM_IO_DISABLEFILELOCKING is set or the file system has no locks.
        SafeFileHandle file = Open(path, ReadWrite | Create);
        if (flock(file, LockExclusive | LockNonBlocking) == 0) return file;

        int error = Marshal.GetLastPInvokeError();
        file.Dispose();
        if (error != ErrorAgain) throw Failure($"flock {path}", error);
        return null;
    }

    /// <summary>Gives the lock up. Closing alone would not, while a child process that is just being started still has a copy of the file.</summary>
    public static void Unlock(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) Check(flock(file, LockRelease), "flock");
        file.Dispose();
    }

    /// <summary>Free bytes for us, and as a part of what is used and free (as <c>df</c> counts).</summary>
    public static (long Bytes, double Ratio) Free(string path)
    {
        DriveInfo disk = new(path);
        long free = disk.AvailableFreeSpace, used = disk.TotalSize - disk.TotalFreeSpace;
        return (free, used + free == 0 ? 0 : (double)free / (used + free));
    }

    public static bool IsFull(IOException failure) => failure.HResult is ErrorNoSpace or ErrorQuota
        || failure.HResult == unchecked((int)0x80070070);   // ERROR_DISK_FULL, also what .NET gives where it knows the cause

    private static SafeFileHandle Open(string path, int flags)
    {
        SafeFileHandle file = new(open(path, flags | CloseOnExec, 0b110_000_000), ownsHandle: true);
        return file.IsInvalid ? throw Failure($"open {path}", Marshal.GetLastPInvokeError()) : file;
    }

    private static void Check(int result, string call)
    {
        if (result < 0) throw Failure(call, Marshal.GetLastPInvokeError());
    }

    private static SpoolFailedException Failure(string call, int error) => new($"{call} failed: {new Win32Exception(error).Message} (errno {error}).");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}
