using System.Diagnostics;
using Waybill.SpoolWriter;

namespace Waybill.Spool;

/// <summary>The disk's side of the promise: the order of system calls, and disks that fail or fill up.</summary>
public sealed class SpoolDiskTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledgement_leaves_before_the_fdatasync_that_covers_its_record()
    {
        Strace.RequireOrSkip();
        using SpoolDirectory directory = new();
        string log = Path.Combine(directory.Path, "strace");
        using (WriterProcess writer = WriterProcess.Start(Strace.Command(log), directory.Path, "-", 0, 1000, appenders: 8, recordRunBytes: 1000))
        {
            Assert.True(await writer.End(Cancel) == 0, await writer.Errors);
            Assert.Equal(1000, writer.Acknowledged.Length);
        }
        string[] trace = await File.ReadAllLinesAsync(log, Cancel);
        const int RecordBytes = RecordHeader.Bytes + 2 * RecordHeader.SectionBytes + 8 + 1000;

        (int acknowledged, int early, int syncs) = Strace.EarlyAcknowledgements(trace, SegmentFile.HeaderBytes, RecordBytes);

        output.WriteLine($"{acknowledged} acknowledgements, {syncs} syncs");
        Assert.Equal((1000, 0), (acknowledged, early));
        Assert.InRange(syncs, 10, 1000);
        // The check can fail: were there no more syncs from the middle of the trace on, what they cover would come too early: how much that is, the disk decides.
        int middle = Enumerable.Range(0, trace.Length).Where(i => trace[i].Contains("fdatasync", StringComparison.Ordinal)).ElementAt(syncs / 2);
        IEnumerable<string> unsynced = trace.Where((line, i) => i < middle || !line.Contains("fdatasync", StringComparison.Ordinal));
        Assert.InRange(Strace.EarlyAcknowledgements(unsynced, SegmentFile.HeaderBytes, RecordBytes).Early, 100, 900);
    }

    [Theory]
    [InlineData("fdatasync", 1)]
    [InlineData("fdatasync", 7)]
    [InlineData("fsync", 4)]      // of a segment's directory
    [InlineData("pwritev", 5)]
    public async Task A_disk_that_fails_once_is_never_asked_again_and_what_was_acknowledged_is_there(string call, int when)
    {
        Strace.RequireOrSkip();
        using SpoolDirectory directory = new();
        string log = Path.Combine(directory.Path, "strace");
        using WriterProcess writer = WriterProcess.Start(Strace.Command(log, $"{call}:error=EIO:when={when}"), directory.Path, "-", 0, 100_000, appenders: 4);

        Assert.True(await writer.End(Cancel) == 3, await writer.Errors);

        Assert.Contains("errno 5", (await writer.Errors).Replace("Input/output error", "errno 5", StringComparison.Ordinal), StringComparison.Ordinal);
        string[] after = [.. (await File.ReadAllLinesAsync(log, Cancel)).SkipWhile(line => !line.Contains("(INJECTED)", StringComparison.Ordinal)).Skip(1)];
        Assert.DoesNotContain(after, line => line.Contains("pwrite", StringComparison.Ordinal) || line.Contains("sync(", StringComparison.Ordinal));
        await using SpoolLog spool = directory.Open();
        List<long> found = await SpoolDirectory.Drain(spool);
        output.WriteLine($"{writer.Acknowledged.Length} acknowledged, {found.Count} found");
        Assert.Empty(writer.Acknowledged.Except(found));
        Assert.Equal(found.Distinct().Count(), found.Count);
        Assert.Equal(0, spool.Status.DamagedRecords);
    }

    [Fact]
    public async Task A_write_that_finds_no_space_is_refused_and_the_spool_recovers()
    {
        Strace.RequireOrSkip();
        using SpoolDirectory directory = new();
        string log = Path.Combine(directory.Path, "strace");
        using WriterProcess writer = WriterProcess.Start(Strace.Command(log, "pwritev:error=ENOSPC:when=3+40"), directory.Path, "-", 0, 60, appenders: 2);

        Assert.True(await writer.End(Cancel) == 0, await writer.Errors);

        Assert.Contains(await File.ReadAllLinesAsync(log, Cancel), line => line.Contains("ENOSPC", StringComparison.Ordinal));
        await using SpoolLog spool = directory.Open();
        Assert.Equal(Enumerable.Range(0, 60).Select(n => (long)n), (await SpoolDirectory.Drain(spool)).Order());
    }

    [Fact]
    public async Task On_a_full_disk_appends_are_refused_reads_and_deletes_go_on_and_appends_come_back()
    {
        using SpoolDirectory mount = new();
        if (!Mount("-t", "tmpfs", "-o", "size=4m", "none", mount.Path)) Assert.Skip("Needs root: it mounts a file system of 4 MiB to fill it.");
        try
        {
            await FillTheDisk(mount);
        }
        finally
        {
            while (!Run("umount", mount.Path)) await Task.Delay(50, Cancel);   // busy while a process that another test starts has copies of our files
        }
    }

    private async Task FillTheDisk(SpoolDirectory directory)
    {
        StoppedTime time = new();
        SpoolOptions options = directory.Options;
        (options.SegmentBytesMax, options.BallastBytes) = (1024 * 1024, 512 * 1024);
        SpoolRecord record = new();
        List<long> acknowledged = [];
        await using SpoolLog spool = directory.Open(options, time);

        SpoolFullException full = await Assert.ThrowsAsync<SpoolFullException>(() => AppendUntilRefused(spool, time, record, acknowledged));
        Assert.Equal(SpoolRefusal.DiskFull, full.Refusal);
        Assert.Equal(SpoolRefusal.DiskFull, spool.Refusal);
        Assert.True(acknowledged.Count > 20);

        Assert.True(spool.ReleaseBallast());
        Assert.False(spool.ReleaseBallast());
        List<long> found = [];
        using (SealedSegment segment = await spool.Take(Cancel))
        {
            found.AddRange(await SpoolDirectory.Numbers(segment));
            await segment.Delete();
        }
        Assert.True(spool.RestoreBallast());
        time.Advance(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<SpoolFullException>(() => AppendUntilRefused(spool, time, record, acknowledged));
        found.AddRange(await SpoolDirectory.Drain(spool));
        output.WriteLine($"{acknowledged.Count} acknowledged");
        Assert.Equal(acknowledged, found);
        Assert.False(spool.Failed.IsCompleted);
        Assert.Equal(0, spool.Status.DamagedRecords);
    }

    private static async Task AppendUntilRefused(SpoolLog spool, TimeProvider time, SpoolRecord record, List<long> acknowledged)
    {
        while (true)
        {
            NumberedRecord.Fill(record, acknowledged.Count, time, runBytes: 100_000);
            await spool.Append(record, Cancel);
            acknowledged.Add(acknowledged.Count);
        }
    }

    private static bool Mount(params string[] arguments) => OperatingSystem.IsLinux() && Run("mount", arguments);

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
