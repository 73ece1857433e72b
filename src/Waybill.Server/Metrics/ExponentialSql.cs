namespace Waybill.Metrics;

/// <summary>
/// Exponential histograms in SQL. What was counted in a stretch is a tuple: scale, zero threshold, count, zero count, numbers of buckets, and how many were observed in each.
/// A bucket's number is twice its index, and one more on the positive side.
/// </summary>
/// <remarks>
/// A later point may have a lower scale, since the sender widens its buckets when values spread: a bucket of the finer scale lies whole in one of the coarser, at its index
/// shifted by the difference. The earlier point's counts are subtracted by adding them with a minus under the later one's numbers.
/// </remarks>
internal static class ExponentialSql
{
    private const int ShiftMax = 62;

    /// <param name="where">Which rows.</param>
    public static Counted Counted(string where) => new("metric_distributions", "count, scale, zero_threshold, zero_count, positive_offset, counts, negative_offset, negative_counts", "toFloat64(count)", Point, Whole, Difference)
    {
        Where = where, Mark = "cityHash64(scale)", InStretch = "tupleElement(stretch.3, 3)",
    };

    // (time, start, count, scale, zero threshold, zero count, positive indexes, positive counts, negative indexes, negative counts)
    private const string Point = """
        (toUnixTimestamp64Nano(time), toUnixTimestamp64Nano(start), toFloat64(count), scale, zero_threshold, toFloat64(zero_count),
          arrayMap(i -> toInt64(positive_offset) + i, range(length(counts))), arrayMap(c -> toFloat64(c), counts),
          arrayMap(i -> toInt64(negative_offset) + i, range(length(negative_counts))), arrayMap(c -> toFloat64(c), negative_counts))
        """;

    private static string Whole(string p) =>
        $"({p}.4, {p}.5, {p}.3, {p}.6, arrayConcat(arrayMap(i -> 2 * i + 1, {p}.7), arrayMap(i -> 2 * i, {p}.9)), arrayConcat({p}.8, {p}.10))";

    private static readonly string Difference = $"""
        (least(a.4, b.4), b.5, b.3 - a.3, b.6 - a.6,
          arrayConcat({Shifted("b", 7, "+ 1")}, {Shifted("b", 9, "")}, {Shifted("a", 7, "+ 1")}, {Shifted("a", 9, "")}),
          arrayConcat(b.8, b.10, arrayMap(c -> -c, a.8), arrayMap(c -> -c, a.10)))
        """;

    // The shift is an array beside the indexes: a lambda that took it from the points around it would copy these for every index.
    private static string Shifted(string p, int indexes, string side) =>
        $"arrayMap((i, s) -> 2 * bitShiftRight(i, s) {side}, {p}.{indexes}, arrayWithConstant(length({p}.{indexes}), least({p}.4 - least(a.4, b.4), {ShiftMax})))";
}
