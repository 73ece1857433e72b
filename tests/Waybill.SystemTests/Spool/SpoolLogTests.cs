using Waybill.SpoolWriter;

namespace Waybill.Spool;

public sealed class SpoolLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_appended_is_taken_in_order_table_by_table()
    {
        using SpoolDirectory directory = new();
        await directory.Fill(Enumerable.Range(1, 50));
        await using SpoolLog spool = directory.Open();

        using SealedSegment segment = await spool.Take(Cancel);

        Assert.Equal([1, 2], segment.Tables);
        Assert.True(segment.TryGetTable(1, out long rows));
        Assert.Equal(50, rows);
        Assert.True(segment.TryGetTable(2, out rows));
        Assert.Equal(150, rows);
        Assert.False(segment.TryGetTable(3, out _));
        Assert.Equal(Enumerable.Range(1, 50).Select(n => (long)n), await SpoolDirectory.Numbers(segment));
        byte[] runs = await SpoolDirectory.Table(segment, 2);
        Assert.Equal(Enumerable.Range(1, 50).SelectMany(n => NumberedRecord.Run(n)), runs);
        Assert.Equal(runs.Length, segment.BytesOf(2));
    }

    [Fact]
    public async Task A_segment_is_taken_again_with_the_same_id_until_it_is_deleted_and_across_a_restart()
    {
        using SpoolDirectory directory = new();
        await directory.Fill([1, 2, 3]);
        string id;
        await using (SpoolLog spool = directory.Open())
        {
            using SealedSegment first = await spool.Take(Cancel), again = await spool.Take(Cancel);
            id = first.Id;
            Assert.Equal(id, again.Id);
        }
        await using (SpoolLog spool = directory.Open())
        {
            using SealedSegment later = await spool.Take(Cancel);
            Assert.Equal(id, later.Id);
            Assert.Equal([1, 2, 3], await SpoolDirectory.Numbers(later));
            await later.Delete();
            Assert.Equal(0, spool.Status.SegmentsWaiting);
            Assert.Equal(0, spool.Status.Bytes);
        }
        Assert.Empty(directory.SegmentFiles);
    }

    [Fact]
    public async Task Appends_of_many_callers_are_all_kept_over_many_segments()
    {
        using SpoolDirectory directory = new();
        SpoolOptions options = directory.Options;
        options.SegmentBytesMax = 64 * 1024;
        await using SpoolLog spool = directory.Open(options);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            SpoolRecord record = new();
            for (int i = 0; i < 100; i++)
            {
                NumberedRecord.Fill(record, caller * 1000 + i, TimeProvider.System);
                await spool.Append(record, Cancel);
            }
        }, Cancel)));

        Assert.Equal(1600, spool.Status.RecordsAppended);
        Assert.True(spool.Status.SegmentsWaiting > 20, $"{spool.Status.SegmentsWaiting} segments");
        Assert.All(directory.SegmentFiles, file => Assert.True(new FileInfo(file).Length <= 64 * 1024));
        List<long> numbers = await SpoolDirectory.Drain(spool);
        Assert.Equal(Enumerable.Range(0, 16).SelectMany(caller => Enumerable.Range(0, 100).Select(i => caller * 1000L + i)), numbers.Order());
        Assert.Equal(0, spool.Status.QueueBytes);
    }

    [Fact]
    public async Task While_the_inserter_is_busy_the_segment_grows()
    {
        using SpoolDirectory directory = new();
        await using SpoolLog spool = directory.Open();
        SpoolRecord record = new();
        async Task Append(int number)
        {
            NumberedRecord.Fill(record, number, TimeProvider.System);
            await spool.Append(record, Cancel);
        }

        ValueTask<SealedSegment> taking = spool.Take(Cancel);
        await Append(1);
        using SealedSegment first = await taking;
        foreach (int number in (int[])[2, 3, 4]) await Append(number);
        Assert.Equal([1], await SpoolDirectory.Numbers(first));
        await first.Delete();

        using SealedSegment second = await spool.Take(Cancel);
        Assert.Equal([2, 3, 4], await SpoolDirectory.Numbers(second));
    }

    [Fact]
    public async Task A_young_segment_is_left_to_grow_until_its_age_by_the_given_clock()
    {
        using SpoolDirectory directory = new();
        SpoolOptions options = directory.Options;
        options.SegmentAgeMax = TimeSpan.FromHours(1);
        StoppedTime time = new();
        await using SpoolLog spool = directory.Open(options, time);
        SpoolRecord record = new();
        NumberedRecord.Fill(record, 1, time);
        await spool.Append(record, Cancel);

        Task<SealedSegment> taking = spool.Take(Cancel).AsTask();
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.False(taking.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(2));
        using SealedSegment segment = await taking.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal([1], await SpoolDirectory.Numbers(segment));
    }

    [Fact]
    public async Task A_second_opener_is_refused_by_name_and_the_first_goes_on()
    {
        using SpoolDirectory directory = new();
        await using SpoolLog spool = directory.Open();

        SpoolLockedException refused = Assert.Throws<SpoolLockedException>(() => directory.Open());

        Assert.Contains(directory.Path, refused.Message, StringComparison.Ordinal);
        SpoolRecord record = new();
        NumberedRecord.Fill(record, 1, TimeProvider.System);
        await spool.Append(record, Cancel);
        Assert.Equal([1], await SpoolDirectory.Drain(spool));
    }

    [Fact]
    public async Task A_full_spool_refuses_and_takes_again_once_a_segment_is_deleted()
    {
        using SpoolDirectory directory = new();
        SpoolOptions options = directory.Options;
        (options.SegmentBytesMax, options.SpoolBytesMax) = (512 * 1024, 1024 * 1024);
        await using SpoolLog spool = directory.Open(options);
        SpoolRecord record = new();
        NumberedRecord.Fill(record, 1, TimeProvider.System, runBytes: 100_000);

        SpoolFullException full = await Assert.ThrowsAsync<SpoolFullException>(async () =>
        {
            while (true) await spool.Append(record, Cancel);
        });

        Assert.Equal(SpoolRefusal.SpoolFull, full.Refusal);
        Assert.Equal(10, spool.Status.RecordsAppended);
        Assert.Equal(1, spool.Status.RecordsRefused);
        Assert.True(spool.Status.Bytes <= options.SpoolBytesMax);
        using (SealedSegment segment = await spool.Take(Cancel)) await segment.Delete();
        await spool.Append(record, Cancel);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_nothing_that_was_taken_is_lost()
    {
        using SpoolDirectory directory = new();
        SpoolOptions options = directory.Options;
        (options.QueueBytesMax, options.RecordBytesMax) = (250_000, 150_000);
        await using SpoolLog spool = directory.Open(options);
        int refused = 0, taken = 0;

        await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
        {
            SpoolRecord record = new();
            NumberedRecord.Fill(record, caller, TimeProvider.System, runBytes: 100_000);
            for (int i = 0; i < 20; i++)
            {
                try
                {
                    await spool.Append(record, Cancel);
                    Interlocked.Increment(ref taken);
                }
                catch (SpoolFullException full) when (full.Refusal == SpoolRefusal.QueueFull)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }, Cancel)));

        Assert.True(refused > 0);
        Assert.Equal(640, refused + taken);
        Assert.Equal(taken, (await SpoolDirectory.Drain(spool)).Count);
        Assert.Equal(0, spool.Status.QueueBytes);
    }

    [Fact]
    public async Task A_cancelled_append_leaves_its_record_to_be_reused_and_corrupts_nothing()
    {
        using SpoolDirectory directory = new();
        HashSet<long> acknowledged = [], cancelled = [];
        await using SpoolLog spool = directory.Open();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            SpoolRecord record = new();
            Random random = new(caller);
            for (long number = caller * 1000; number < caller * 1000 + 300; number++)
            {
                NumberedRecord.Fill(record, number, TimeProvider.System);
                using CancellationTokenSource cancel = new();
                ValueTask append = spool.Append(record, cancel.Token);
                if (random.Next(2) == 0) await cancel.CancelAsync();
                try
                {
                    await append;
                    lock (acknowledged) acknowledged.Add(number);
                }
                catch (OperationCanceledException)
                {
                    lock (acknowledged) cancelled.Add(number);
                }
            }
        }, Cancel)));

        List<long> found = await SpoolDirectory.Drain(spool);
        Assert.NotEmpty(cancelled);
        Assert.Equal(acknowledged.Order(), found.Order());   // a cancelled append was withdrawn, so it is not there
        Assert.Equal(0, spool.Status.DamagedRecords);
        Assert.Equal(0, spool.Status.QueueBytes);
    }

    [Fact]
    public async Task Closing_writes_what_waits_and_refuses_what_comes_later()
    {
        using SpoolDirectory directory = new();
        SpoolLog spool = directory.Open();
        SpoolRecord[] records = [.. Enumerable.Range(0, 3000).Select(_ => new SpoolRecord())];   // more than one call may write (IOV_MAX)
        Task[] appends = [.. records.Select((record, number) =>
        {
            NumberedRecord.Fill(record, number, TimeProvider.System);
            return spool.Append(record, Cancel).AsTask();
        })];
        Task taking = Task.Run(async () =>
        {
            while (true) (await spool.Take(CancellationToken.None)).Dispose();
        }, Cancel);

        await spool.DisposeAsync();

        await Task.WhenAll(appends);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await spool.Append(records[0], Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => taking);
        await using SpoolLog next = directory.Open();
        Assert.Equal(Enumerable.Range(0, 3000).Select(n => (long)n), await SpoolDirectory.Drain(next));
    }

    [Fact]
    public async Task A_segment_the_engine_never_takes_is_put_aside_and_its_requests_stay_known()
    {
        using SpoolDirectory directory = new();
        await directory.Fill([7]);
        await using (SpoolLog spool = directory.Open())
        {
            using SealedSegment segment = await spool.Take(Cancel);
            await segment.Quarantine("the engine says: no such column");
            Assert.Equal(0, spool.Status.SegmentsWaiting);
            Assert.Contains("no such column", spool.Status.LastError, StringComparison.Ordinal);
        }
        Assert.Single(directory.Quarantined);
        await using SpoolLog next = directory.Open();
        Assert.Equal([(UInt128)7], next.TakeRecentRequests().Select(request => request.Hash));
    }

    [Fact]
    public void Options_out_of_bounds_are_all_named()
    {
        using SpoolDirectory directory = new();
        ArgumentException wrong = Assert.Throws<ArgumentException>(() => directory.Open(new() { Directory = directory.Path, SegmentBytesMax = 1, RecentRequestsMax = -1 }));
        Assert.Contains(nameof(SpoolOptions.SegmentBytesMax), wrong.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(SpoolOptions.RecentRequestsMax), wrong.Message, StringComparison.Ordinal);
        wrong = Assert.Throws<ArgumentException>(() => directory.Open(new() { Directory = directory.Path, QueueBytesMax = 5000 }));
        Assert.Contains("Spool:QueueBytesMax (5000)", wrong.Message, StringComparison.Ordinal);
    }
}
