using Waybill.Spans;
using Waybill.Traces;
using static Waybill.Digests.CriticalPathTests;

namespace Waybill.Digests;

public sealed class FailurePathTests
{
    [Fact]
    public void It_leads_from_the_top_to_the_deepest_span_that_failed() =>
        Assert.Equal([0, 1, 2], Of([0, 1, 2], Span(1, 0, 0, 100), Span(2, 1, 10, 80), Span(3, 2, 20, 30), Span(4, 2, 60, 5)));

    [Fact]
    public void Of_several_attempts_the_last_one_was_given_up_on() =>
        Assert.Equal([0, 2], Of([0, 1, 2], Span(1, 0, 0, 100), Span(2, 1, 10, 10), Span(3, 1, 40, 10)));

    [Fact]
    public void An_inner_span_without_a_status_passes_a_failure_on() =>
        Assert.Equal([0, 1, 2], Of([0, 2], Span(1, 0, 0, 100), Span(2, 1, 10, 80), Span(3, 2, 20, 30)));

    [Fact]
    public void A_callee_that_answered_well_has_dealt_with_what_failed_within_it() =>
        Assert.Equal([0], Of([0, 2], Span(1, 0, 0, 100), Span(2, 1, 10, 80, SpanKind.Server), Span(3, 2, 20, 30)));

    [Fact]
    public void A_failure_below_a_root_that_is_well_begins_at_its_topmost_span() =>
        Assert.Equal([1, 2], Of([1, 2], Span(1, 0, 0, 100), Span(2, 1, 10, 80), Span(3, 2, 20, 30)));

    [Fact]
    public void Cycles_self_parents_and_two_roots_end() =>
        Assert.Equal([0], Of([0, 1, 2], Span(1, 1, 0, 100), Span(2, 3, 10, 80), Span(3, 2, 20, 30)));

    [Fact]
    public void A_trace_in_which_nothing_failed_has_none() => Assert.Empty(Of([], Span(1, 0, 0, 100), Span(2, 1, 10, 80)));

    private static List<int> Of(int[] failed, params SpanNode[] spans) =>
        FailurePath.Of(spans, TraceTree.Build(spans), [.. Enumerable.Range(0, spans.Length).Select(row => failed.Contains(row))]);
}
