using Waybill.Disks;

namespace Waybill.Spool;

/// <summary>A power cut, as ext4 sees one: the file system is shut down at once, neither the page cache nor the journal is written any more.</summary>
public sealed class SpoolPowerCutTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Set WAYBILL_CUT_RUNS for more cuts than the two of an ordinary run.</summary>
    [Fact]
    public async Task After_a_power_cut_everything_acknowledged_is_there_once()
    {
        int runs = int.Parse(Environment.GetEnvironmentVariable("WAYBILL_CUT_RUNS") ?? "2");
        using LoopDisk disk = LoopDisk.CreateOrSkip(bytes: 96 * 1024 * 1024);
        HashSet<long> acknowledged = [];
        for (int run = 0; run < runs; run++) acknowledged.UnionWith(await WriteAndCut(disk, first: run * 1_000_000));
        await using SpoolLog spool = SpoolLog.Open(Options(disk.Path), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        List<long> found = await SpoolDirectory.Drain(spool);
        output.WriteLine($"{runs} cuts, {acknowledged.Count} acknowledged, {found.Count} found, {spool.Status}");
        Assert.True(acknowledged.Count > 0);
        Assert.Empty(acknowledged.Except(found));
        Assert.Equal(found.Distinct().Count(), found.Count);
    }

    private static SpoolOptions Options(string mount) => new() { Directory = Path.Combine(mount, "spool"), BallastBytes = 0, SegmentAgeMax = TimeSpan.Zero };

    private static async Task<long[]> WriteAndCut(LoopDisk disk, long first)
    {
        using WriterProcess writer = WriterProcess.Start([], Path.Combine(disk.Path, "spool"), "-", first, 1_000_000, appenders: 8);
        while (writer.Acknowledged.Length < 200)
        {
            if (writer.Errors.IsCompleted) Assert.Fail($"The writer ended: {await writer.Errors}");
            await Task.Delay(5, Cancel);
        }
        // What is acknowledged from here on would not be: a real cut ends the writer too, while ext4 answers a sync that is under way with success.
        long[] acknowledged = writer.Acknowledged;
        disk.CutPower();
        Assert.Equal(3, await writer.End(Cancel));   // its disk failed, so it stopped by itself
        disk.PowerOn();
        return acknowledged;
    }
}
