using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

public sealed class MetricsInterpreterTests
{
    private const long Second = 1_000_000_000;

    // Three stamps: 10 s, 20 s, 30 s, each with what started in the ten seconds up to it.
    private static readonly MetricsWindow Window = new(10 * Second, 30 * Second, 10 * Second);

    private static readonly Trace[] Traces =
    [
        new("a", [Span(1, "cart", 0.001, n: Static.Of(4)), Span(10, "cart", 0.003, n: Static.Of(5)), Span(11, "shop", 0.010, error: true)]),
        new("b", [Span(25, "shop", 0.020, n: Static.Of(1.5), weight: 4), Span(31, "shop", 1), Span(0, "shop", 1)]),
    ];

    private static TraceSpan Span(double at, string service, double seconds, bool error = false, Static n = default, double weight = 1)
    {
        var span = new TraceSpan
        {
            SpanId = at.ToString(System.Globalization.CultureInfo.InvariantCulture), StartUnixNano = (long)(at * Second), DurationNano = (long)(seconds * Second), Weight = weight,
            Status = error ? SpanStatus.Error : SpanStatus.Unset, Resource = new() { { "service.name", Static.Of(service) } },
        };
        return n.Type == StaticType.Nil ? span : span with { Attributes = new() { { "n", n } } };
    }

    [Theory]
    [InlineData("{ } | count_over_time()", "{__name__=\"count_over_time\"} 2 1 4")]   // a span of weight 4 counts for four
    [InlineData("{ } | rate()", "{__name__=\"rate\"} 0.2 0.1 0.4")]
    [InlineData("{ } | rate() by(resource.service.name)", "{resource.service.name=\"cart\"} 0.2 0 0; {resource.service.name=\"shop\"} 0 0.1 0.4")]
    [InlineData("{ } | count_over_time() by(.n)", "{.n=\"nil\"} 0 1 0; {.n=1.5} 0 0 4; {.n=4} 1 0 0; {.n=5} 1 0 0")]
    [InlineData("{ } | count_over_time() by(.n, status)", "{.n=1.5, status=unset} 0 0 4; {.n=4, status=unset} 1 0 0; {.n=5, status=unset} 1 0 0; {status=error} 0 1 0")]
    [InlineData("{ } | min_over_time(.n)", "{__name__=\"min_over_time\"} 4 NaN 1.5")]
    [InlineData("{ } | max_over_time(duration)", "{__name__=\"max_over_time\"} 0.003 0.01 0.02")]
    [InlineData("{ } | sum_over_time(.n)", "{__name__=\"sum_over_time\"} 9 NaN 6")]
    [InlineData("{ } | avg_over_time(.n)", "{__name__=\"avg_over_time\"} 4.5 NaN 1.5")]
    [InlineData("{ } | histogram_over_time(.n)", "{__bucket=4.0} 1 0 0; {__bucket=8.0} 1 0 0")]   // floats have no bucket
    [InlineData("{ } | histogram_over_time(duration)", "{__bucket=0.001048576} 1 0 0; {__bucket=0.004194304} 1 0 0; {__bucket=0.016777216} 0 1 0; {__bucket=0.033554432} 0 0 4")]
    [InlineData("{ } | quantile_over_time(.n, 0.5, 1)", "{p=0.5} 4 NaN NaN; {p=1.0} 8 NaN NaN")]
    [InlineData("{ } | rate() | > 0.15", "{__name__=\"rate\"} 0.2 NaN 0.4")]
    [InlineData("{ } | max_over_time(duration) | > 5ms", "{__name__=\"max_over_time\"} NaN 0.01 0.02")]
    [InlineData("{ } | rate() by(resource.service.name) | topk(1)", "{resource.service.name=\"cart\"} 0.2 NaN NaN; {resource.service.name=\"shop\"} NaN 0.1 0.4")]
    [InlineData("{ } | rate() by(resource.service.name) | bottomk(1)", "{resource.service.name=\"cart\"} NaN 0 0; {resource.service.name=\"shop\"} 0 NaN NaN")]
    [InlineData("({ status = error } | count_over_time()) / ({ } | count_over_time()) * 100", "{__name__=\"count_over_time\"} 0 100 0")]
    [InlineData("({ } | count_over_time() by(resource.service.name)) + ({ } | count_over_time())", "{resource.service.name=\"cart\"} 4 1 4; {resource.service.name=\"shop\"} 2 2 8")]
    [InlineData("({ } | count_over_time()) / ({ status = ok } | count_over_time())", "")]
    [InlineData("2 * ({ } | count_over_time()) - 1", "{__name__=\"count_over_time\"} 3 1 7")]
    [InlineData("({ } | count_over_time()) / 0", "")]
    public void A_function_gives_its_series(string query, string expected)
    {
        var parsed = (MetricsQuery)TraceQl.Parse(query).Query!;
        Assert.NotNull(parsed);
        var series = new MetricsInterpreter(Traces, Window).Run(parsed).Select(one => one with { Values = [.. one.Values.Select(value => Math.Round(value, 12))] });
        Assert.Equal(expected, string.Join("; ", series.Select(one => one.ToString()).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Compare_counts_every_attribute_on_both_sides()
    {
        var series = new MetricsInterpreter(Traces, Window).Run((MetricsQuery)TraceQl.Parse("{ } | compare({ status = error })").Query!).Select(one => one.ToString()).ToList();
        Assert.Contains("{__meta_type=\"selection\", resource.service.name=\"shop\"} 0 1 0", series);
        Assert.Contains("{__meta_type=\"baseline\", resource.service.name=\"shop\"} 0 0 4", series);
        Assert.Contains("{__meta_type=\"baseline_total\", resource.service.name=\"nil\"} 2 0 4", series);
        Assert.Contains("{__meta_type=\"baseline\", span.n=4} 1 0 0", series);
    }

    [Theory]
    [InlineData(0, 3600, 15)]
    [InlineData(0, 59, 0.05)]
    [InlineData(0, 120, 1)]
    [InlineData(0, 86_400, 300)]
    [InlineData(0, 1_000_000, 3600)]
    public void The_default_step_is_one_that_people_read(long start, long end, double step) =>
        Assert.Equal((long)(step * Second), MetricsWindow.DefaultStepNano(start * Second, end * Second));

    [Fact]
    public void A_window_is_aligned_and_its_buckets_are_closed_on_the_right()
    {
        var window = MetricsWindow.Over(13 * Second, 31 * Second, 10 * Second);
        Assert.Equal((10 * Second, 40 * Second, 4), (window.FirstUnixNano, window.LastUnixNano, window.Count));
        Assert.Equal([-1, 0, 0, 1, 3, -1], new[] { 0, 1, 10 * Second, 10 * Second + 1, 40 * Second, 40 * Second + 1 }.Select(window.IndexOf));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 8)]
    [InlineData(long.MaxValue, 9223372036854775808)]
    public void A_bucket_is_the_next_power_of_two(long value, double bucket) => Assert.Equal(bucket, PowerOfTwo.Bucket(value));

    [Theory]
    [InlineData(0.5, 4)]      // two of four: reached exactly
    [InlineData(0.75, 8)]     // three of four: halfway between 4 and 16 on a logarithmic scale
    [InlineData(1, 16)]
    [InlineData(0, 2.8284271247461903)]   // rank 1 of the 2 in the first bucket, between 2 and 4
    public void A_quantile_lies_between_the_bounds_of_its_bucket(double quantile, double value) =>
        Assert.Equal(value, PowerOfTwo.Quantile(quantile, [(4, 2), (16, 2)]), 9);
}
