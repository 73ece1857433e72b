using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Waybill.Batches;
using Waybill.Spans;
using Waybill.Traces;

namespace Waybill.Digests;

public sealed class CriticalPathTests
{
    [Fact]
    public void The_child_that_ended_last_was_waited_for_and_one_that_ran_beside_it_was_not()
    {
        long[] critical = Of(Span(1, 0, 0, 100), Span(2, 1, 10, 80), Span(3, 1, 20, 30));
        Assert.Equal([20, 80, -1], critical);
    }

    [Fact]
    public void Calls_one_after_the_other_all_count()
    {
        long[] critical = Of(Span(1, 0, 0, 100), Span(2, 1, 10, 20), Span(3, 1, 40, 50));
        Assert.Equal([30, 20, 50], critical);
    }

    [Fact]
    public void A_consumer_that_runs_after_its_producer_ended_is_on_the_path_and_the_wait_is_the_producers()
    {
        long[] critical = Of(Span(1, 0, 0, 10), Span(2, 1, 5, 2), Span(3, 2, 100, 50));
        Assert.Equal([5, 95, 50], critical);
    }

    [Fact]
    public void A_known_clock_offset_is_taken_out_first()
    {
        SpanNode[] spans = [Span(1, 0, 1_000, 100), Span(2, 1, 5_010, 80, clock: 1)];
        TraceTree tree = TraceTree.Build(spans);
        Assert.Equal([20, 80], CriticalPath.Of(spans, tree, [new ClockOffset(1, 4_000, 10)]));
    }

    [Fact]
    public void A_wrong_estimate_of_skew_moves_a_child_at_most_to_the_edges_of_its_parent()
    {
        SpanNode[] spans = [Span(1, 0, 1_000, 100), Span(2, 1, 1_010, 80, clock: 1)];
        TraceTree tree = TraceTree.Build(spans);
        Assert.Equal([100, -1], CriticalPath.Of(spans, tree, [new ClockOffset(1, 900_000, 10)]));
        Assert.Equal(100, CriticalPath.Of(spans, tree, [new ClockOffset(1, 50, 10)]).Sum());
    }

    [Fact]
    public void A_trace_of_one_hundred_thousand_levels_has_one() =>
        Assert.Equal(100_000, Of([.. Enumerable.Range(1, 100_000).Select(i => Span((ulong)i, (ulong)i - 1, i, 200_000 - 2 * i + 1))]).Count(nano => nano >= 0));

    [Fact]
    public void Whatever_the_times_and_parents_the_shares_add_up_to_the_time_of_the_roots() =>
        Prop.ForAll(Traces(), spans =>
        {
            TraceTree tree = TraceTree.Build(spans);
            long[] critical = CriticalPath.Of(spans, tree, []);
            long start = tree.Order.Min(row => spans[row].StartUnixNano), end = tree.Order.Max(row => Math.Max(spans[row].StartUnixNano, spans[row].EndUnixNano));
            long sum = critical.Where(nano => nano > 0).Sum();
            return critical.All(nano => nano >= -1) && sum <= end - start && (tree.Order.Count(row => tree.Parent[row] < 0) > 1 || tree.Order[0] != tree.Root || spans[tree.Root].StartUnixNano > start || sum == end - start);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_span_does_itself_what_no_child_does() =>
        Assert.Equal([100 - 70, 50, 40], SelfOf(Span(1, 0, 0, 100), Span(2, 1, 10, 50), Span(3, 1, 40, 40)));

    [Fact]
    public void A_child_outside_its_parent_takes_nothing_from_it() => Assert.Equal([10, 20], SelfOf(Span(1, 0, 0, 10), Span(2, 1, 50, 20)));

    private static long[] SelfOf(params SpanNode[] spans) => SelfTime.Of(spans, TraceTree.Build(spans));

    private static long[] Of(params SpanNode[] spans) => CriticalPath.Of(spans, TraceTree.Build(spans), []);

    private static Arbitrary<SpanNode[]> Traces() => Gen.Choose(1, 12).SelectMany(count => Gen.ArrayOf(
        from id in Gen.Choose(1, count) from parent in Gen.Choose(0, count) from start in Gen.Choose(0, 50) from duration in Gen.Choose(-5, 60)
        select Span((ulong)id, (ulong)parent, start, duration), count)).ToArbitrary();

    internal static SpanNode Span(ulong id, ulong parent, long start, long duration, SpanKind kind = SpanKind.Internal, int clock = 0) =>
        new(Id(id), Id(parent), start, duration, (byte)kind, clock, id * 1_000_003 + parent * 97 + (ulong)start * 31 + (ulong)(duration + 1_000));

    private static SpanId Id(ulong id)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        return new SpanId(bytes);
    }
}
