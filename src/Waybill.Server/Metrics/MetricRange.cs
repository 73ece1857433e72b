using System.Globalization;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Query.Evaluation;
using Waybill.Search;
using Waybill.Traces;

namespace Waybill.Metrics;

/// <summary>A function was asked for that makes no sense of what the metric is.</summary>
internal sealed class WrongFunctionException(string message) : Exception(message);

/// <summary>Answers for a metric over time: what its series are, then what was asked of them.</summary>
public sealed class MetricRange(EngineClient engine, SearchGate gate, SearchOptions options, MetricsOptions metrics, SpoolLag lag)
{
    /// <exception cref="SearchBusyException">Too many searches run and wait.</exception>
    /// <exception cref="WrongFunctionException">The function does not fit the metric.</exception>
    internal async Task<RangeResult> Run(RangeRequest request, CancellationToken cancel)
    {
        using SearchTurn turn = await gate.Enter(cancel);
        using SearchStatement statement = await turn.Statement(cancel);
        EngineSettings settings = EngineBounds.Of(options, statement, options.SecondsMax) with { ResultBytesMax = metrics.AnswerBytesMax };
        List<PartialReason> reasons = [.. lag.Reasons(request.Window.LastUnixNano)];
        MetricShape? shape = await FindShape(request.Selection, settings, reasons, cancel);
        if (shape is null) return Result(request, null, request.Function, [], reasons);

        IReadOnlyList<RangeFunction> sensible = SeriesFamilies.Functions(shape.Family);
        RangeFunction function = request.Function ?? sensible[0];
        if (!sensible.Contains(function))
            throw new WrongFunctionException($"{RangeFunctions.NameOf(function)} makes no sense of {Article(shape)}: send one of {string.Join(", ", sensible.Select(RangeFunctions.NameOf))}.");
        var run = new RangeRun(engine, request, shape, function, settings, metrics.SeriesReadMax);
        IReadOnlyList<RangeSeries> series = await run.Go(cancel);
        if (run.HasMore) reasons.Add(new("over_limit", $"There are more than {request.GroupsMax} series; the largest are here. Raise series, filter, or group by keys with fewer values."));
        if (run.Gaps > 0)
            reasons.Add(new("gap", string.Create(CultureInfo.InvariantCulture,
                $"Points are missing {run.Gaps} times for longer than usual. What was counted meanwhile is known only in total and is in no bucket; with a longer step it is.")));
        return Result(request, shape, function, series, reasons);
    }

    private static RangeResult Result(RangeRequest request, MetricShape? shape, RangeFunction? function, IReadOnlyList<RangeSeries> series, List<PartialReason> reasons)
    {
        MetricsWindow window = request.Window;
        return new RangeResult(reasons.Count == 0 ? "complete" : "partial", reasons, request.Selection.Metric, shape is null ? "" : SeriesFamilies.NameOf(shape.Kind), shape?.Unit ?? "",
            function is { } known ? RangeFunctions.NameOf(known) : "", Text(window.FirstUnixNano - window.StepNano), Text(window.LastUnixNano), window.StepNano, Weighted: false,
            [.. Enumerable.Range(0, window.Count).Select(i => Text(window.Stamp(i)))], series);
    }

    /// <returns>What most of the series are; null when there are none.</returns>
    private async Task<MetricShape?> FindShape(SeriesSelection selection, EngineSettings settings, List<PartialReason> reasons, CancellationToken cancel)
    {
        var parameters = new SqlParameters();
        string sql = $"SELECT kind, unit, temporality, monotonic, count() AS series FROM ({selection.Rows([], parameters)}) GROUP BY kind, unit, temporality, monotonic";
        var seen = new List<(MetricKind Kind, string Unit, Temporality Temporality, SeriesFamily Family, long Series)>();
        await using EngineResponse response = await engine.Query(sql, [.. selection.Parameters, .. parameters.Bound], settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                var (kind, temporality) = ((MetricKind)block["kind"].GetInt64(row), (Temporality)block["temporality"].GetInt64(row));
                seen.Add((kind, block["unit"].GetString(row), temporality, SeriesFamilies.Of(kind, block["monotonic"].GetInt64(row) != 0, temporality), block["series"].GetInt64(row)));
            }
        var shapes = seen.GroupBy(one => (one.Family, one.Unit)).OrderByDescending(shape => shape.Sum(one => one.Series)).ThenBy(shape => shape.Key.Unit, StringComparer.Ordinal).ThenBy(shape => shape.Key.Family).ToList();
        if (shapes.Count == 0) return null;
        if (shapes.Count > 1)
            reasons.Add(new("several_kinds", $"The name stands for several things, this is what most series are; the others are {string.Join(", ", shapes.Skip(1).Select(shape => Name(shape.First().Kind, shape.Key.Unit)).Distinct())}. Send kind= or unit= for one of them."));
        var chosen = shapes[0];
        long count = chosen.Sum(one => one.Series);
        if (count > metrics.SeriesReadMax) reasons.Add(new("over_series", $"{count} series match and {metrics.SeriesReadMax} of them were read. Filter by service or another key, or raise Metrics:SeriesReadMax."));
        var most = chosen.OrderByDescending(one => one.Series).First();
        SeriesTemporality temporalities = chosen.Aggregate(SeriesTemporality.None, (all, one) => all | (one.Temporality == Temporality.Delta ? SeriesTemporality.Increases : SeriesTemporality.Totals));
        return new MetricShape(most.Kind, most.Unit, most.Family, temporalities, chosen.Any(one => one.Kind == MetricKind.Histogram), chosen.Any(one => one.Kind == MetricKind.ExponentialHistogram));
    }

    private static string Article(MetricShape shape) => shape.Family switch
    {
        SeriesFamily.Counter => "a counter", SeriesFamily.Distribution => "a histogram", SeriesFamily.Summary => "a summary", _ when shape.Kind == MetricKind.Sum => "a sum that may fall", _ => "a gauge",
    };

    private static string Name(MetricKind kind, string unit) => unit.Length == 0 ? $"a {SeriesFamilies.NameOf(kind)} without unit" : $"a {SeriesFamilies.NameOf(kind)} in {unit}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
