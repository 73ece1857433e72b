using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Waybill.Encryption;
using Waybill.SpoolWriter;

namespace Waybill.Spool;

/// <summary>The spool with a key: what holds of damage and torn writes holds as without, and without the key nothing is lost or thrown away.</summary>
public sealed class SealedSpoolTests
{
    private const int Records = 20, RunBytes = 1000;
    private const int RecordBytes = RecordHeader.Bytes + 2 * (RecordHeader.SectionBytes + Sealer.OverheadBytes) + 8 + RunBytes;

    private static readonly DataKey First = KeyOf(1), Second = KeyOf(2);
    private static readonly Sealer Sealer1 = DataAtRest.Under(First).SealerFor("spool")!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DataKey KeyOf(byte fill) => DataKey.Read(Enumerable.Repeat(fill, DataKey.Bytes).ToArray())!;

    private static SpoolLog Open(SpoolDirectory directory, Sealer? sealer) => SpoolLog.Open(directory.Options, TimeProvider.System, NullLogger.Instance, sealer);

    private static async Task Fill(SpoolDirectory directory, Sealer? sealer, IEnumerable<int> numbers)
    {
        await using SpoolLog spool = Open(directory, sealer);
        SpoolRecord record = spool.NewRecord();
        foreach (int number in numbers)
        {
            NumberedRecord.Fill(record, number, TimeProvider.System, RunBytes);
            await spool.Append(record, Cancel);
        }
    }

    [Fact]
    public async Task What_was_appended_comes_back_and_is_not_on_the_disk()
    {
        using SpoolDirectory directory = new();
        await Fill(directory, Sealer1, Enumerable.Range(0, Records));
        byte[] bytes = await File.ReadAllBytesAsync(Assert.Single(directory.SegmentFiles), Cancel);
        for (int number = 0; number < Records; number++) Assert.Equal(-1, bytes.AsSpan().IndexOf(NumberedRecord.Run(number, RunBytes).AsSpan(0, 16)));

        await using SpoolLog spool = Open(directory, Sealer1);
        using SealedSegment segment = await spool.Take(Cancel);
        Assert.Equal(Enumerable.Range(0, Records).Select(n => (long)n), await SpoolDirectory.Numbers(segment));
        byte[] runs = await SpoolDirectory.Table(segment, 2);
        Assert.Equal(Enumerable.Range(0, Records).SelectMany(n => NumberedRecord.Run(n, RunBytes)), runs);
        Assert.Equal((runs.Length, 8L * Records), (segment.BytesOf(2), segment.BytesOf(1)));
        Assert.True(segment.TryGetTable(2, out long rows));
        Assert.Equal(3L * Records, rows);
    }

    [Fact]
    public async Task A_flip_of_any_byte_costs_the_record_it_is_in_and_is_found()
    {
        using SpoolDirectory directory = new();
        await Fill(directory, Sealer1, Enumerable.Range(0, Records));
        string path = Assert.Single(directory.SegmentFiles);
        Assert.True(SegmentId.TryParse(Path.GetFileNameWithoutExtension(path), out SegmentId id));
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
        Assert.Equal(SegmentFile.HeaderBytes + Records * RecordBytes, bytes.Length);
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        for (int at = SegmentFile.HeaderBytes; at < bytes.Length; at++)
        {
            RandomAccess.Write(file, [(byte)(bytes[at] ^ (1 << (at % 8)))], at);
            SegmentIndex index = SegmentIndex.Read(file, id, Sealer1);
            int hit = (at - SegmentFile.HeaderBytes) / RecordBytes;
            Extent damage = Assert.Single(index.Damage);
            Assert.Equal((Records - 1, SegmentFile.HeaderBytes + hit * RecordBytes, RecordBytes), (index.Records.Count, damage.Offset, damage.Length));
            RandomAccess.Write(file, [bytes[at]], at);
        }
    }

