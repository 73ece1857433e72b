using Waybill.Map;

namespace Waybill.Changes;

public sealed class ChangeEffectTests
{
    private static Load Asked(double requests, double errorRatio, double p95Millis = 40) => new(requests, requests / 900, errorRatio, p95Millis * 1e5, p95Millis * 1e6, p95Millis * 1.2e6);

    [Fact]
    public void More_failures_than_chance_makes_are_worse()
    {
        var (verdict, reasons) = ChangeEffect.Judge(Asked(1_000, 0.001), Asked(1_000, 0.12));
        Assert.Equal("worse", verdict);
        Assert.Equal(["Errors rose from 0.1 % to 12 %."], reasons);
    }

    [Fact]
    public void A_failure_more_among_few_is_as_before() => Assert.Equal("same", ChangeEffect.Judge(Asked(30, 0), Asked(30, 1 / 30.0)).Verdict);

    [Fact]
    public void Slower_by_half_is_worse_and_back_again_is_better()
    {
        Assert.Equal("worse", ChangeEffect.Judge(Asked(500, 0, 40), Asked(500, 0, 90)).Verdict);
        Assert.Equal(("better", "p95 fell from 90 ms to 40 ms."), Said(ChangeEffect.Judge(Asked(500, 0, 90), Asked(500, 0, 40))));
    }

    [Fact]
    public void What_fixes_errors_and_costs_time_is_worse_and_says_both()
    {
        var (verdict, reasons) = ChangeEffect.Judge(Asked(1_000, 0.3, 40), Asked(1_000, 0, 400));
        Assert.Equal("worse", verdict);
        Assert.Equal(["p95 rose from 40 ms to 400 ms.", "Errors fell from 30 % to 0 %."], reasons);
    }

    [Theory]
    [InlineData(0, 500)]
    [InlineData(500, 19)]
    public void Of_a_few_requests_nothing_is_said(double before, double after) =>
        Assert.Equal(("unknown", $"Too few requests to tell: {before} before, {after} after."), Said(ChangeEffect.Judge(before == 0 ? null : Asked(before, 0), Asked(after, 1))));

    [Fact]
    public void The_minutes_in_which_it_was_made_are_of_neither_side()
    {
        var change = new Change { Id = "1", Kind = "deployment", Source = "api", Outcome = "success", ReportCount = 1, ReceivedUnixNano = "0", StartedNano = Nano(600 + 20), FinishedNano = Nano(720 + 5) };
        Assert.Equal(new EffectWindow(0, 600, 780, 1_380), EffectWindow.Around(change, 10));
        Assert.Equal(new EffectWindow(0, 600, 660, 1_260), EffectWindow.Around(change with { FinishedNano = null }, 10));
        Assert.Equal(780, EffectWindow.Around(change, 10).EndingAt(700).AfterUntil);
    }

    private static long Nano(long seconds) => seconds * 1_000_000_000;

    private static (string, string) Said((string Verdict, IReadOnlyList<string> Reasons) judged) => (judged.Verdict, Assert.Single(judged.Reasons));
}
