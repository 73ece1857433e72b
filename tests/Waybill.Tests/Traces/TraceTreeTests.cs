using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Waybill.Batches;

namespace Waybill.Traces;

public sealed class TraceTreeTests
{
    [Fact]
    public void Children_follow_their_parent_in_the_order_of_their_start()
    {
        TraceTree tree = Build(Span(3, 1, 30), Span(1, 0, 0), Span(4, 2, 25), Span(2, 1, 20));
        Assert.Equal([1, 3, 2, 0], tree.Order);
        Assert.Equal([1, 0, 2, 1], tree.Depth);
        Assert.Equal(1, tree.Root);
    }

    [Fact]
    public void A_span_whose_parent_was_not_received_is_an_orphan_and_stays_visible()
    {
        TraceTree tree = Build(Span(1, 0, 0), Span(2, 9, 5));
        Assert.Equal(SpanPlace.Orphan, tree.Place[1]);
        Assert.Equal(1, tree.Orphans);
        Assert.Equal([0, 1], tree.Order);
    }

    [Fact]
    public void A_retried_export_is_shown_once()
    {
        TraceTree tree = Build(Span(1, 0, 0), Span(2, 1, 5), Span(2, 1, 5));
        Assert.Equal(1, tree.Duplicates);
        Assert.Equal([0, 1], tree.Order);
    }

    [Fact]
    public void Two_different_spans_with_one_id_are_both_shown()
    {
        TraceTree tree = Build(Span(1, 0, 0), Span(2, 1, 5), Span(2, 1, 6));
        Assert.Equal(SpanPlace.SharedId, tree.Place[2]);
        Assert.Equal([0, 1, 2], tree.Order);
    }

    [Fact]
    public void A_span_that_is_its_own_parent_is_a_root()
    {
        TraceTree tree = Build(Span(1, 1, 0), Span(2, 1, 5));
        Assert.Equal(SpanPlace.Cycle, tree.Place[0]);
        Assert.Equal([0, 1], tree.Order);
    }

    [Fact]
    public void A_cycle_is_cut_before_its_earliest_span_even_when_entered_from_outside()
    {
        TraceTree tree = Build(Span(4, 3, 0), Span(3, 2, 30), Span(2, 1, 20), Span(1, 3, 10));
        Assert.Equal(SpanPlace.Cycle, tree.Place[3]);
        Assert.Equal([3, 2, 1, 0], tree.Order);
    }

    [Fact]
    public void Of_two_roots_the_earlier_is_the_root() =>
        Assert.Equal(1, Build(Span(1, 0, 10), Span(2, 0, 5)).Root);

    [Fact]
    public void A_root_wins_over_an_earlier_orphan() =>
        Assert.Equal(0, Build(Span(1, 0, 10), Span(2, 9, 5)).Root);

    [Fact]
    public void Fifty_thousand_children_and_fifty_thousand_levels_are_no_trouble()
    {
        const int Count = 50_000;
        TraceTree wide = TraceTree.Build([Span(1, 0, 0), .. Enumerable.Range(2, Count).Select(i => Span((uint)i, 1, i))]);
        TraceTree deep = TraceTree.Build([Span(1, 0, 0), .. Enumerable.Range(2, Count).Select(i => Span((uint)i, (uint)i - 1, i))]);
        Assert.Equal(Count + 1, wide.Order.Length);
        Assert.Equal(Count, deep.Depth.Max());
    }

    [Fact]
    public void Whatever_the_parents_say_each_span_is_shown_once_and_after_its_parent()
    {
        Gen<SpanNode[]> spans =
            from size in Gen.Choose(0, 30)
            from nodes in (from id in Gen.Choose(1, 20) from parent in Gen.Choose(0, 22) from start in Gen.Choose(0, 50) select Span((uint)id, (uint)parent, start)).ArrayOf(size)
            select nodes;
        Prop.ForAll(spans.ToArbitrary(), nodes =>
        {
            TraceTree tree = TraceTree.Build(nodes);
            int[] position = new int[nodes.Length];
            Array.Fill(position, -1);
            for (int i = 0; i < tree.Order.Length; i++) position[tree.Order[i]] = i;
            return tree.Order.Length + tree.Duplicates == nodes.Length
                && tree.Order.Distinct().Count() == tree.Order.Length
                && tree.Order.All(row => tree.Parent[row] < 0 ? tree.Depth[row] == 0 : position[tree.Parent[row]] < position[row] && tree.Depth[row] == tree.Depth[tree.Parent[row]] + 1);
        }).QuickCheckThrowOnFailure();
    }

    private static TraceTree Build(params SpanNode[] spans) => TraceTree.Build(spans);

    private static SpanNode Span(uint id, uint parent, long start) => new(Id(id), Id(parent), start, 1, 0, 0, (ulong)start);

    private static SpanId Id(uint number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return new SpanId(bytes);
    }
}
