using FsCheck;
using FsCheck.Fluent;

namespace Waybill.Why;

public sealed class OnsetTests
{
    [Fact]
    public void The_minute_in_which_failures_began_is_found()
    {
        Onset? onset = Onset.Find(History(60, minute => minute < 40 ? 0.01 : 0.3));
        Assert.Equal(40u * 60, onset!.UnixSeconds);
        Assert.Equal((0.01, 0.3), (Math.Round(onset.RatioBefore, 3), Math.Round(onset.RatioAfter, 3)));
    }

    [Fact]
    public void A_few_failures_after_a_clean_time_have_a_beginning_and_one_has_none()
    {
        Assert.Equal(50u * 60, Onset.Find(History(60, minute => minute is 50 or 55 or 59 ? 0.01 : 0))!.UnixSeconds);
        Assert.Null(Onset.Find(History(60, minute => minute == 30 ? 0.01 : 0)));
    }

    [Fact]
    public void A_share_that_does_not_change_has_no_beginning() => Assert.Null(Onset.Find(History(60, minute => 0.1 + 0.01 * (minute % 3))));

    [Fact]
    public void A_share_that_falls_has_no_beginning() => Assert.Null(Onset.Find(History(60, minute => minute < 30 ? 0.5 : 0.01)));

    [Fact]
    public void Nothing_and_nothing_but_failures_have_no_beginning()
    {
        Assert.Null(Onset.Find([]));
        Assert.Null(Onset.Find(History(10, _ => 1)));
    }

    [Fact]
    public void What_it_finds_is_always_worse_than_before() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 100), 30).ToArbitrary(), failed =>
            Onset.Find(History(30, minute => failed[minute] / 100.0)) is not { } onset || onset.RatioAfter > onset.RatioBefore).QuickCheckThrowOnFailure();

    private static IEnumerable<OperationMinute> History(int minutes, Func<int, double> ratio) =>
        Enumerable.Range(0, minutes).Select(minute => new OperationMinute((uint)minute * 60, 1, 100, 100 * ratio(minute)));
}
