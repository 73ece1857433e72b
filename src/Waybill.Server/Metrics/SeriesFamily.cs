namespace Waybill.Metrics;

/// <summary>What can be calculated of a series, and how.</summary>
internal enum SeriesFamily
{
    /// <summary>A value that goes up and down: gauges, and sums that are told as a total but may fall.</summary>
    Level,
    /// <summary>Something counted: sums that never fall, and sums told as increases.</summary>
    Counter,
    /// <summary>Histograms of both kinds.</summary>
    Distribution,
    /// <summary>Count, sum and quantiles as the sender calculated them.</summary>
    Summary,
}

internal static class SeriesFamilies
{
    private const int Delta = (int)Temporality.Delta;

    public static SeriesFamily Of(MetricKind kind, bool monotonic, Temporality temporality) => kind switch
    {
        MetricKind.Histogram or MetricKind.ExponentialHistogram => SeriesFamily.Distribution,
        MetricKind.Summary => SeriesFamily.Summary,
        MetricKind.Sum when monotonic || temporality == Temporality.Delta => SeriesFamily.Counter,
        _ => SeriesFamily.Level,
    };

    /// <summary>The condition over rows of series that says the same as <see cref="Of"/>.</summary>
    public static string Sql(SeriesFamily family) => family switch
    {
        SeriesFamily.Distribution => $"kind IN ({(int)MetricKind.Histogram}, {(int)MetricKind.ExponentialHistogram})",
        SeriesFamily.Summary => $"kind = {(int)MetricKind.Summary}",
        SeriesFamily.Counter => $"kind = {(int)MetricKind.Sum} AND (monotonic != 0 OR temporality = {Delta})",
        _ => $"kind NOT IN ({(int)MetricKind.Histogram}, {(int)MetricKind.ExponentialHistogram}, {(int)MetricKind.Summary}) AND NOT (kind = {(int)MetricKind.Sum} AND (monotonic != 0 OR temporality = {Delta}))",
    };

    /// <summary>The functions that make sense, the default first.</summary>
    public static IReadOnlyList<RangeFunction> Functions(SeriesFamily family) => family switch
    {
        SeriesFamily.Counter => [RangeFunction.Rate, RangeFunction.Sum],
        SeriesFamily.Distribution => [RangeFunction.P95, RangeFunction.P50, RangeFunction.P90, RangeFunction.P99, RangeFunction.Rate, RangeFunction.Count, RangeFunction.Sum, RangeFunction.Avg],
        SeriesFamily.Summary => [RangeFunction.Avg, RangeFunction.Rate, RangeFunction.Count, RangeFunction.Sum, RangeFunction.P50, RangeFunction.P90, RangeFunction.P95, RangeFunction.P99],
        _ => [RangeFunction.Avg, RangeFunction.Min, RangeFunction.Max, RangeFunction.Last, RangeFunction.Sum, RangeFunction.Count, RangeFunction.P50, RangeFunction.P90, RangeFunction.P95, RangeFunction.P99],
    };

    public static string NameOf(MetricKind kind) => kind switch
    {
        MetricKind.Gauge => "gauge", MetricKind.Sum => "sum", MetricKind.Histogram => "histogram", MetricKind.ExponentialHistogram => "exponential_histogram", MetricKind.Summary => "summary", _ => "",
    };

    public static string NameOf(Temporality temporality) => temporality switch
    {
        Temporality.Delta => "delta", Temporality.Cumulative => "cumulative", _ => "unspecified",
    };
}

/// <summary>What is calculated of the points in each bucket of time.</summary>
internal enum RangeFunction { Rate, Sum, Avg, Min, Max, Last, Count, P50, P90, P95, P99 }

internal static class RangeFunctions
{
    public static string NameOf(RangeFunction function) => function.ToString().ToLowerInvariant();

    public static bool TryParse(string text, out RangeFunction function)
    {
        function = Array.Find(Enum.GetValues<RangeFunction>(), one => NameOf(one) == text);
        return NameOf(function) == text;
    }

    /// <summary>The share of values below a quantile; null for what is none.</summary>
    public static double? Quantile(RangeFunction function) => function switch
    {
        RangeFunction.P50 => 0.5, RangeFunction.P90 => 0.9, RangeFunction.P95 => 0.95, RangeFunction.P99 => 0.99, _ => null,
    };
}
