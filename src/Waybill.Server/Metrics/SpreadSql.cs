namespace Waybill.Metrics;

/// <summary>What is counted, as SQL: how a row becomes a point, and what lies between two points.</summary>
/// <param name="Columns">Columns of the table that <paramref name="Point"/> reads.</param>
/// <param name="Amount">How much, as a number that only a restart makes smaller.</param>
/// <param name="Point">A tuple: time and start in Unix nanoseconds, the amount, and whatever else it takes.</param>
/// <param name="Whole">What a point counts, when counting began at zero.</param>
/// <param name="Difference">What was counted from point a to point b.</param>
internal sealed record Counted(string Table, string Columns, string Amount, string Point, Func<string, string> Whole, string Difference)
{
    public required string Where { get; init; }

    /// <summary>Columns that tell apart what cannot be subtracted from each other, each with a comma before it.</summary>
    public string Keys { get; init; } = "";

    /// <summary>What must not change between points whose difference is taken at once.</summary>
    public string Mark { get; init; } = "toUInt64(0)";

    /// <summary>How much is counted in a stretch.</summary>
    public string InStretch { get; init; } = "arrayElement(stretch.3, 1)";

    /// <summary>Numbers that add up: the first is the amount.</summary>
    public static Counted Numbers(string table, string columns, string amount, string numbers) =>
        new(table, columns, amount, $"(toUnixTimestamp64Nano(time), toUnixTimestamp64Nano(start), {amount}, {numbers})", p => $"{p}.4", "arrayMap((x, y) -> y - x, a.4, b.4)") { Where = "" };
}

/// <summary>
/// Counters in SQL. Points become stretches of time, each with what was counted in it; a stretch is spread evenly over the buckets that it lies in.
/// So neither jitter nor a step shorter than the sending interval makes saw teeth, and the sum over all buckets is what was counted.
/// </summary>
/// <remarks>
/// A stretch is a tuple: its begin and end in Unix nanoseconds, what was counted, whether a point stands at its begin, and from which length on it is a gap.
/// Parameters: <c>origin</c> (where the first bucket begins), <c>end</c>, <c>step</c>, <c>gap</c>, <c>from</c> and <c>read_from</c> (the first time that is read, as a time and as a number).
/// </remarks>
internal static class SpreadSql
{
    public const string Points = "tenant = {tenant:String} AND metric = {metric:String} AND time > {from:DateTime64(9, 'UTC')} AND time <= {until:DateTime64(9, 'UTC')} AND bitAnd(flags, 1) = 0";

    /// <summary>
    /// Stretches of totals. The points of a series with one start time are a run: runs may overlap, when two processes send under one identity. A total lower than the
    /// one before it was counted from zero; so is a run's first, when its start lies in the time that is read: else it is only where counting begins.
    /// Points farther apart than the usual leave a gap: what was counted meanwhile has no time.
    /// </summary>
    public static string OfTotals(Counted counted) => $$"""
        SELECT series_id{{counted.Keys}}, arrayJoin(arrayMap(s -> (s.1, s.2, s.3, s.4, gap), stretches)) AS stretch
        FROM (
          SELECT series_id{{counted.Keys}}, groupArrayArray(run) AS stretches, any(gap_of_run) AS gap
          FROM (
            SELECT series_id{{counted.Keys}}, any(usual_gap) AS gap_of_run, arraySort(p -> (p.1, p.3), groupArray({{counted.Point}})) AS points, points[1] AS first,
              arrayConcat(
                if(first.2 >= {read_from:Int64} AND first.2 < first.1, [(first.2, first.1, {{counted.Whole("first")}}, 0)], []),
                arrayMap((a, b) -> (a.1, b.1, if(b.3 < a.3, {{counted.Whole("b")}}, {{counted.Difference}}), 1), arrayPopBack(points), arrayPopFront(points))) AS run
            FROM (SELECT series_id, start, time, {{counted.Columns}} FROM {{counted.Table}} WHERE {{counted.Where}}) AS rows
            LEFT SEMI JOIN ({{Turns(counted)}}) AS turns USING (series_id, start, time)
            GROUP BY series_id, start{{counted.Keys}}
          ) GROUP BY series_id{{counted.Keys}}
        )
        """;

