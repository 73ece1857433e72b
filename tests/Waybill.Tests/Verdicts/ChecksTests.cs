using Waybill.Causes;
using Waybill.Tests.Causes;

namespace Waybill.Verdicts;

public sealed class ChecksTests
{
    /// <summary>Requests to orders: those in the window stand for the new version, those in the baseline for the other.</summary>
    private static SpanSample Orders(int canary, Func<int, (double Ms, bool Failed, bool Calls)> request)
    {
        var traffic = new Traffic();
        for (int i = 0; i < 300 + canary; i++)
        {
            bool isNew = i >= 300;
            var (ms, failed, calls) = isNew ? request(i) : (10 + i % 5, i % 100 == 0, true);
            long at = traffic.At(isNew ? 600 + (i - 300) / 100.0 : i);
            ulong root = traffic.Add(at, 0, "orders", "POST /orders", 0, ms, failed: failed, kind: 2);
            if (calls) traffic.Add(at, root, "payments", "POST /charges", 1, 2, kind: 2);
        }
        return traffic.Sample();
    }

    private static string Verdict(SpanSample sample) => Checks.WorstOf(Checks.Of(sample, "orders"));

    [Fact]
    public void A_version_like_the_other_is_promoted() => Assert.Equal("promote", Verdict(Orders(100, i => (10 + i % 5, i % 100 == 0, true))));

    [Fact]
    public void A_version_that_fails_is_rolled_back_with_its_traces()
    {
        var checks = Checks.Of(Orders(100, i => (10 + i % 5, i % 5 == 0, true)), "orders");
        var errors = Assert.Single(checks, c => c.Verdict == "rollback");
        Assert.Equal("errors", errors.Check);
        Assert.NotEmpty(errors.Traces!);
    }

    [Fact]
    public void A_version_that_is_slower_is_rolled_back() => Assert.Equal("rollback", Verdict(Orders(100, i => (20 + i % 5, false, true))));

    [Fact]
    public void A_version_that_no_longer_calls_what_the_other_calls_is_held() => Assert.Equal("hold", Verdict(Orders(100, i => (10 + i % 5, false, false))));

    [Fact]
    public void Too_few_requests_are_held_and_not_judged() => Assert.Equal("hold", Verdict(Orders(10, _ => (100, true, false))));
}
