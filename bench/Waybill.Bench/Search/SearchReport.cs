using System.Globalization;
using Waybill.Measuring;
using Waybill.Servers;

namespace Waybill.Search;

/// <summary>Rows of a Markdown table for a run of <c>search</c> or <c>causes-times</c>.</summary>
internal static class SearchReport
{
    private const string Header =
        """
        | Spans stored | Question | p50 / p90 / max ms | CPU ms | Aim p50 ms | Asks | Machine |
        |---|---|---|---|---|---|---|
        """;

    public static async Task Append(string file, string title, IReadOnlyList<(Question Question, Percentiles Wall, double CpuMilliseconds)> results, HttpClient http, Uri api, CancellationToken cancel)
    {
        if (!File.Exists(file)) await File.WriteAllTextAsync(file, $"# {title}\n\nWhat the columns mean: ../README.md\n\n{Header}\n", cancel);
        long? spans = await StoredSpans.Count(http, api, cancel);
        await File.AppendAllLinesAsync(file, results.Select(result =>
            $"| {spans:N0} | {result.Question.Name} | {result.Wall.P50:F1} / {result.Wall.P90:F1} / {result.Wall.Max:F1} | {(double.IsNaN(result.CpuMilliseconds) ? "-" : result.CpuMilliseconds.ToString("F1", CultureInfo.InvariantCulture))} | {result.Question.AimMilliseconds:F0} | {result.Wall.Count} | {Machine.Describe()} |"), cancel);
    }
}
