using FsCheck;
using FsCheck.Fluent;
using Waybill.Causes;

namespace Waybill.Tests.Causes;

public sealed class CallForestTests
{
    [Fact]
    public void Own_time_is_what_children_do_not_cover_and_parallel_children_count_once()
    {
        var traffic = new Traffic();
        long at = traffic.At(1);
        ulong root = traffic.Add(at, 0, "a", "root", 0, 100);
        traffic.Add(at, root, "b", "one", 10, 40);
        traffic.Add(at, root, "c", "two", 30, 40);
        var forest = new CallForest(traffic.Sample());
        Assert.Equal([40_000_000, 40_000_000, 40_000_000], forest.Own);
    }

    [Fact]
    public void The_critical_path_adds_up_to_the_duration_of_the_entry()
    {
        var traffic = new Traffic();
        long at = traffic.At(1);
        ulong root = traffic.Add(at, 0, "a", "root", 0, 100);
        ulong one = traffic.Add(at, root, "b", "one", 10, 40);
        traffic.Add(at, one, "d", "deep", 15, 20);
        traffic.Add(at, root, "c", "two", 30, 60);
        var forest = new CallForest(traffic.Sample());
        Assert.Equal(100_000_000, forest.Critical.Sum());
        Assert.Equal(60_000_000, forest.Critical[3]);
    }

    [Fact]
    public void A_child_that_always_outlives_its_parent_is_not_waited_for()
    {
        var traffic = new Traffic();
        for (int i = 0; i < 20; i++)
        {
            long at = traffic.At(i);
            ulong root = traffic.Add(at, 0, "a", "publish", 0, 5);
            traffic.Add(at, root, "b", "process", 50, 400);
        }
        var sample = traffic.Sample();
        var forest = new CallForest(sample);
        Assert.All(Enumerable.Range(0, sample.Count), i => Assert.False(forest.Waited[i]));
        Assert.All(Enumerable.Range(0, sample.Count), i => Assert.Equal(i, forest.Entry[i]));
    }

    [Fact]
    public void A_callee_whose_clock_is_off_is_shifted_into_its_caller_with_all_below_it()
    {
        var traffic = new Traffic();
        long at = traffic.At(1);
        ulong root = traffic.Add(at, 0, "a", "root", 0, 100, "a-1");
        ulong child = traffic.Add(at, root, "b", "child", 500, 40, "b-1");
        traffic.Add(at, child, "c", "deep", 510, 10, "c-1");
        var forest = new CallForest(traffic.Sample());
        Assert.Equal([60_000_000, 30_000_000, 10_000_000], forest.Own);
    }

    [Fact]
    public void Circles_of_parents_and_parents_of_themselves_end()
    {
        var traffic = new Traffic();
        long at = traffic.At(1);
        traffic.Add(at, 2, "a", "one", 0, 10);
        traffic.Add(at, 1, "a", "two", 0, 10);
        traffic.Add(at, 3, "a", "self", 0, 10);
        var forest = new CallForest(traffic.Sample());
        Assert.Equal(3, forest.Order.Distinct().Count());
    }

    [Fact]
    public void A_call_is_recognized_by_its_shape_when_kinds_are_missing()
    {
        var traffic = new Traffic();
        for (int i = 0; i < 20; i++)
        {
            long at = traffic.At(i);
            ulong root = traffic.Add(at, 0, "a", "serve", 0, 50);
            ulong call = traffic.Add(at, root, "a", "call b", 10, 30);
            traffic.Add(at, call, "b", "work", 11, 28);
        }
        var sample = traffic.Sample();
        var forest = new CallForest(sample);
        Assert.Equal(["call b"], sample.Operations.Select((_, o) => o).Where(o => forest.IsClient[o]).Select(sample.NameOf));
    }

    [Fact]
    public void Whatever_parents_times_and_repeated_ids_a_trace_has_its_parts_add_up_to_no_more_than_its_entries()
    {
        var span = from parent in Gen.Choose(0, 12) from id in Gen.Choose(1, 12) from start in Gen.Choose(-1_000, 1_000) from length in Gen.Choose(0, 500) from service in Gen.Choose(0, 2) from kind in Gen.Choose(0, 5)
            select (Parent: (ulong)parent, Id: (ulong)id, Start: start, Length: length, Service: service, Kind: (byte)kind);
        Prop.ForAll(Gen.ArrayOf(span, 20).ToArbitrary(), spans =>
        {
            var names = new NameTable();
            var sample = SpanSample.Of(names, [.. spans.Select(of => new SampledSpan(7, of.Id, of.Parent, 1_000_000_000_000 + of.Start * 1_000_000L, of.Length * 1_000_000L, names.Of($"s{of.Service}"), names.Of("work"), 0, 0, 0, of.Kind, false, false, Side.Window))]);
            var forest = new CallForest(sample);
            return Array.TrueForAll(forest.Own, own => own >= 0) && Array.TrueForAll(forest.Critical, own => own >= 0) && forest.Critical.Sum() <= sample.Spans.Sum(of => of.Duration);
        }).QuickCheckThrowOnFailure();
    }
}
