using Microsoft.Win32.SafeHandles;

namespace Waybill.Spool;

public sealed class SpoolDamageTests
{
    private const int Records = 20, RunBytes = 3200;   // 20 x 3,274 bytes: a spool of 64 KiB
    private const int RecordBytes = RecordHeader.Bytes + 2 * RecordHeader.SectionBytes + 8 + RunBytes;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flip_of_any_byte_costs_the_record_it_is_in_and_is_found()
    {
        using SpoolDirectory directory = new();
        await directory.Fill(Enumerable.Range(0, Records), runBytes: RunBytes);
        string path = Assert.Single(directory.SegmentFiles);
        Assert.True(SegmentId.TryParse(Path.GetFileNameWithoutExtension(path), out SegmentId id));
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
        Assert.Equal(SegmentFile.HeaderBytes + Records * RecordBytes, bytes.Length);
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);

        for (int at = 0; at < bytes.Length; at++)
        {
            RandomAccess.Write(file, [(byte)(bytes[at] ^ (1 << (at % 8)))], at);
            SegmentIndex index = SegmentIndex.Read(file, id);
            int hit = at < SegmentFile.HeaderBytes ? -1 : (at - SegmentFile.HeaderBytes) / RecordBytes;

            if (!HasAllBut(hit, index)) Assert.Fail($"After a flip at {at}, found {string.Join(' ', index.Records.Select(record => record.Request.Hash))}");
            if (hit >= 0)
            {
                Extent damage = Assert.Single(index.Damage);
                Assert.Equal((ExtentKind.Damage, SegmentFile.HeaderBytes + hit * RecordBytes, RecordBytes), (damage.Kind, damage.Offset, damage.Length));
            }
            else
            {
                Assert.Empty(index.Damage);
                Assert.Equal(SegmentHeader.Damaged, SegmentFile.ReadHeader(file, id));
            }
            RandomAccess.Write(file, [bytes[at]], at);
        }
    }

    [Fact]
    public async Task A_cut_at_any_length_keeps_every_record_before_it_and_is_known_from_damage()
    {
        using SpoolDirectory directory = new();
        await directory.Fill(Enumerable.Range(0, Records), runBytes: RunBytes);
        string path = Assert.Single(directory.SegmentFiles);
        Assert.True(SegmentId.TryParse(Path.GetFileNameWithoutExtension(path), out SegmentId id));
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);

        for (int length = (int)RandomAccess.GetLength(file) - 1; length >= SegmentFile.HeaderBytes; length--)
        {
            RandomAccess.SetLength(file, length);
            SegmentIndex index = SegmentIndex.Read(file, id);
            (int whole, int torn) = Math.DivRem(length - SegmentFile.HeaderBytes, RecordBytes);

            Assert.Equal(whole, index.Records.Count);
            if (torn == 0) Assert.Empty(index.Damage);
            else Assert.Equal(new Extent(ExtentKind.TornTail, length - torn, torn), Assert.Single(index.Damage));
        }
        for (int length = SegmentFile.HeaderBytes - 1; length >= 0; length--)
        {
            RandomAccess.SetLength(file, length);
            Assert.Equal(SegmentHeader.Missing, SegmentFile.ReadHeader(file, id));
        }
    }

    [Theory]
    [InlineData(SegmentFile.HeaderBytes + 3 * RecordBytes)]                            // magic of record 3
    [InlineData(SegmentFile.HeaderBytes + 3 * RecordBytes + 9)]                        // its length
    [InlineData(SegmentFile.HeaderBytes + 3 * RecordBytes + RecordHeader.Bytes + 500)] // its payload
    [InlineData(SegmentFile.HeaderBytes + 19 * RecordBytes + 9)]                       // the length of the last
    public async Task A_damaged_record_is_skipped_copied_to_quarantine_and_counted(int at)
    {
        using SpoolDirectory directory = new();
        await directory.Fill(Enumerable.Range(0, Records), runBytes: RunBytes);
        byte[] bytes = await Flip(directory.SegmentFiles[0], at);
        int hit = (at - SegmentFile.HeaderBytes) / RecordBytes;

        await using (SpoolLog spool = directory.Open())
        {
            (await spool.Take(Cancel)).Dispose();
            Assert.Equal(1, spool.Status.DamagedRecords);
            List<long> numbers = await SpoolDirectory.Drain(spool);   // the second reading does not count again

            Assert.Equal(Enumerable.Range(0, Records).Where(n => n != hit).Select(n => (long)n), numbers);
            Assert.Equal((1, 0), (spool.Status.DamagedRecords, spool.Status.TornTails));
            Assert.Contains("damaged bytes", spool.Status.LastError, StringComparison.Ordinal);
        }
        Assert.Equal(bytes.AsSpan(SegmentFile.HeaderBytes + hit * RecordBytes, RecordBytes).ToArray(), await File.ReadAllBytesAsync(Assert.Single(directory.Quarantined), Cancel));
        await using SpoolLog next = directory.Open();   // lost rows may be sent again: their request is not known
        Assert.DoesNotContain((UInt128)hit, next.TakeRecentRequests().Select(request => request.Hash));
    }

    [Fact]
    public async Task Damage_after_a_segment_was_taken_stops_the_copy_and_the_next_try_goes_without_it()
    {
        using SpoolDirectory directory = new();
        await directory.Fill(Enumerable.Range(0, Records), runBytes: RunBytes);
        await using SpoolLog spool = directory.Open();
        using (SealedSegment segment = await spool.Take(Cancel))
        {
            await Flip(directory.SegmentFiles[0], SegmentFile.HeaderBytes + 5 * RecordBytes + 200);
            await Assert.ThrowsAsync<SpoolDamagedException>(() => SpoolDirectory.Numbers(segment));
        }

        Assert.Equal(Enumerable.Range(0, Records).Where(n => n != 5).Select(n => (long)n), await SpoolDirectory.Drain(spool));
        Assert.Equal(1, spool.Status.DamagedRecords);
    }

    [Fact]
    public async Task A_torn_tail_of_the_newest_segment_is_cut_off_and_of_an_older_one_is_damage()
    {
        using SpoolDirectory directory = new();
        await directory.Fill([1, 2]);
        await directory.Fill([3, 4]);
        foreach (string file in directory.SegmentFiles) await Shorten(file, 5);

        await using (SpoolLog spool = directory.Open())
        {
            Assert.Equal((1, 0), (spool.Status.TornTails, spool.Status.DamagedRecords));
            Assert.Equal([1, 3], await SpoolDirectory.Drain(spool));
            Assert.Equal((1, 1), (spool.Status.TornTails, spool.Status.DamagedRecords));
        }
        Assert.Single(directory.Quarantined);
    }

    [Fact]
    public async Task Files_that_are_no_segments_are_put_aside_and_the_spool_opens()
    {
        using SpoolDirectory directory = new();
        await directory.Fill([1]);
        string good = Path.GetFileNameWithoutExtension(directory.SegmentFiles[0]);
        byte[] segment = await File.ReadAllBytesAsync(directory.SegmentFiles[0], Cancel);
        string Named(char last) => Path.Combine(directory.Segments, good[..^1] + last + SegmentId.Extension);
        char[] names = [.. "ABCDEFG".Where(letter => letter != good[^1]).Take(4)];

        await File.WriteAllBytesAsync(Named(names[0]), [], Cancel);                               // empty
        await File.WriteAllBytesAsync(Named(names[1]), segment[..20], Cancel);                    // half a header
        await File.WriteAllBytesAsync(Named(names[2]), segment, Cancel);                          // another segment's records
        segment[8] = 9;
        segment.AsSpan(44, 4).Clear();
        BitConverter.TryWriteBytes(segment.AsSpan(44), Crc32C.Of(segment.AsSpan(0, 44)));
        await File.WriteAllBytesAsync(Named(names[3]), segment, Cancel);                          // version 9
        await File.WriteAllTextAsync(Path.Combine(directory.Segments, "notes.txt"), "x", Cancel); // foreign

        await using SpoolLog spool = directory.Open();

        Assert.Equal(5, spool.Status.QuarantinedFiles);
        Assert.Equal(5, directory.Quarantined.Length);
        Assert.Equal([1], await SpoolDirectory.Drain(spool));
    }

    [Fact]
    public async Task A_record_inside_a_damaged_payload_is_not_taken_for_a_record_of_the_segment()
    {
        using SpoolDirectory directory = new(), other = new();
        await other.Fill([666]);
        byte[] forged = await File.ReadAllBytesAsync(other.SegmentFiles[0], Cancel);
        await using (SpoolLog spool = directory.Open())
        {
            SpoolRecord record = new();
            record.Begin(1, 0);
            record.BeginSection(1).Write(forged);
            record.EndSection(1);
            record.Complete();
            await spool.Append(record, Cancel);
        }
        await Flip(directory.SegmentFiles[0], SegmentFile.HeaderBytes + 9);   // the outer record's length: the search goes through its payload

        await using SpoolLog next = directory.Open();

        Assert.Equal(0, next.Status.SegmentsWaiting);
        Assert.Single(directory.Quarantined);
    }

    // Plain loops: this is asked 65,536 times.
    private static bool HasAllBut(int hit, SegmentIndex index)
    {
        int next = 0;
        foreach (SegmentIndex.Record record in index.Records)
        {
            if (next == hit) next++;
            if (record.Request.Hash != (UInt128)next++) return false;
        }
        return next == Records || (next == hit && hit == Records - 1);
    }

    private static async Task<byte[]> Flip(string path, int at)
    {
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
        bytes[at] ^= 0x10;
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, [bytes[at]], at);
        return bytes;
    }

    private static async Task Shorten(string path, int by)
    {
        await using FileStream file = new(path, FileMode.Open);
        file.SetLength(file.Length - by);
    }
}
