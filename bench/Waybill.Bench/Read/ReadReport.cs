using Waybill.Measuring;

namespace Waybill.Read;

/// <summary>One row of a Markdown table for a run of <c>read</c>.</summary>
internal static class ReadReport
{
    private const string Header =
        """
        | Spans stored | Whole warm p50 / p90 / p99 ms | Skeleton warm p50 / p90 / p99 ms | Whole cold p50 / max ms | Skeleton cold p50 / max ms | Reads warm / cold | Wrong | Machine |
        |---|---|---|---|---|---|---|---|
        """;

    public static void Append(string file, long spans, IReadOnlyList<TraceRead> whole, IReadOnlyList<TraceRead> skeleton, IReadOnlyList<TraceRead> wholeCold, IReadOnlyList<TraceRead> skeletonCold)
    {
        if (!File.Exists(file)) File.WriteAllText(file, $"# Trace by id\n\nWhat the columns mean: ../README.md\n\n{Header}\n");
        int wrong = whole.Concat(skeleton).Concat(wholeCold).Concat(skeletonCold).Count(read => read.Wrong is not null);
        File.AppendAllText(file, $"| {spans:N0} | {Warm(whole)} | {Warm(skeleton)} | {Cold(wholeCold)} | {Cold(skeletonCold)} | {whole.Count} / {wholeCold.Count} | {wrong} | {Machine.Describe()} |\n");
    }

    private static string Warm(IReadOnlyList<TraceRead> reads)
    {
        var times = new Percentiles(reads.Select(read => read.Milliseconds));
        return $"{times.P50:F1} / {times.P90:F1} / {times.P99:F1}";
    }

    private static string Cold(IReadOnlyList<TraceRead> reads)
    {
        if (reads.Count == 0) return "-";
        var times = new Percentiles(reads.Select(read => read.Milliseconds));
        return $"{times.P50:F1} / {times.Max:F1}";
    }
}
