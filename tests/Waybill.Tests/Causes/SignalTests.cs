using Waybill.Causes;

namespace Waybill.Tests.Causes;

/// <summary>Resource metrics and logs as evidence.</summary>
public sealed class SignalTests
{
    private static double[] Level(double value, int count, int seed) => [.. Enumerable.Range(0, count).Select(i => value * (1 + (i * 7919 + seed) % 10 / 100.0))];

    private static ResourceSeries Series(string service, double before, double now, string metric = "cpu_usage") => new(metric, service, $"{service}-1", Level(before, 60, 1), Level(now, 6, 3));

    [Fact]
    public void A_resource_that_jumps_to_another_level_is_a_finding_of_its_instance()
    {
        var finding = Assert.Single(Resources.Find([Series("cart", 0.1, 0.9), Series("stock", 0.1, 0.1), Series("user", 0.2, 0.2), Series("mail", 0.3, 0.3)]));
        Assert.Equal(("cart", "cart-1"), (finding.Service, finding.Instance));
        Assert.True(finding.Contribution > 0.5, $"{finding.Contribution}");
    }

    [Fact]
    public void What_moves_everywhere_is_traffic() =>
        Assert.Empty(Resources.Find([Series("cart", 0.1, 0.2), Series("stock", 0.15, 0.3), Series("user", 0.2, 0.4), Series("mail", 0.3, 0.6)]));

    [Fact]
    public void Memory_that_grows_by_a_half_says_as_much_as_a_cpu_that_doubles() =>
        Assert.True(Resources.Find([Series("cart", 100, 150, "memory_bytes")])[0].Contribution > Resources.Find([Series("cart", 100, 150, "disk_io")])[0].Contribution);

    [Fact]
    public void An_error_line_never_seen_before_is_a_finding_and_an_ordinary_rise_is_not()
    {
        var finding = Assert.Single(LogLines.Find([new("cart", "cart-1", "handled # in # ms", false, 1000, 105), new("cart", "cart-1", "connection refused by #", true, 0, 40)], 0.1));
        Assert.Contains("never before", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_that_no_longer_logs_is_silent() => Assert.Contains(LogLines.Find([new("cart", null, "handled #", false, 1000, 0)], 0.1), f => f.Fault == "silent");

    [Theory]
    [InlineData("cart-5d8f7c9b6-abcde", "cart")]
    [InlineData("ts-order-service-7c9bdf6d5-x2x4z", "ts-order-service")]
    [InlineData("redis-0", "redis")]
    [InlineData("cart", "cart")]
    public void A_pods_name_tells_its_workload(string pod, string workload) => Assert.Equal(workload, Names.Workload(pod));

    [Fact]
    public void A_collector_that_speaks_for_a_pod_is_mapped_to_the_pods_service()
    {
        var traffic = new Traffic();
        traffic.Add(traffic.At(1), 0, "cart", "GET /cart", 0, 5, "cart-5d8f7c9b6-abcde");
        var names = new Names(traffic.Sample());
        Assert.Equal(("cart", "cart-5d8f7c9b6-abcde"), names.Of("kubelet", "cpu", key => key == "k8s.pod.name" ? "cart-5d8f7c9b6-abcde" : null));
        Assert.Equal(("cart", "cart-5d8f7c9b6-zzzzz"), names.Of("kubelet", "cpu", key => key == "pod" ? "cart-5d8f7c9b6-zzzzz" : null));
        Assert.Equal(("cart", null), names.Of("", "cart_cpu", _ => null));
        Assert.Equal(("redis-cart", "redis-cart-0"), names.Of("", "cpu", key => key == "pod" ? "redis-cart-0" : null));
    }

    [Fact]
    public void A_change_alone_accuses_nobody_and_a_later_one_is_no_cause()
    {
        var time = new Traffic().Time;
        long since = time.Window.SinceUnixNano;
        var findings = ChangeHints.Find([new("1", "deployment", "cart", null, "1.4.1", "alice", since - 60 * Traffic.Second), new("2", "config", "cart", null, "later", null, time.Window.UntilUnixNano + 1)], time);
        var finding = Assert.Single(findings);
        Assert.Equal("1", finding.Change);
        Assert.InRange(finding.Contribution, 0.1, Ranking.Threshold - 0.01);
    }
}
