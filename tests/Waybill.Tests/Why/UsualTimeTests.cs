using Waybill.Why;

namespace Waybill.Tests.Why;

public sealed class UsualTimeTests
{
    [Fact]
    public void An_incident_in_the_hour_before_does_not_pass_for_what_is_usual()
    {
        UsualTime all = new(1200, 4e6, 900e6);
        UsualTime[] minutes = [.. Enumerable.Range(0, 40).Select(i => i < 15 ? new UsualTime(30, 800e6, 900e6) : new UsualTime(30, 3e6, 8e6))];
        Assert.Equal(new UsualTime(1200, 3e6, 8e6), UsualTime.Of([all, .. minutes]));
    }

    [Fact]
    public void Of_minutes_with_few_requests_only_all_together_tell()
    {
        UsualTime all = new(40, 4e6, 9e6);
        Assert.Equal(all, UsualTime.Of([all, .. Enumerable.Range(0, 40).Select(i => new UsualTime(1, i * 1e5, i * 1e5))]));
    }

    [Fact]
    public void What_never_ran_has_no_usual_time() => Assert.Null(UsualTime.Of([new(0, double.NaN, double.NaN)]));
}
