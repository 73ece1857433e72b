using System.Diagnostics;
using System.Globalization;
using Waybill.Engine;
using Waybill.Query.Evaluation;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>Answers TraceQL metrics queries.</summary>
public sealed class MetricSearch(EngineClient engine, OriginTable origins, SearchGate gate, SearchOptions options, SpoolLag lag, TimeProvider clock)
{
    private readonly KeyTable _keys = new(engine);
    private readonly WholeTraces _traces = new(engine, origins);

    /// <exception cref="SearchBusyException">Too many searches run and wait.</exception>
    public async Task<MetricResult> Run(MetricRequest request, CancellationToken cancel)
    {
        using SearchTurn turn = await gate.Enter(cancel);
        long began = Stopwatch.GetTimestamp();
        MetricsWindow window = request.Window;
        var reach = new TimeRange(window.FirstUnixNano - window.StepNano - SpanSelection.ReachNano, window.LastUnixNano + SpanSelection.ReachNano);
        KnownKeys known = await _keys.Find(request.Tenant, reach, QueryFields.Of(request.Query.Metrics).AttributeNames, cancel);
        var run = new MetricRun(turn, engine, _traces, options, request, known, clock);
        IReadOnlyList<Series> series = await run.Go(cancel);

        List<PartialReason> reasons = [.. run.Reasons, .. lag.Reasons(window.LastUnixNano)];
        if (series.Count > request.SeriesMax) reasons.Add(new("over_series", $"{series.Count} series; the {request.SeriesMax} with the greatest sums are here. Raise series, use topk(), or group by fields with fewer values."));
        var kept = series.OrderByDescending(one => one.Values.Where(double.IsFinite).Sum()).ThenBy(one => one.ToString(), StringComparer.Ordinal).Take(request.SeriesMax);
        return new MetricResult(reasons.Count == 0 ? "complete" : "partial", reasons, Text(window.FirstUnixNano - window.StepNano), Text(window.LastUnixNano), Text(window.StepNano), Weighted: true,
            [.. Enumerable.Range(0, window.Count).Select(i => Text(window.Stamp(i)))], [.. kept.Select(one => ToFound(one, run))],
            new Scanned(run.RowsRead, run.BytesRead, run.TracesRead, Math.Round(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 1)));
    }

    private static FoundSeries ToFound(Series series, MetricRun run)
    {
        var labels = new Dictionary<string, object?>();
        foreach (Label label in series.Labels) labels[label.Name] = JsonValue.Of(label.Value);
        return new FoundSeries(labels, [.. series.Values.Select(value => double.IsFinite(value) ? value : (double?)null)], run.ExemplarsOf(series));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
