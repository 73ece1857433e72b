using Waybill.Web;

namespace Waybill.Map;

public sealed class LostContextsTests
{
    private const string Topic = "queue:kafka/stock.replenish";
    private static readonly TimeRange Hour = new(0, 3_600_000_000_000);

    [Fact]
    public void Messages_processed_without_their_senders_context_are_attributed_to_sender_topic_and_receiver()
    {
        LostEdge edge = Assert.Single(Report([Slice("publish", "service:scheduler", Topic, 30), Slice("consume", Topic, "service:inventory", 30) with { Uncaused = 12, Examples = ["aa"] }]).Edges);
        Assert.Equal(("root_without_context", "service:scheduler", "service:inventory", Topic), (edge.Kind, edge.From, edge.To, edge.Via));
        Assert.Equal((12, 30, 0.4, "new"), (edge.LostCount, edge.TotalCount, edge.LostRatio, edge.Trend));
        Assert.Equal(["aa"], edge.Examples);
        Assert.Equal("12 of 30 messages of stock.replenish were processed by inventory without the context of their sender scheduler.", edge.Sentence);
    }

    [Fact]
    public void An_orphan_is_attributed_to_the_usual_caller_of_its_operation()
    {
        LostContextReport report = Report([Slice("call", "service:a", "service:c", 90, "GET /x"), Slice("call", "service:b", "service:c", 5, "GET /x"), Slice("entry", "", "service:c", 5, "GET /x") with { Orphans = 5 }]);
        LostEdge edge = Assert.Single(report.Edges);
        Assert.Equal(("parent_missing", "service:a", 5, 100), (edge.Kind, edge.From, edge.LostCount, edge.TotalCount));
        Assert.Equal((5, 100, 0.05), (report.LostCount, report.CandidateCount, report.LostRatio));
    }

    [Fact]
    public void A_root_of_an_operation_that_mostly_has_a_caller_lost_it_and_an_entrance_did_not()
    {
        Assert.Equal("root_without_context", Assert.Single(Report([Slice("call", "service:a", "service:b", 80, "GET /x"), Slice("entry", "", "service:b", 8, "GET /x")]).Edges).Kind);
        Assert.Empty(Report([Slice("call", "service:a", "service:b", 20, "GET /x"), Slice("entry", "", "service:b", 80, "GET /x")]).Edges);
    }

    [Fact]
    public void A_call_to_an_instrumented_peer_without_a_span_there_is_lost_and_one_to_a_peer_without_instrumentation_is_not()
    {
        EdgeSlice silent = Slice("external", "service:a", "external:b.internal", 10) with { Peer = "b.internal" };
        Assert.Empty(Report([silent]).Edges);
        LostEdge edge = Assert.Single(Report([silent, Slice("call", "service:a", "service:b", 90) with { Peer = "b.internal" }]).Edges);
        Assert.Equal(("child_missing", "service:b", 10, 100), (edge.Kind, edge.To, edge.LostCount, edge.TotalCount));
    }

    [Theory]
    [InlineData(50, 500, "falling")]
    [InlineData(100, 100, "steady")]
    [InlineData(300, 100, "rising")]
    [InlineData(100, 0, "new")]
    public void The_trend_is_against_the_time_before_and_beyond_chance(double now, double before, string expected)
    {
        EdgeSlice slice = Slice("consume", Topic, "service:inventory", 1000);
        Assert.Equal(expected, new LostContexts([slice with { Uncaused = now }], [slice with { Uncaused = before }]).Report(Hour, 10, [], _ => null).Edges[0].Trend);
    }

    private static LostContextReport Report(EdgeSlice[] slices) => new LostContexts(slices, []).Report(Hour, 10, [], _ => null);

    private static EdgeSlice Slice(string edge, string source, string target, double requests, string operation = "op") => new(edge, source, target, operation, "", 0, requests, 0, 0, []);
}
