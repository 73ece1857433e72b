using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Waybill.Spool;

/// <summary>A power cut, as ext4 sees one: the file system is shut down at once, neither the page cache nor the journal is written any more.</summary>
public sealed partial class SpoolPowerCutTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Set WAYBILL_CUT_RUNS for more cuts than the two of an ordinary run.</summary>
    [Fact]
    public async Task After_a_power_cut_everything_acknowledged_is_there_once()
    {
        int runs = int.Parse(Environment.GetEnvironmentVariable("WAYBILL_CUT_RUNS") ?? "2");
        using SpoolDirectory work = new(Path.GetTempPath());
        string image = Path.Combine(work.Path, "disk"), mount = Directory.CreateDirectory(Path.Combine(work.Path, "mount")).FullName;
        await using (FileStream disk = File.Create(image)) disk.SetLength(96 * 1024 * 1024);
        if (!OperatingSystem.IsLinux() || !Run("mkfs.ext4", "-q", image) || !Run("mount", "-o", "loop", image, mount)) Assert.Skip("Needs root on Linux: it mounts an ext4 file system and cuts it off.");
        try
        {
            HashSet<long> acknowledged = [];
            for (int run = 0; run < runs; run++) acknowledged.UnionWith(await WriteAndCut(image, mount, first: run * 1_000_000));
            await using SpoolLog spool = SpoolLog.Open(Options(mount), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
            List<long> found = await SpoolDirectory.Drain(spool);
            output.WriteLine($"{runs} cuts, {acknowledged.Count} acknowledged, {found.Count} found, {spool.Status}");
            Assert.True(acknowledged.Count > 0);
            Assert.Empty(acknowledged.Except(found));
            Assert.Equal(found.Distinct().Count(), found.Count);
        }
        finally
        {
            await Unmount(mount);
        }
    }

    // Busy for a moment while a process that another test starts still has copies of our files.
    private static async Task Unmount(string mount)
    {
        for (int attempt = 0; !Run("umount", mount); attempt++)
        {
            Assert.True(attempt < 100, "The file system stays busy.");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static SpoolOptions Options(string mount) => new() { Directory = Path.Combine(mount, "spool"), BallastBytes = 0, SegmentAgeMax = TimeSpan.Zero };

    private static async Task<long[]> WriteAndCut(string image, string mount, long first)
    {
        using WriterProcess writer = WriterProcess.Start([], Path.Combine(mount, "spool"), "-", first, 1_000_000, appenders: 8);
        while (writer.Acknowledged.Length < 200)
        {
            if (writer.Errors.IsCompleted) Assert.Fail($"The writer ended: {await writer.Errors}");
            await Task.Delay(5, Cancel);
        }
        ShutDown(mount);
        Assert.Equal(3, await writer.End(Cancel));   // its disk failed, so it stopped by itself
        await Unmount(mount);
        Assert.True(Run("mount", "-o", "loop", image, mount));
        return writer.Acknowledged;
    }

    private static void ShutDown(string mount)
    {
        const int DirectoryReadOnly = 0;
        const nuint ShutdownExt4 = 0x8004587d;   // EXT4_IOC_SHUTDOWN
        uint withoutFlushingTheLog = 2;
        using SafeFileHandle directory = new(open(mount, DirectoryReadOnly, 0), ownsHandle: true);
        Assert.Equal(0, ioctl(directory, ShutdownExt4, ref withoutFlushingTheLog));
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
