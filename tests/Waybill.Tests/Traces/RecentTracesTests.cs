using System.Buffers.Binary;
using Waybill.Batches;

namespace Waybill.Traces;

public sealed class RecentTracesTests
{
    [Fact]
    public void An_extent_grows_to_both_sides()
    {
        var recent = new RecentTraces();
        recent.Note("a", Id(1), 100, 110);
        recent.Note("a", Id(1), 90, 95);
        recent.Note("a", Id(1), 105, 120);
        Assert.Equal((90u, 120u), recent.Find("a", Id(1)));
        Assert.Null(recent.Find("a", Id(2)));
    }

    [Fact]
    public void The_newest_are_kept_whatever_arrives()
    {
        var recent = new RecentTraces(tracesMax: 256);
        for (uint i = 1; i <= 10_000; i++)
        {
            recent.Note("a", Id(i), i, i);
            Assert.Equal((i, i), recent.Find("a", Id(i)));
        }
        Assert.InRange(Enumerable.Range(1, 10_000).Count(i => recent.Find("a", Id((uint)i)) is not null), 200, 256);
    }

    [Fact]
    public void Many_threads_lose_nothing_of_what_fits()
    {
        var recent = new RecentTraces(tracesMax: 64 * 1024);
        Parallel.For(0, 8, thread =>
        {
            for (uint i = 0; i < 1_000; i++) recent.Note("a", Id(i + 1), 1_000 + (uint)thread, 1_000 + (uint)thread);
        });
        Assert.All(Enumerable.Range(1, 1_000), i => Assert.Equal((1_000u, 1_007u), recent.Find("a", Id((uint)i))));
    }

    [Fact]
    public void Tenants_with_the_same_ids_know_nothing_of_each_other()
    {
        var recent = new RecentTraces();
        recent.Note("a", Id(1), 100, 110);
        Assert.Null(recent.Find("b", Id(1)));
        recent.Note("b", Id(1), 200, 210);
        Assert.Equal((100u, 110u), recent.Find("a", Id(1)));
    }

    private static TraceId Id(uint number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number * 0x9E37_79B9_7F4A_7C15UL);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], number + 1);
        return new TraceId(bytes);
    }
}
