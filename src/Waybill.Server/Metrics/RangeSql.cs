using Waybill.Search;

namespace Waybill.Metrics;

/// <summary>
/// The statements of a range: a row for each group of series, the largest first, with an array of its buckets. Of most functions the engine gives the numbers themselves,
/// in <c>buckets</c> and <c>numbers</c>; of quantiles of distributions the cells to look for them in (<see cref="Quantile"/>).
/// </summary>
internal static class RangeSql
{
    private const string Numbers = "metric_points", Distributions = "metric_distributions";

    /// <summary>Values that are no finite numbers are no measurements: one of them would swallow all others of its bucket.</summary>
    private const string NumberPoints = SpreadSql.Points + " AND isFinite(value)";

    private const string OfTotals = "temporality != 1", OfIncreases = "temporality = 1";

    /// <summary>Values at points in time: of gauges, of sums that may fall, and of the quantiles that summaries tell.</summary>
    public static string Levels(string series, SeriesFamily family, RangeFunction function)
    {
        bool isSummary = family == SeriesFamily.Summary;
        string value = isSummary ? "arrayFirst((v, q) -> abs(q - {quantile:Float64}) < 1e-9, quantile_values, bounds)" : "value";
        string where = isSummary ? $"{SpreadSql.Points} AND arrayExists(q -> abs(q - {{quantile:Float64}}) < 1e-9, bounds)" : NumberPoints;
        // Distinct: a point that was sent twice is one. The bucket is no part of it: it would cost ten times as much (26.7.3).
        string points = $$"""
            SELECT series_id, time, measured, intDiv(toUnixTimestamp64Nano(time) - {origin:Int64} - 1, {step:Int64}) AS bucket
            FROM (SELECT DISTINCT series_id, time, toFloat64({{value}}) AS measured FROM {{(isSummary ? Distributions : Numbers)}} WHERE {{where}} AND time > {since:DateTime64(9, 'UTC')} AND {{Among("1")}})
            """;
        if (!isSummary && RangeFunctions.Quantile(function) is { } level)
            return Groups(series, $"SELECT labels, bucket, quantileExactInclusive({level.ToString(System.Globalization.CultureInfo.InvariantCulture)})(measured) AS number, toUInt64(0) AS gaps FROM ({points}) AS points INNER JOIN series USING (series_id) GROUP BY labels, bucket");

        (string of, string together) = function switch
        {
            RangeFunction.Min => ("min(measured)", "min(own)"),
            RangeFunction.Max => ("max(measured)", "max(own)"),
            RangeFunction.Count => ("toFloat64(count())", "sum(own)"),
            RangeFunction.Last => ("argMax(measured, (time, measured))", "argMax(own, (latest, own))"),
            RangeFunction.Sum => ("avg(measured)", "sum(own)"),
            RangeFunction.Avg => ("avg(measured)", "avg(own)"),
            _ => ("avg(measured)", "max(own)"),   // quantiles of summaries cannot be added up: the greatest is told
        };
        return Groups(series, $"""
            SELECT labels, bucket, {together} AS number, toUInt64(0) AS gaps
            FROM (SELECT series_id, bucket, {of} AS own, max(time) AS latest FROM ({points}) GROUP BY series_id, bucket)
            AS own_series INNER JOIN series USING (series_id) GROUP BY labels, bucket
            """);
    }

    /// <summary>What was counted, of counters, distributions and summaries.</summary>
    public static string Counts(string series, SeriesFamily family, RangeFunction function, SeriesTemporality temporality)
    {
        bool isCounter = family == SeriesFamily.Counter;
        bool needsSum = !isCounter && function is RangeFunction.Sum or RangeFunction.Avg;
        Counted counted = isCounter ? Counted.Numbers(Numbers, "value", "value", "[value]") with { Where = NumberPoints }
            : Counted.Numbers(Distributions, "count, sum", "toFloat64(count)", "[toFloat64(count), sum]") with { Where = needsSum ? $"{SpreadSql.Points} AND bitAnd(present, 1) = 1 AND isFinite(sum)" : SpreadSql.Points };
        string number = function switch
        {
            // Of the time that there are points for: the newest bucket is mostly not over yet.
            RangeFunction.Rate => "sums[1] * 1e9 / if(max(end) > min(begin), max(end) - min(begin), {step:Int64})",
            RangeFunction.Avg => "sums[2] / sums[1]",
            RangeFunction.Sum when !isCounter => "sums[2]",
            _ => "sums[1]",
        };
        return Groups(series, $"""
            SELECT labels, bucket, sumForEach(added) AS sums, {number} AS number, sum(pieces) AS gaps
            FROM (SELECT series_id, bucket, sumForEach(arrayMap(c -> c * part, counted)) AS added, count() AS pieces, min(begin) AS begin, max(end) AS end FROM ({Spread(counted, temporality)}) GROUP BY series_id, bucket)
            AS own_series INNER JOIN series USING (series_id) GROUP BY labels, bucket
            """);
    }

