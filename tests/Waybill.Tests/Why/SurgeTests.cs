namespace Waybill.Why;

public sealed class SurgeTests
{
    [Fact]
    public void The_minute_from_which_it_is_asked_far_more_often_is_found()
    {
        Surge? surge = Surge.Find(Minutes(30, minute => minute < 20 ? 6 : 300), 25 * 60);
        Assert.Equal(new Surge(20 * 60, 6, 300), surge);
    }

    [Fact]
    public void The_minute_in_which_it_began_halfway_does_not_count_as_usual() =>
        Assert.Equal(6, Surge.Find(Minutes(30, minute => minute < 20 ? 6 : minute == 20 ? 120 : 300), 25 * 60)!.Usual);

    [Fact]
    public void Minutes_without_requests_count_as_such() =>
        Assert.Equal(1, Surge.Find([(0, 10), (9 * 60, 0), (11 * 60, 100), (12 * 60, 100)], 12 * 60)!.Usual);

    [Fact]
    public void Twice_as_often_is_none() => Assert.Null(Surge.Find(Minutes(30, minute => minute < 20 ? 100 : 200), 25 * 60));

    [Fact]
    public void A_few_requests_are_none_however_few_there_were_before() => Assert.Null(Surge.Find(Minutes(30, minute => minute < 20 ? 1 : 20), 25 * 60));

    [Fact]
    public void Without_a_time_before_there_is_none() => Assert.Null(Surge.Find(Minutes(5, _ => 300), 3 * 60));

    [Fact]
    public void What_surged_an_hour_ago_is_none_now() => Assert.Null(Surge.Find(Minutes(60, minute => minute is > 10 and < 15 ? 300 : 6), 50 * 60));

    private static List<(long, double)> Minutes(int count, Func<int, double> requests) => [.. Enumerable.Range(0, count).Select(minute => (minute * 60L, requests(minute)))];
}
