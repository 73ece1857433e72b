using System.Buffers.Binary;

namespace Waybill.Spool;

public sealed class SpoolRecordTests
{
    [Fact]
    public void Is_a_header_and_sections_in_one_run_of_bytes()
    {
        SpoolRecord record = new();
        record.Begin(UInt128.MaxValue - 5, 1_700_000_000_000_000_001);
        record.BeginSection(7).Write("native"u8);
        record.EndSection(3);
        record.BeginSection(9);
        record.EndSection(0);
        record.Complete();
        record.Stamp(offset: 48, seed: 5);
        ReadOnlySpan<byte> bytes = record.Memory.Span;

        Assert.Equal(48 + 9 + 6 + 9, record.Length);
        Assert.True(RecordHeader.TryRead(bytes, 48, seed: 5, out RecordHeader header));
        Assert.Equal(new(1, 72, Crc32C.Of(bytes[48..]), UInt128.MaxValue - 5, 1_700_000_000_000_000_001), header);
        Assert.Equal(7, bytes[48]);
        Assert.Equal(3u, BinaryPrimitives.ReadUInt32LittleEndian(bytes[49..]));
        Assert.Equal(6u, BinaryPrimitives.ReadUInt32LittleEndian(bytes[53..]));
        Assert.Equal("native"u8, bytes[57..63]);
        Assert.Equal([9, 0, 0, 0, 0, 0, 0, 0, 0], bytes[63..].ToArray());
    }

    [Fact]
    public void Its_header_holds_for_its_place_in_its_segment_only()
    {
        SpoolRecord record = Whole();
        record.Stamp(offset: 1000, seed: 5);

        Assert.True(RecordHeader.TryRead(record.Memory.Span, 1000, seed: 5, out _));
        Assert.False(RecordHeader.TryRead(record.Memory.Span, 1001, seed: 5, out _));
        Assert.False(RecordHeader.TryRead(record.Memory.Span, 1000, seed: 6, out _));
        Assert.False(RecordHeader.TryRead(record.Memory.Span[..47], 1000, seed: 5, out _));
    }

    [Fact]
    public void Begun_again_it_holds_nothing_of_what_was()
    {
        SpoolRecord record = Whole();
        record.Begin(2, 2);
        record.Complete();
        Assert.Equal(RecordHeader.Bytes, record.Length);
    }

    [Fact]
    public void Out_of_order_use_is_refused_with_the_order()
    {
        SpoolRecord record = new();
        Assert.Throws<InvalidOperationException>(() => record.BeginSection(1));
        Assert.Throws<InvalidOperationException>(record.Complete);
        record.Begin(1, 1);
        Assert.Throws<InvalidOperationException>(() => record.EndSection(1));
        record.BeginSection(1);
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(record.Complete);
        Assert.Equal("A spool record cannot be completed: it is InSection. The order is Begin, BeginSection, EndSection, Complete, Append.", refused.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => record.EndSection(-1));
    }

    private static SpoolRecord Whole()
    {
        SpoolRecord record = new();
        record.Begin(1, 1);
        record.BeginSection(1).Write("x"u8);
        record.EndSection(1);
        record.Complete();
        return record;
    }
}
