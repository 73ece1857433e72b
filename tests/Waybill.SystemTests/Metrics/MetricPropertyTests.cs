using System.Globalization;
using System.Text.Json;
using Waybill.Processes;
using Waybill.Query.Evaluation;

namespace Waybill.Metrics;

/// <summary>
/// What the engine answers is what the oracle says, over generated series of every kind: every function, at steps from seconds to the whole range.
/// WAYBILL_METRICS and WAYBILL_METRIC_QUESTIONS make it longer, WAYBILL_SEED repeats a run.
/// </summary>
public sealed class MetricPropertyTests(GeneratedMetrics generated, ITestOutputHelper output) : IClassFixture<GeneratedMetrics>
{
    private const int ExamplesMax = 3;
    private static readonly string[][] Keys = [[], ["route"], ["resource.host.name"], ["service", "route"], ["route", "resource.host.name"]];
    private static readonly string[] Steps = ["7s", "15s", "1m", "5m", "30m"];

    [Fact]
    public async Task A_range_is_what_the_oracle_calculates()
    {
        var random = new Random(Switches.Seed(output));
        var failures = new List<string>();
        int asked = 0;
        for (int i = 0; i < Switches.Number("WAYBILL_METRIC_QUESTIONS", 140) && failures.Count < ExamplesMax; i++)
        {
            SentMetric metric = generated.Metrics[i % generated.Metrics.Count];
            if (metric.Series.Count == 0) continue;
            var functions = SeriesFamilies.Functions(SeriesFamilies.Of(metric.Kind, metric.IsMonotonic, metric.IsDelta ? Temporality.Delta : Temporality.Cumulative));
            string function = RangeFunctions.NameOf(functions[random.Next(functions.Count)]), step = Steps[random.Next(Steps.Length)];
            string[] by = Keys[random.Next(Keys.Length)];
            Assert.True(Web.TimeRange.TryParseDuration(step, out long stepNano));
            var window = MetricsWindow.Over(generated.SinceUnixNano, generated.UntilUnixNano, stepNano);
            var expected = new MetricOracle(window, function).Answer(metric, by);
            string path = string.Create(CultureInfo.InvariantCulture, $"/api/metrics/range?metric={metric.Name}&fn={function}&step={step}&by={string.Join(',', by)}&since={generated.SinceUnixNano}&until={generated.UntilUnixNano}");
            JsonElement answer = await Ask(path);
            asked++;
            var actual = answer.GetProperty("series").EnumerateArray().ToDictionary(series => string.Join('|', by.Select(key => series.GetProperty("labels").GetProperty(key).GetString())), Values);
            if (Difference(expected, actual) is { } difference) failures.Add($"{path} of a {metric.Kind}, delta {metric.IsDelta}, monotonic {metric.IsMonotonic}\n  {difference}");
        }
        output.WriteLine($"{asked} questions to {generated.Metrics.Count} metrics with {generated.Metrics.Sum(metric => metric.Series.Sum(series => series.Points.Count))} points");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private async Task<JsonElement> Ask(string path)
    {
        using var answer = await generated.Server.At.Api.GetAsync(path, TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {json.RootElement}\n{generated.Server.Log}");
        return json.RootElement.Clone();
    }

    private static double?[] Values(JsonElement series) => [.. series.GetProperty("values").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble())];

    private static string? Difference(Dictionary<string, double?[]> expected, Dictionary<string, double?[]> actual)
    {
        if (expected.Keys.Except(actual.Keys).FirstOrDefault() is { } missing) return $"series '{missing}' is missing";
        if (actual.Keys.Except(expected.Keys).FirstOrDefault() is { } extra) return $"series '{extra}' is too many";
        foreach (var (labels, values) in expected)
            for (int i = 0; i < values.Length; i++)
                if (!Same(values[i], actual[labels][i])) return $"series '{labels}', bucket {i} of {values.Length}: expected {values[i]?.ToString("R") ?? "null"}, not {actual[labels][i]?.ToString("R") ?? "null"}";
        return null;
    }

    // A difference of two quantiles is told in the value, however steep the counts are there.
    private static bool Same(double? expected, double? actual) =>
        expected is { } one ? actual is { } other && Math.Abs(one - other) <= 1e-7 * Math.Max(1, Math.Abs(one)) : actual is null;
}