    /// <summary>
    /// The points of a run where a bucket begins or ends, where counting begins anew, or where the mark changes: between them all that was counted is the difference of the two.
    /// This looks at numbers only, so that the arrays of few points are held, however many there are.
    /// </summary>
    private static string Turns(Counted counted) => $$"""
        SELECT series_id, turn.1 AS start, turn.2 AS time, turn.3 AS usual_gap
        FROM (
          SELECT series_id, arrayJoin(arrayMap(t -> (t.1, t.2, gap), of_series)) AS turn
          FROM (
            SELECT series_id, groupArrayArray(of_run) AS of_series, arraySort(groupArrayArray(apart)) AS lengths, greatest({gap:Int64}, 3 * lengths[intDiv(length(lengths) + 1, 2)]) AS gap
            FROM (
              SELECT series_id, start, arraySort(groupArray((toUnixTimestamp64Nano(time), {{counted.Amount}}, {{counted.Mark}}))) AS points,
                arrayMap(p -> (if(p.1 <= {origin:Int64}, -1, intDiv(p.1 - {origin:Int64} - 1, {step:Int64})), p.3), points) AS places,
                arrayMap(p -> p.2, points) AS amounts,
                arrayMap((a, b) -> b.1 - a.1, arrayPopBack(points), arrayPopFront(points)) AS apart,
                arrayMap(p -> (start, fromUnixTimestamp64Nano(p.1, 'UTC')), arrayFilter((p, here, before, after, less, more) -> here != before OR here != after OR p.2 < less OR more < p.2, points, places,
                  arrayPushFront(arrayPopBack(places), (-2, toUInt64(0))), arrayPushBack(arrayPopFront(places), (-2, toUInt64(0))),
                  arrayPushFront(arrayPopBack(amounts), amounts[1]), arrayPushBack(arrayPopFront(amounts), amounts[-1]))) AS of_run
              FROM {{counted.Table}} WHERE {{counted.Where}} GROUP BY series_id, start
            ) GROUP BY series_id
          )
        )
        """;

    /// <summary>Stretches of increases: each point is one, from its start. Without a start it begins at the time before. The same point sent twice counts once.</summary>
    public static string OfIncreases(Counted counted) => $$"""
        SELECT series_id{{counted.Keys}}, (multiIf(p.2 > 0 AND p.2 < p.1, p.2, p.1 - toUnixTimestamp64Nano(before) <= {gap:Int64}, toUnixTimestamp64Nano(before), p.1), p.1, {{counted.Whole("p")}}, 1, {{long.MaxValue}}) AS stretch
        FROM (
          SELECT series_id{{counted.Keys}}, time, {{counted.Point}} AS p FROM {{counted.Table}} WHERE {{counted.Where}} LIMIT 1 BY series_id, time, start, cityHash64({{counted.Columns}})
        ) AS rows
        LEFT ANY JOIN (
          SELECT series_id, pair.1 AS time, pair.2 AS before
          FROM (
            SELECT series_id, arrayJoin(arrayZip(times, arrayPushFront(arrayPopBack(times), toDateTime64(0, 9, 'UTC')))) AS pair
            FROM (SELECT series_id, arraySort(groupUniqArray(time)) AS times FROM {{counted.Table}} WHERE {{counted.Where}} GROUP BY series_id HAVING countIf(toUnixTimestamp64Nano(start) <= 0 OR start >= time) > 0)
          )
        ) AS earlier USING (series_id, time)
        """;

    /// <summary>
    /// Spreads stretches over buckets: <c>part</c> of each falls into <c>bucket</c>, between <c>begin</c> and <c>end</c>. A gap in which something was counted goes to bucket -1, to be told.
    /// </summary>
    public static string Over(string stretches, Counted counted) => $$"""
        SELECT series_id{{counted.Keys}}, stretch.3 AS counted, bucket, greatest(stretch.1, {origin:Int64} + bucket * {step:Int64}) AS begin, least(stretch.2, {origin:Int64} + (bucket + 1) * {step:Int64}) AS end,
          if(stretch.1 = stretch.2 OR bucket < 0, 1, (end - begin) / (stretch.2 - stretch.1)) AS part
        FROM (
          SELECT series_id{{counted.Keys}}, stretch, arrayJoin(multiIf(
              stretch.2 <= {origin:Int64}, [],
              stretch.2 - stretch.1 > stretch.5, if(stretch.4 = 1 AND {{counted.InStretch}} > 0, [toInt64(-1)], []),
              range(if(stretch.1 = stretch.2, last, intDiv(greatest(stretch.1, {origin:Int64}) - {origin:Int64}, {step:Int64})), last + 1))) AS bucket
          FROM (SELECT series_id{{counted.Keys}}, stretch, intDiv(least(stretch.2, {end:Int64}) - {origin:Int64} - 1, {step:Int64}) AS last FROM ({{stretches}}))
        )
        """;
}
