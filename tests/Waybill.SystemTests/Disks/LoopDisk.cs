using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Waybill.Disks;

/// <summary>An ext4 file system of its own, to be filled or to be cut off from its power. Needs root, mkfs.ext4 and loop devices.</summary>
internal sealed partial class LoopDisk : IDisposable
{
    private readonly string _image;

    private LoopDisk(string directory) => (_image, Path) = (System.IO.Path.Combine(directory, "disk"), System.IO.Path.Combine(directory, "m"));

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Makes and mounts one, or skips the test with the reason.</summary>
    public static LoopDisk CreateOrSkip(long bytes)
    {
        string directory = Directory.CreateTempSubdirectory("wb-disk-").FullName;
        var disk = new LoopDisk(directory);
        Directory.CreateDirectory(disk.Path);
        using (FileStream image = File.Create(disk._image)) image.SetLength(bytes);
        if (OperatingSystem.IsLinux() && Run("mkfs.ext4", "-q", disk._image) && Run("mount", "-o", "loop", disk._image, disk.Path)) return disk;
        Directory.Delete(directory, recursive: true);
        Assert.Skip("Needs root on Linux with mkfs.ext4 and loop devices: it mounts an ext4 file system.");
        throw new UnreachableException();
    }

    /// <summary>Shuts the file system down as a power cut does: neither the page cache nor the journal is written any more.</summary>
    public void CutPower()
    {
        const int ReadOnly = 0;
        const nuint ShutdownExt4 = 0x8004587d;   // EXT4_IOC_SHUTDOWN
        uint withoutFlushingTheLog = 2;
        using SafeFileHandle directory = new(open(Path, ReadOnly, 0), ownsHandle: true);
        Assert.Equal(0, ioctl(directory, ShutdownExt4, ref withoutFlushingTheLog));
    }

    /// <summary>Mounts it again after a power cut; no process may have a file open on it.</summary>
    public void PowerOn()
    {
        Assert.True(Unmount(), "umount failed: a process still holds a file.");
        Assert.True(Run("mount", "-o", "loop", _image, Path), "The file system does not mount after the power cut.");
    }

    public void Dispose()
    {
        if (Unmount()) Directory.Delete(System.IO.Path.GetDirectoryName(_image)!, recursive: true);
    }

    /// <summary>The kernel lets go of a killed process's files a moment after its end is told.</summary>
    private bool Unmount()
    {
        for (long began = Stopwatch.GetTimestamp(); !Run("umount", Path); Thread.Sleep(50))
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(10)) return false;
        return true;
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle file, nuint request, ref uint argument);
}