    /// <summary>Cells of histograms with explicit bounds: <c>cells</c> has a bucket, the bounds and how many were observed between them.</summary>
    public static string Buckets(string series, SeriesTemporality temporality)
    {
        Counted counted = Counted.Numbers(Distributions, "count, counts, bounds", "toFloat64(count)", "arrayConcat([toFloat64(count)], arrayMap(c -> toFloat64(c), counts))") with
        {
            Where = $"{SpreadSql.Points} AND notEmpty(counts)", Keys = ", bounds", Mark = "cityHash64(bounds)",
        };
        return CellGroups(series, "(bucket, bounds, sums)", "sums[1]", $"""
            SELECT labels, bucket, bounds, sumForEach(added) AS sums, sum(pieces) AS gaps
            FROM (SELECT series_id, bucket, bounds, sumForEach(arrayMap(c -> c * part, counted)) AS added, count() AS pieces FROM ({Spread(counted, temporality, "kind = 9")}) GROUP BY series_id, bucket, bounds)
            AS own_series INNER JOIN series USING (series_id) GROUP BY labels, bucket, bounds
            """);
    }

    /// <summary>Cells of exponential histograms: <c>cells</c> has a bucket, a scale, the zero threshold, the zero count, numbers of buckets and how many were observed in each.</summary>
    public static string ExponentialBuckets(string series, SeriesTemporality temporality) =>
        CellGroups(series, "(bucket, scale, threshold, zeros, cells.1, cells.2)", "zeros + arraySum(cells.2)", $"""
            SELECT labels, bucket, scale, max(threshold) AS threshold, sum(zeros) AS zeros, sumMap(numbers, counts) AS cells, sum(pieces) AS gaps
            FROM (
              SELECT series_id, bucket, counted.1 AS scale, max(counted.2) AS threshold, sum(counted.4 * part) AS zeros, sumMap(counted.5, arrayMap(c -> c * part, counted.6)) AS together,
                together.1 AS numbers, together.2 AS counts, count() AS pieces
              FROM ({Spread(ExponentialSql.Counted(SpreadSql.Points), temporality, "kind = 10")}) GROUP BY series_id, bucket, scale
            )
            AS own_series INNER JOIN series USING (series_id) GROUP BY labels, bucket, scale
            """);

    private static string Spread(Counted counted, SeriesTemporality temporality, string kind = "1")
    {
        Counted Of(string told) => counted with { Where = $"{counted.Where} AND {Among($"{kind} AND {told}")}" };
        List<string> parts = [];
        if (temporality.HasFlag(SeriesTemporality.Totals)) parts.Add(SpreadSql.Over(SpreadSql.OfTotals(Of(OfTotals)), counted));
        if (temporality.HasFlag(SeriesTemporality.Increases)) parts.Add(SpreadSql.Over(SpreadSql.OfIncreases(Of(OfIncreases)), counted));
        return string.Join("\nUNION ALL\n", parts);
    }

    private static string Among(string condition) => $"series_id IN (SELECT series_id FROM series WHERE {condition})";

    private static string Groups(string series, string buckets) => $$"""
        WITH series AS ({{series}} ORDER BY series_id LIMIT {series_max:UInt32})
        SELECT labels, groupArrayIf(bucket, bucket >= 0) AS buckets, groupArrayIf(toFloat64(number), bucket >= 0) AS numbers, sumIf(gaps, bucket < 0) AS gap_count,
          sumIf(toFloat64(number), bucket >= 0 AND isFinite(number)) AS size
        FROM ({{buckets}})
        GROUP BY labels ORDER BY size DESC, labels LIMIT {groups:UInt32}
        """;

    private static string CellGroups(string series, string cell, string amount, string buckets) => $$"""
        WITH series AS ({{series}} ORDER BY series_id LIMIT {series_max:UInt32})
        SELECT labels, groupArrayIf({{cell}}, bucket >= 0) AS found, sumIf(gaps, bucket < 0) AS gap_count, sumIf({{amount}}, bucket >= 0) AS size
        FROM ({{buckets}})
        GROUP BY labels ORDER BY size DESC, labels LIMIT {groups:UInt32}
        """;
}

/// <summary>How the selected series tell what they count: statements are written for those that occur.</summary>
[Flags]
internal enum SeriesTemporality { None = 0, Totals = 1, Increases = 2 }
