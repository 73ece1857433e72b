using Waybill.Causes;

namespace Waybill.Tests.Causes;

public sealed class RankingTests
{
    private static double Jitter(int i) => 1 + (i * 7919 % 100) / 250.0;

    /// <summary>frontend calls cart and then stock, ten requests a second; cart has two instances.</summary>
    private static Traffic Shop(Action<Traffic, int, bool> request)
    {
        var traffic = new Traffic();
        for (int i = 0; i < 6600; i++) request(traffic, i, i >= 6000);
        return traffic;
    }

    private static void Request(Traffic traffic, int i, double cartMs, double wayMs = 1, bool cartFails = false, bool callsStock = true, string instance = "")
    {
        long at = traffic.At(i / 10.0);
        double jitter = Jitter(i), cart = cartMs * jitter, stockAt = 4 + cart + 2 * wayMs + 1;
        ulong root = traffic.Add(at, 0, "frontend", "GET /", 0, stockAt + (callsStock ? 6 : 0), failed: cartFails);
        ulong call = traffic.Add(at, root, "frontend", "call cart", 2, cart + 2 * wayMs, failed: cartFails);
        traffic.Add(at, call, "cart", "GET /cart", 2 + wayMs, cart, instance.Length > 0 ? instance : i % 2 == 0 ? "cart-1" : "cart-2", failed: cartFails);
        if (callsStock) traffic.Add(at, root, "stock", "GET /stock", stockAt, 5 * jitter, "stock-1");
    }

    [Fact]
    public void A_healthy_window_has_no_suspects() => Assert.Empty(Shop((t, i, _) => Request(t, i, 10)).Suspects());

    [Fact]
    public void Who_is_slow_itself_is_named_and_who_waits_is_not()
    {
        var suspects = Shop((t, i, bad) => Request(t, i, bad ? 60 : 10)).Suspects();
        var suspect = Assert.Single(suspects);
        Assert.Equal(("cart", "slow", "GET /cart"), (suspect.Service, suspect.Fault, suspect.Operation));
        Assert.InRange(suspect.ExplainedRatio!.Value, 0.95, 1);
    }

    [Fact]
    public void One_bad_instance_among_well_ones_is_named()
    {
        var suspect = Shop((t, i, bad) => Request(t, i, bad && i % 2 == 1 ? 60 : 10)).Suspects()[0];
        Assert.Equal(("instance", "cart", "cart-2"), (suspect.Kind, suspect.Service, suspect.Instance));
    }

    [Fact]
    public void Time_lost_on_the_way_is_the_networks()
    {
        var suspect = Shop((t, i, bad) => Request(t, i, 10, bad ? 50 : 1)).Suspects()[0];
        Assert.Equal(("cart", "network"), (suspect.Service, suspect.Fault));
    }

    [Fact]
    public void Failures_belong_to_the_deepest_span_that_failed()
    {
        var suspects = Shop((t, i, bad) => Request(t, i, 10, cartFails: bad && i % 4 == 0)).Suspects();
        Assert.Equal(["cart"], suspects.Select(s => s.Service));
        Assert.Equal("failing", suspects[0].Fault);
    }

    [Fact]
    public void A_call_that_is_no_longer_made_is_its_callers_doing()
    {
        var suspect = Shop((t, i, bad) => Request(t, i, 10, callsStock: !bad)).Suspects()[0];
        Assert.Equal("stock", suspect.Service == "stock" ? suspect.Service : suspect.Dependency);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sender_that_stops_passing_its_context_on_is_named_from_a_handful_of_messages(bool byLink)
    {
        var suspect = Assert.Single(Jobs(byLink, lost: true).Suspects());
        Assert.Equal(("scheduler", "missing_calls", "inventory"), (suspect.Service, suspect.Fault, suspect.Dependency));
        Assert.Contains("no longer passes its context on", suspect.Sentence, StringComparison.Ordinal);
        Assert.Empty(Jobs(byLink, lost: false).Suspects());
    }

    [Fact]
    public void A_single_message_without_its_sender_is_a_weak_suspect_and_one_root_among_many_calls_is_none()
    {
        var single = Shop((t, i, bad) => Message(t, i, every: 600, byLink: true, lost: bad)).Suspects();
        Assert.InRange(Assert.Single(single).Score, Ranking.Threshold, 0.5);
        Assert.Empty(Shop((t, i, bad) => Message(t, i, every: 20, byLink: false, lost: i == 6300)).Suspects());
    }

    /// <summary>A job every fifteen seconds that sends one message; 40 in the baseline, 4 in the window.</summary>
    private static Traffic Jobs(bool byLink, bool lost) => Shop((t, i, bad) => Message(t, i, every: 150, byLink, bad && lost));

    private static void Message(Traffic t, int i, int every, bool byLink, bool lost)
    {
        Request(t, i, 10);
        if (i % every != 0) return;
        long at = t.At(i / 10.0);
        ulong job = t.Add(at, 0, "scheduler", "job stock-check", 0, 20 * Jitter(i), kind: 1);
        ulong sent = t.Add(at, job, "scheduler", "send refill", 5, 3 * Jitter(i), kind: 4, dependency: "refill");
        if (byLink || lost) at = t.At(i / 10.0);
        t.Add(at, byLink || lost ? 0 : sent, "inventory", "process refill", 40, 8 * Jitter(i), kind: 5, dependency: "refill", linked: byLink && !lost);
    }

    [Fact]
    public void The_score_is_what_the_contributions_say_and_the_same_every_time()
    {
        var first = Shop((t, i, bad) => Request(t, i, bad ? 60 : 10)).Suspects();
        var second = Shop((t, i, bad) => Request(t, i, bad ? 60 : 10)).Suspects();
        Assert.Equal(first.Select(s => (s.Service, s.Score, s.Sentence)), second.Select(s => (s.Service, s.Score, s.Sentence)));
        Assert.Equal(first[0].Score, 1 - first[0].Evidence.Aggregate(1.0, (left, e) => left * (1 - e.Contribution)), 3);
    }
}
