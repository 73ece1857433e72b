using System.Collections.Frozen;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>The identifiers that the language gives a meaning.</summary>
internal static class Words
{
    public static readonly FrozenDictionary<string, AggregateFunction> Aggregates = new Dictionary<string, AggregateFunction>
    {
        ["count"] = AggregateFunction.Count, ["min"] = AggregateFunction.Min, ["max"] = AggregateFunction.Max, ["avg"] = AggregateFunction.Avg, ["sum"] = AggregateFunction.Sum,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static readonly FrozenDictionary<string, RangeFunction> RangeFunctions = new Dictionary<string, RangeFunction>
    {
        ["rate"] = RangeFunction.Rate, ["count_over_time"] = RangeFunction.CountOverTime, ["min_over_time"] = RangeFunction.MinOverTime,
        ["max_over_time"] = RangeFunction.MaxOverTime, ["avg_over_time"] = RangeFunction.AvgOverTime, ["sum_over_time"] = RangeFunction.SumOverTime,
        ["histogram_over_time"] = RangeFunction.HistogramOverTime, ["quantile_over_time"] = RangeFunction.QuantileOverTime,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly string[] StageWords = ["by", "coalesce", "select", "compare", "topk", "bottomk", "with", "nil"];

    private static readonly FrozenDictionary<string, Static> StaticsOfBoth = new Dictionary<string, Static>
    {
        ["nil"] = Static.Nil, ["true"] = Static.Of(true), ["false"] = Static.Of(false), ["minInt"] = Static.Of(long.MinValue), ["maxInt"] = Static.Of(long.MaxValue),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Static> StaticsOfTraces = StaticsOfBoth
        .Concat(Enum.GetValues<SpanStatus>().Select(value => Static.Of(value)).Select(value => KeyValuePair.Create(value.ToString(), value)))
        .Concat(Enum.GetValues<SpanKind>().Select(value => Static.Of(value)).Select(value => KeyValuePair.Create(value.ToString(), value)))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Static> StaticsOfLogs = StaticsOfBoth
        .Concat(Enum.GetValues<LogSeverity>().Select(value => Static.Of(value)).Select(value => KeyValuePair.Create(value.ToString(), value)))
        .ToFrozenDictionary(StringComparer.Ordinal);

    // One string object per known word: reading a query makes none.
    private static readonly FrozenSet<string> Known = Aggregates.Keys.Concat(RangeFunctions.Keys).Concat(StageWords)
        .Concat(StaticsOfTraces.Keys).Concat(StaticsOfLogs.Keys).Concat(Intrinsics.Texts(Dialect.Traces)).Concat(Intrinsics.Texts(Dialect.Logs)).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> KnownBySpan = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Everything that can stand behind a pipe.</summary>
    public static IEnumerable<string> Stages => Aggregates.Keys.Concat(RangeFunctions.Keys).Concat(["by", "coalesce", "select", "compare", "topk", "bottomk"]);

    public static FrozenDictionary<string, Static> Statics(Dialect dialect) => dialect == Dialect.Traces ? StaticsOfTraces : StaticsOfLogs;

    public static string Of(ReadOnlySpan<char> word) => KnownBySpan.TryGetValue(word, out string? known) ? known : word.ToString();
}
