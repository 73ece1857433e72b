namespace Waybill.Spool;

/// <summary>What a power cut leaves of a write that was not synced: the file has its length, some of its pages were never written.</summary>
public sealed class SpoolTornWriteTests
{
    [Fact]
    public async Task A_last_record_without_its_payload_is_not_remembered_as_acknowledged()
    {
        using SpoolDirectory directory = new();
        await directory.Fill([1, 2, 3], runBytes: 1_000);
        await using (FileStream segment = new(Assert.Single(directory.SegmentFiles), FileMode.Open))
        {
            segment.Position = segment.Length - 500;
            segment.Write(new byte[500]);
        }

        await using SpoolLog spool = directory.Open();

        Assert.Equal(2, spool.TakeRecentRequests().Count);
        Assert.Equal([1, 2], await SpoolDirectory.Drain(spool));
    }

    [Fact]
    public async Task Nor_is_it_after_the_next_cut_when_a_newer_segment_lies_behind_it()
    {
        using SpoolDirectory directory = new();
        await directory.Fill([1, 2, 3], runBytes: 1_000);
        await using (FileStream segment = new(Assert.Single(directory.SegmentFiles), FileMode.Open))
        {
            segment.Position = segment.Length - 500;
            segment.Write(new byte[500]);
        }
        await directory.Fill([4], runBytes: 1_000);   // a start, a request, and the end again before anything was inserted

        await using SpoolLog spool = directory.Open();

        Assert.Equal(3, spool.TakeRecentRequests().Count);
        Assert.Equal([1, 2, 4], await SpoolDirectory.Drain(spool));
    }
}
