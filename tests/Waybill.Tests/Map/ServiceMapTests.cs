using Waybill.Web;

namespace Waybill.Map;

public sealed class ServiceMapTests
{
    private static readonly TimeRange Hour = new(0, 3_600_000_000_000);

    [Fact]
    public void An_address_that_answers_with_spans_of_its_own_is_no_other_peer_and_what_is_silent_there_was_lost()
    {
        ServiceMap map = Map(Edge("call", "service:a", "service:b", 90, peer: "b.internal"), Edge("external", "service:a", "external:b.internal", 10, peer: "b.internal") with { Orphans = 10 });
        Assert.Equal(["service:a", "service:b"], map.Nodes.Select(node => node.Id));
        MapEdge edge = Assert.Single(map.Edges);
        Assert.Equal((100, 10, 0.1), (edge.RequestCount, edge.LostCount, edge.LostRatio));
    }

    [Fact]
    public void A_topic_is_one_node_between_its_senders_and_its_receivers()
    {
        ServiceMap map = Map(Edge("publish", "service:a", "queue:kafka/orders", 5), Edge("publish", "service:b", "queue:kafka/orders", 7), Edge("consume", "queue:kafka/orders", "service:c", 12));
        MapNode topic = Assert.Single(map.Nodes, node => node.Kind == "queue");
        Assert.Equal(("kafka", "orders", 12.0), (topic.System, topic.Name, topic.RequestCount));
        Assert.Equal(3, map.Edges.Count);
    }

    [Fact]
    public void A_rate_is_weighted_and_a_second_has_its_share_of_the_window() =>
        Assert.Equal(2.0, Map(Edge("entry", "", "service:a", 7_200)).Nodes[0].RequestRate);

    [Fact]
    public void Quantiles_are_right_to_within_a_bucket()
    {
        var latencies = new Latencies();
        for (int nano = 1; nano <= 100_000; nano++) latencies.Add((int)(8 * Math.Log2(nano)), 1);
        foreach (double share in (double[])[0.5, 0.95, 0.99]) Assert.InRange(latencies.QuantileNano(share)!.Value, share * 100_000 / 1.05, share * 100_000 * 1.05);
    }

    [Fact]
    public void Nothing_has_no_quantile() => Assert.Null(new Latencies().QuantileNano(0.5));

    [Theory]
    [InlineData(1000, 0.001, 1000, 0.05, "degraded")]    // a clear rise
    [InlineData(1000, 0.001, 1000, 0.002, "healthy")]    // chance
    [InlineData(30, 0.0, 30, 0.034, "healthy")]          // one of thirty is no rise
    [InlineData(1000, 0.0, 1000, 0.6, "failing")]
    [InlineData(1000, 0.0, 100, 0.0, "degraded")]        // nine of ten requests stay away
    [InlineData(1000, 0.0, 0, 0.0, "gone")]
    [InlineData(0, 0.0, 1000, 0.0, "new")]
    public void Health_is_worse_only_where_it_is_worse_than_before_by_more_than_chance(double requestsBefore, double ratioBefore, double requests, double ratio, string expected) =>
        Assert.Equal(expected, Health.Of(Of(requests, ratio), Of(requestsBefore, ratioBefore), null).State);

    [Fact]
    public void What_is_as_it_was_a_week_ago_is_healthy_though_the_hour_before_was_better() =>
        Assert.Equal("healthy", Health.Of(Of(1000, 0.05), Of(1000, 0.001), Of(1000, 0.05)).State);

    private static Load Of(double requests, double ratio) => new(requests, requests / 3600, ratio, 1e6, 1e6, 1e6);

    [Fact]
    public void A_service_shows_its_owner_and_how_critical_it_is()
    {
        MapNode node = Assert.Single(MapWindow.Compare(Hour, new MapWindow([Edge("entry", "", "service:orders", 10)], 3600), null, null, new Dictionary<string, List<RunningVersion>>(),
            service => new Catalogs.CatalogEntry(service, "group:default/checkout") { Criticality = "critical" }, []).Nodes);
        Assert.Equal(("group:default/checkout", "critical"), (node.Owner, node.Criticality));
    }

    private static ServiceMap Map(params StoredEdge[] edges) => MapWindow.Compare(Hour, new MapWindow(edges, 3600), null, null, new Dictionary<string, List<RunningVersion>>(), _ => null, []);

    private static StoredEdge Edge(string edge, string source, string target, double requests, string peer = "")
    {
        var latencies = new Latencies();
        latencies.Add(160, requests);
        return new StoredEdge(edge, source, target, "", peer) { Requests = requests, Latencies = latencies };
    }
}
