using Waybill.Causes;

namespace Waybill.Tests.Causes;

public sealed class ShiftTests
{
    [Theory]
    [InlineData(3, 3, 3, 8, 1.0 / 56)]
    [InlineData(4, 4, 4, 44, 1.0 / 135751)]
    [InlineData(0, 5, 5, 10, 1)]
    [InlineData(2, 3, 5, 10, 0.5)]
    public void The_exact_test_counts_the_ways_to_draw(int hits, int drawn, int allHits, int all, double expected) =>
        Assert.Equal(expected, Shift.TailOf(hits, drawn, allHits, all), 1e-6);

    private static Shift Of(IEnumerable<double> baseline, IEnumerable<double> window)
    {
        double[] before = [.. baseline];
        return Shift.Of(before, [.. before.Select((_, i) => i * 10 / before.Length)], 10, [.. window]);
    }

    private static IEnumerable<double> Values(int count, double from, int seed) => Enumerable.Range(0, count).Select(i => from + (i * 7919 + seed) % 100);

    [Fact]
    public void The_same_distribution_is_no_shift() => Assert.Equal(0, Of(Values(1000, 10, 1), Values(200, 10, 5)).Certain);

    [Fact]
    public void A_rise_is_seen_with_its_size()
    {
        var shift = Of(Values(1000, 10, 1), Values(200, 210, 5));
        Assert.True(shift.Certain > 0.9, $"{shift}");
        Assert.Equal(1, shift.Delta, 3);
    }

    [Fact]
    public void A_fault_that_hits_one_call_in_ten_is_seen_in_the_tail()
    {
        var shift = Of(Values(1000, 10, 1), Values(200, 10, 5).Select((v, i) => i % 10 == 0 ? v + 500 : v));
        Assert.True(shift.Certain > 0.5, $"{shift}");
        Assert.InRange(shift.Delta, 0, 0.2);
    }

    [Fact]
    public void Two_slow_calls_of_five_prove_nothing() => Assert.Equal(0, Of(Values(1000, 10, 1), [10, 20, 30, 900, 900]).Certain);

    [Fact]
    public void What_the_baseline_itself_does_now_and_then_is_noise()
    {
        // Every other block of the baseline is as slow as the window.
        double[] baseline = [.. Enumerable.Range(0, 1000).Select(i => i / 100 % 2 == 0 ? 10.0 + i % 10 : 50 + i % 10)];
        Assert.Equal(0, Of(baseline, Enumerable.Range(0, 200).Select(i => 50.0 + i % 10)).Certain);
    }

    [Fact]
    public void Nothing_to_compare_with_is_no_shift() => Assert.Equal(0, Of([], [1, 2, 3]).Certain);
}
