namespace Waybill.Metrics;

public sealed class QuantileTests
{
    [Theory]
    [InlineData(0.5, 0.3)]     // 2 below 0.1, 4 of the 6 up to 0.5: 0.1 + 0.4 * 3/6
    [InlineData(0.2, 0.1)]
    [InlineData(0.85, 0.75)]   // half of the one between 0.5 and 1
    [InlineData(0.95, 1)]      // beyond the last bound all that is known is the bound
    [InlineData(0.1, 0.05)]    // below the first bound they begin at 0
    public void Quantiles_interpolate_between_the_bounds(double share, double expected) =>
        Assert.Equal(expected, Quantile.Of(share, Quantile.CellsOf([0.1, 0.5, 1], [2, 6, 1, 1]))!.Value, 7);

    [Fact]
    public void A_first_bound_that_is_not_above_zero_is_the_value_below_it() =>
        Assert.Equal(-5, Quantile.Of(0.25, Quantile.CellsOf([-5, 5], [2, 2, 0])));

    [Fact]
    public void Nothing_observed_has_no_quantile()
    {
        Assert.Null(Quantile.Of(0.5, []));
        Assert.Null(Quantile.Of(0.5, Quantile.CellsOf([1, 2], [0, 0, 0])));
        Assert.Null(Quantile.Of(0.5, Quantile.CellsOf([], [7])));
        Assert.Null(Quantile.Of(0.5, Quantile.CellsOf([1, 2], [7])));   // the sender's counts do not fit its bounds
    }

    [Fact]
    public void Exponential_buckets_interpolate_by_logarithm()
    {
        // Scale 0: bucket 0 is (1, 2], bucket 1 is (2, 4].
        Assert.Equal(2 * Math.Sqrt(2), Quantile.Of(0.75, Quantile.CellsOf(0, [1, 3], [10, 10]))!.Value, 7);
        Assert.Equal(2, Quantile.Of(0.5, Quantile.CellsOf(0, [1, 3], [10, 10]))!.Value, 7);
        // The negative side mirrors it: bucket 1 is [-4, -2).
        Assert.Equal(-2 * Math.Sqrt(2), Quantile.Of(0.5, Quantile.CellsOf(0, [2], [10]))!.Value, 7);
    }

    [Theory]
    [InlineData(new long[] { 1 }, 0.25)]        // with positive values only, what is near zero lies above it
    [InlineData(new long[] { 0 }, -0.25)]
    public void The_zero_bucket_lies_on_the_side_of_the_others(long[] numbers, double middle) =>
        Assert.Equal(middle, Quantile.Of(numbers[0] == 1 ? 0.25 : 0.75, WithZeros(0.5, Quantile.CellsOf(0, numbers, [10])))!.Value, 7);

    [Fact]
    public void Zeros_without_a_threshold_are_zero() => Assert.Equal(0, Quantile.Of(0.5, WithZeros(0, Quantile.CellsOf(3, [1], [1]))));

    private static Cell[] WithZeros(double threshold, IEnumerable<Cell> others) => [.. others, Quantile.Zeros(threshold, 10, [.. others])];

    [Fact]
    public void Cells_of_different_bounds_count_together()
    {
        // 10 in (0, 10] and 10 in (5, 15]: half of them are at most 7.5.
        Assert.Equal(7.5, Quantile.Of(0.5, [new(0, 10, 10), new(5, 15, 10)])!.Value, 7);
        // A coarse exponential bucket over two fine ones.
        Assert.Equal(2, Quantile.Of(0.5, [new(1, 4, 10, true), new(1, 2, 5, true), new(2, 4, 5, true)])!.Value, 7);
    }

    [Fact]
    public void What_rounding_leaves_is_no_value() => Assert.Equal(1.5, Quantile.Of(0.5, [new(1, 2, 10), new(50, 60, 1e-12), new(70, 80, -1e-12)])!.Value, 7);

    [Fact]
    public void Scales_beyond_all_doubles_have_finite_bounds()
    {
        foreach (int scale in (int[])[int.MinValue, -40, 40, int.MaxValue])
            foreach (long index in (long[])[int.MinValue, -1, 0, int.MaxValue])
                Assert.True(Quantile.Of(0.5, Quantile.CellsOf(scale, [2 * index + 1], [3])) is { } value && double.IsFinite(value), $"{scale} {index}");
    }

    [Theory]
    [InlineData("http.route=/cart", "http.route", "/cart", false)]
    [InlineData("http.route!=/cart", "http.route", "/cart", true)]
    [InlineData("a=b=c", "a", "b=c", false)]
    [InlineData("resource.host.name=", "resource.host.name", "", false)]
    public void Filters_are_read(string text, string key, string value, bool negated)
    {
        Assert.True(SeriesFilter.TryParse(text, out SeriesFilter filter));
        Assert.Equal((key, value, negated), (filter.Key.Text, filter.Value, filter.IsNegated));
    }

    [Theory]
    [InlineData("")]
    [InlineData("route")]
    [InlineData("=x")]
    [InlineData("!=x")]
    public void What_is_no_filter_is_refused(string text) => Assert.False(SeriesFilter.TryParse(text, out _));
}
