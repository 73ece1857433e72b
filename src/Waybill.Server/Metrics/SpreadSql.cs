namespace Waybill.Metrics;

/// <summary>
/// Counters in SQL. Points become stretches of time, each with what was counted in it; a stretch is spread evenly over the buckets that it lies in.
/// So neither jitter nor a step shorter than the sending interval makes saw teeth, and the sum over all buckets is what was counted.
/// </summary>
/// <remarks>
/// A stretch is a tuple: its begin and end in Unix nanoseconds, what was counted, whether a point stands at its begin, and from which length on it is a gap. What was counted is an array of
/// numbers: of a sum its value, of a distribution its count, its sum, and those of its buckets. Parameters: <c>origin</c> (where the first bucket begins),
/// <c>end</c>, <c>step</c>, <c>gap</c>, <c>from</c> and <c>read_from</c> (the first time that is read, as a time and as a number).
/// </remarks>
internal static class SpreadSql
{
    // Within the tuple: whatever stands beside an arrayJoin is copied for each element, and what is calculated from arrays is calculated after it.
    public const string EachWithGap = "arrayJoin(arrayMap(s -> (s.1, s.2, s.3, s.4, gap), stretches))";

    public const string Points = "tenant = {tenant:String} AND metric = {metric:String} AND time > {from:DateTime64(9, 'UTC')} AND time <= {until:DateTime64(9, 'UTC')} AND bitAnd(flags, 1) = 0";

    /// <summary>
    /// Stretches of totals. The points of a series with one start time are a run: runs may overlap, when two processes send under one identity. A total lower than the
    /// one before it was counted from zero; so is a run's first, when its start lies in the time that is read: else it is only where counting begins.
    /// Points farther apart than the usual leave a gap: what was counted meanwhile has no time.
    /// </summary>
    /// <param name="counted">What was counted, of one row, as an array of numbers; the first never falls.</param>
    /// <param name="keys">Columns that tell apart what cannot be subtracted from each other, each with a comma before it.</param>
    public static string OfTotals(string table, string counted, string keys, string where) => $$"""
        SELECT series_id{{keys}}, {{EachWithGap}} AS stretch
        FROM (
          SELECT series_id{{keys}}, groupArrayArray(run) AS stretches, arraySort(arrayMap(s -> s.2 - s.1, arrayFilter(s -> s.4 = 1, stretches))) AS lengths,
            greatest({gap:Int64}, 3 * lengths[intDiv(length(lengths) + 1, 2)]) AS gap
          FROM (
            SELECT series_id{{keys}}, toUnixTimestamp64Nano(start) AS began, arraySort(p -> (p.1, p.2[1]), groupArray((toUnixTimestamp64Nano(time), {{counted}}))) AS points,
              arrayConcat(
                if(began >= {read_from:Int64} AND began < points[1].1, [(began, points[1].1, points[1].2, 0)], []),
                arrayMap((a, b) -> (a.1, b.1, if(b.2[1] < a.2[1], b.2, arrayMap((x, y) -> y - x, a.2, b.2)), 1), arrayPopBack(points), arrayPopFront(points))) AS run
            FROM {{table}} WHERE {{where}} GROUP BY series_id, start{{keys}}
          ) GROUP BY series_id{{keys}}
        )
        """;

    /// <summary>Stretches of increases: each point is one, from its start. Without a start it begins at the point before. The same point sent twice counts once.</summary>
    public static string OfIncreases(string table, string counted, string keys, string where) => $$"""
        SELECT series_id{{keys}}, arrayJoin(stretches) AS stretch
        FROM (
          SELECT series_id{{keys}}, arraySort(p -> (p.1, p.2), groupUniqArray((toUnixTimestamp64Nano(time), toUnixTimestamp64Nano(start), {{counted}}))) AS points,
            arrayPushFront(arrayPopBack(arrayMap(p -> p.1, points)), toInt64(0)) AS earlier,
            arrayMap((p, e) -> (multiIf(p.2 > 0 AND p.2 < p.1, p.2, p.1 - e <= {gap:Int64}, e, p.1), p.1, p.3, 1, {{long.MaxValue}}), points, earlier) AS stretches
          FROM {{table}} WHERE {{where}} GROUP BY series_id{{keys}}
        )
        """;

    /// <summary>
    /// Spreads stretches over buckets: <c>part</c> of each falls into <c>bucket</c>, between <c>begin</c> and <c>end</c>. A gap in which something was counted goes to bucket -1, to be told.
    /// </summary>
    /// <param name="keys">As given to the stretches.</param>
    /// <param name="counted">What says how much was counted in a stretch, as a number.</param>
    public static string Over(string stretches, string keys, string counted) => $$"""
        SELECT series_id{{keys}}, stretch.3 AS counted, bucket, greatest(stretch.1, {origin:Int64} + bucket * {step:Int64}) AS begin, least(stretch.2, {origin:Int64} + (bucket + 1) * {step:Int64}) AS end,
          if(stretch.1 = stretch.2 OR bucket < 0, 1, (end - begin) / (stretch.2 - stretch.1)) AS part
        FROM (
          SELECT series_id{{keys}}, stretch, arrayJoin(multiIf(
              stretch.2 <= {origin:Int64}, [],
              stretch.2 - stretch.1 > stretch.5, if(stretch.4 = 1 AND {{counted}} > 0, [toInt64(-1)], []),
              range(if(stretch.1 = stretch.2, last, intDiv(greatest(stretch.1, {origin:Int64}) - {origin:Int64}, {step:Int64})), last + 1))) AS bucket
          FROM (SELECT series_id{{keys}}, stretch, intDiv(least(stretch.2, {end:Int64}) - {origin:Int64} - 1, {step:Int64}) AS last FROM ({{stretches}}))
        )
        """;
}
