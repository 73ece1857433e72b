namespace Waybill.Metrics;

/// <summary>
/// Exponential histograms in SQL, as <see cref="SpreadSql"/> does the others. What was counted is a tuple: scale, zero threshold, count, zero count, numbers of
/// buckets, and how many were observed in each. A bucket's number is twice its index, and one more on the positive side.
/// </summary>
/// <remarks>
/// A later point may have a lower scale, since the sender widens its buckets when values spread: a bucket of the finer scale lies whole in one of the coarser, at its index
/// shifted by the difference. The earlier point's counts are subtracted by adding them with a minus under the later one's numbers.
/// </remarks>
internal static class ExponentialSql
{
    private const int ShiftMax = 62;

    // (time, count, scale, zero threshold, zero count, positive indexes, positive counts, negative indexes, negative counts, start)
    private const string Point = """
        (toUnixTimestamp64Nano(time), toFloat64(count), scale, zero_threshold, toFloat64(zero_count),
          arrayMap(i -> toInt64(positive_offset) + i, range(length(counts))), arrayMap(c -> toFloat64(c), counts),
          arrayMap(i -> toInt64(negative_offset) + i, range(length(negative_counts))), arrayMap(c -> toFloat64(c), negative_counts), toUnixTimestamp64Nano(start))
        """;

    public static string Spread(SeriesTemporality temporality, string totals, string increases)
    {
        List<string> parts = [];
        if (temporality.HasFlag(SeriesTemporality.Totals)) parts.Add(SpreadSql.Over(OfTotals(totals), "", "tupleElement(stretch.3, 3)"));
        if (temporality.HasFlag(SeriesTemporality.Increases)) parts.Add(SpreadSql.Over(OfIncreases(increases), "", "tupleElement(stretch.3, 3)"));
        return string.Join("\nUNION ALL\n", parts);
    }

    private static string OfTotals(string among) => $$"""
        SELECT series_id, {{SpreadSql.EachWithGap}} AS stretch
        FROM (
          SELECT series_id, groupArrayArray(run) AS stretches, arraySort(arrayMap(s -> s.2 - s.1, arrayFilter(s -> s.4 = 1, stretches))) AS lengths,
            greatest({gap:Int64}, 3 * lengths[intDiv(length(lengths) + 1, 2)]) AS gap
          FROM (
            SELECT series_id, toUnixTimestamp64Nano(start) AS began, arraySort(p -> (p.1, p.2), groupArray({{Point}})) AS points,
              arrayConcat(
                if(began >= {read_from:Int64} AND began < points[1].1, [(began, points[1].1, {{Whole("points[1]")}}, 0)], []),
                arrayMap((a, b) -> (a.1, b.1, if(b.2 < a.2, {{Whole("b")}}, {{Difference}}), 1), arrayPopBack(points), arrayPopFront(points))) AS run
            FROM metric_distributions WHERE {{SpreadSql.Points}} AND {{among}} GROUP BY series_id, start
          ) GROUP BY series_id
        )
        """;

    private static string OfIncreases(string among) => $$"""
        SELECT series_id, arrayJoin(stretches) AS stretch
        FROM (
          SELECT series_id, arraySort(p -> (p.1, p.10), groupUniqArray({{Point}})) AS points,
            arrayPushFront(arrayPopBack(arrayMap(p -> p.1, points)), toInt64(0)) AS earlier,
            arrayMap((p, e) -> (multiIf(p.10 > 0 AND p.10 < p.1, p.10, p.1 - e <= {gap:Int64}, e, p.1), p.1, {{Whole("p")}}, 1, {{long.MaxValue}}), points, earlier) AS stretches
          FROM metric_distributions WHERE {{SpreadSql.Points}} AND {{among}} GROUP BY series_id
        )
        """;

    private static string Whole(string p) =>
        $"({p}.3, {p}.4, {p}.2, {p}.5, arrayConcat(arrayMap(i -> 2 * i + 1, {p}.6), arrayMap(i -> 2 * i, {p}.8)), arrayConcat({p}.7, {p}.9))";

    private static readonly string Difference = $"""
        (least(a.3, b.3), b.4, b.2 - a.2, b.5 - a.5,
          arrayConcat({Shifted("b", 6, "+ 1")}, {Shifted("b", 8, "")}, {Shifted("a", 6, "+ 1")}, {Shifted("a", 8, "")}),
          arrayConcat(b.7, b.9, arrayMap(c -> -c, a.7), arrayMap(c -> -c, a.9)))
        """;

    // The shift is an array beside the indexes: a lambda that took it from the points around it would copy these for every index.
    private static string Shifted(string p, int indexes, string side) =>
        $"arrayMap((i, s) -> 2 * bitShiftRight(i, s) {side}, {p}.{indexes}, arrayWithConstant(length({p}.{indexes}), least({p}.3 - least(a.3, b.3), {ShiftMax})))";
}