    [Fact]
    public async Task Who_changes_bytes_and_mends_the_checksums_is_found_by_the_tag()
    {
        using SpoolDirectory directory = new();
        await Fill(directory, Sealer1, Enumerable.Range(0, 3));
        string path = Assert.Single(directory.SegmentFiles);
        Assert.True(SegmentId.TryParse(Path.GetFileNameWithoutExtension(path), out SegmentId id));
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
        Span<byte> second = bytes.AsSpan(SegmentFile.HeaderBytes + RecordBytes, RecordBytes);
        second[^100] ^= 1;
        Assert.True(RecordHeader.TryRead(second, SegmentFile.HeaderBytes + RecordBytes, id.Seed, out RecordHeader header));
        (header with { PayloadCrc = Crc32C.Of(second[RecordHeader.Bytes..]) }).Write(second);
        RecordHeader.Stamp(second, SegmentFile.HeaderBytes + RecordBytes, id.Seed);
        await File.WriteAllBytesAsync(path, bytes, Cancel);

        await using SpoolLog spool = Open(directory, Sealer1);
        Assert.Equal([0, 2], await SpoolDirectory.Drain(spool));
        Assert.Equal(1, spool.Status.DamagedRecords);
    }

    [Fact]
    public async Task A_cut_at_any_length_keeps_every_record_before_it_and_is_known_from_damage()
    {
        using SpoolDirectory directory = new();
        await Fill(directory, Sealer1, Enumerable.Range(0, 4));
        string path = Assert.Single(directory.SegmentFiles);
        Assert.True(SegmentId.TryParse(Path.GetFileNameWithoutExtension(path), out SegmentId id));
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        for (int length = (int)RandomAccess.GetLength(file) - 1; length >= SegmentFile.HeaderBytes; length--)
        {
            RandomAccess.SetLength(file, length);
            SegmentIndex index = SegmentIndex.Read(file, id, Sealer1);
            (int whole, int torn) = Math.DivRem(length - SegmentFile.HeaderBytes, RecordBytes);
            Assert.Equal(whole, index.Records.Count);
            if (torn == 0) Assert.Empty(index.Damage);
            else Assert.Equal(new Extent(ExtentKind.TornTail, length - torn, torn), Assert.Single(index.Damage));
        }
    }

    [Fact]
    public async Task A_last_record_without_its_payload_is_not_remembered_as_acknowledged()
    {
        using SpoolDirectory directory = new();
        await Fill(directory, Sealer1, [1, 2, 3]);
        await using (FileStream segment = new(Assert.Single(directory.SegmentFiles), FileMode.Open))
        {
            segment.Position = segment.Length - 500;
            segment.Write(new byte[500]);
        }
        await using SpoolLog spool = Open(directory, Sealer1);
        Assert.Equal(2, spool.TakeRecentRequests().Count);
        Assert.Equal([1, 2], await SpoolDirectory.Drain(spool));
    }

    [Fact]
    public async Task Without_the_key_it_does_not_open_and_nothing_is_touched()
    {
        using SpoolDirectory directory = new();
        await Fill(directory, Sealer1, [1, 2, 3]);
        byte[] before = await File.ReadAllBytesAsync(Assert.Single(directory.SegmentFiles), Cancel);
        foreach (Sealer? wrong in (Sealer?[])[null, DataAtRest.Under(Second).SealerFor("spool")])
        {
            DataKeyException refused = Assert.Throws<DataKeyException>(() => Open(directory, wrong));
            Assert.Contains(First.Id, refused.Message, StringComparison.Ordinal);
            Assert.Contains("Encryption:KeyFile", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(Assert.Single(directory.SegmentFiles), Cancel));
        Assert.Empty(directory.Quarantined);
        await using SpoolLog spool = Open(directory, Sealer1);
        Assert.Equal([1, 2, 3], await SpoolDirectory.Drain(spool));
    }

    [Fact]
    public async Task Segments_of_before_and_of_an_earlier_key_are_read_beside_those_of_the_new()
    {
        using SpoolDirectory directory = new();
        Sealer both = DataAtRest.Open(directory.Path, Second, [First], "").SealerFor("spool")!;
        await Fill(directory, null, [1]);
        await Fill(directory, Sealer1, [2]);
        await Fill(directory, both, [3]);
        await using SpoolLog spool = Open(directory, both);
        Assert.Equal([1, 2, 3], await SpoolDirectory.Drain(spool));
    }

    [Fact]
    public async Task A_record_that_is_not_as_the_spool_is_is_not_taken()
    {
        using SpoolDirectory directory = new();
        await using SpoolLog spool = Open(directory, Sealer1);
        SpoolRecord plain = new();
        NumberedRecord.Fill(plain, 1, TimeProvider.System);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await spool.Append(plain, Cancel));
    }
}
