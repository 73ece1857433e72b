using Waybill.SpoolWriter;

namespace Waybill.Spool;

public sealed class RecentRequestsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_stay_known_across_a_restart_whether_their_segment_waits_or_is_deleted()
    {
        using SpoolDirectory directory = new();
        await directory.Fill([1, 2]);
        await using (SpoolLog spool = directory.Open()) await SpoolDirectory.Drain(spool);
        await directory.Fill([3]);

        await using SpoolLog next = directory.Open();

        Assert.Equal([1, 2, 3], next.TakeRecentRequests().Select(request => (int)request.Hash).Order());
        Assert.Empty(next.TakeRecentRequests());   // handed over once
    }

    [Fact]
    public async Task Requests_are_forgotten_after_the_window_and_their_files_are_dropped()
    {
        using SpoolDirectory directory = new();
        StoppedTime time = new();
        for (int number = 1; number <= 40; number++)
        {
            await AppendAndDelete(directory, time, number);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await using SpoolLog spool = directory.Open(time: time);
        Assert.Equal(Enumerable.Range(30, 11), spool.TakeRecentRequests().Select(request => (int)request.Hash).Order());   // 10 minutes, and one for the way to the acknowledgement
        Assert.True(Directory.GetFiles(Path.Combine(directory.Path, "recent")).Length < 15);
    }

    [Fact]
    public async Task In_one_long_run_the_files_rotate()
    {
        using SpoolDirectory directory = new();
        StoppedTime time = new();
        await using SpoolLog spool = directory.Open(time: time);
        SpoolRecord record = new();
        for (int number = 1; number <= 60; number++)
        {
            NumberedRecord.Fill(record, number, time);
            await spool.Append(record, Cancel);
            await SpoolDirectory.Drain(spool);
            time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.InRange(Directory.GetFiles(Path.Combine(directory.Path, "recent")).Length, 2, 5);
    }

    [Fact]
    public async Task Only_the_newest_are_handed_over_when_there_are_too_many()
    {
        using SpoolDirectory directory = new();
        StoppedTime time = new();
        for (int number = 1; number <= 6; number++)
        {
            await AppendAndDelete(directory, time, number);
            time.Advance(TimeSpan.FromSeconds(1));
        }
        SpoolOptions options = directory.Options;
        options.RecentRequestsMax = 2;

        await using SpoolLog spool = directory.Open(options, time);

        Assert.Equal([6, 5], spool.TakeRecentRequests().Select(request => (int)request.Hash));
    }

    [Fact]
    public async Task A_damaged_entry_costs_itself_and_is_counted()
    {
        using SpoolDirectory directory = new();
        await directory.Fill([1, 2, 3]);
        await using (SpoolLog spool = directory.Open()) await SpoolDirectory.Drain(spool);
        string path = Assert.Single(Directory.GetFiles(Path.Combine(directory.Path, "recent")));
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
        bytes[32 + 3] ^= 1;
        await File.WriteAllBytesAsync(path, bytes[..^5], Cancel);   // and the third is torn

        await using SpoolLog next = directory.Open();

        Assert.Equal([1], next.TakeRecentRequests().Select(request => (int)request.Hash));
        Assert.Equal(1, next.Status.DamagedRecords);
    }

    private static async Task AppendAndDelete(SpoolDirectory directory, TimeProvider time, int number)
    {
        await using SpoolLog spool = directory.Open(time: time);
        SpoolRecord record = new();
        NumberedRecord.Fill(record, number, time);
        await spool.Append(record, Cancel);
        await SpoolDirectory.Drain(spool);
    }
}
