using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Query;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Tempo;

/// <summary>The answer of <c>/api/metrics/query_range</c>.</summary>
internal sealed record TempoRangeAnswer(IReadOnlyList<TempoSeries> Series, TempoMetrics Metrics, string Status, string? Message);

internal sealed record TempoSeries(IReadOnlyList<TempoAttribute> Labels, IReadOnlyList<TempoSample> Samples, IReadOnlyList<TempoExemplar>? Exemplars);

internal sealed record TempoSample(string TimestampMs, double Value);

internal sealed record TempoExemplar(IReadOnlyList<TempoAttribute> Labels, double Value, string TimestampMs);

/// <summary>The answer of <c>/api/metrics/query</c>. Grafana refuses one with a field that it does not know, so the reasons of a partial one are in a header.</summary>
internal sealed record TempoInstantAnswer(IReadOnlyList<TempoInstantSeries> Series, TempoMetrics Metrics);

internal sealed record TempoInstantSeries(IReadOnlyList<TempoAttribute> Labels, double Value);

/// <summary>TraceQL metrics.</summary>
internal static class TempoSeriesEndpoints
{
    private const int ExemplarsDefault = 100, ExemplarsMax = 10_000, SeriesMax = 1_000;

    public static void MapTempoSeries(this IEndpointRouteBuilder tempo)
    {
        tempo.MapGet("/api/metrics/query_range", Range);
        tempo.MapGet("/api/metrics/query", Instant);
    }

    private static async Task Range(HttpContext http, MetricSearch search, SearchOptions options, TimeProvider clock)
    {
        if (await Read(http, clock) is not { } asked) return;
        if (TempoTime.ReadStep(http, asked.Range, options.PointsMax, out long step) is { } badStep)
        {
            await Problems.BadRequest(http, "step", badStep);
            return;
        }
        var window = MetricsWindow.Over(asked.Range.SinceUnixNano, asked.Range.UntilUnixNano, step);
        await SearchEndpoints.Answer(http, async () =>
        {
            MetricResult result = await search.Run(new MetricRequest(http.Tenant(), asked.Query, window, asked.Exemplars > 0 ? 1 : 0, asked.Series), http.RequestAborted);
            int exemplarsEach = Math.Max(1, asked.Exemplars / Math.Max(1, result.Series.Count));
            return new TempoRangeAnswer([.. result.Series.Select(series => ToSeries(series, result.TimestampsUnixNano, exemplarsEach))], Metrics(result),
                result.Status == "complete" ? "COMPLETE" : "PARTIAL", result.Reasons.Count == 0 ? null : string.Join(' ', result.Reasons.Select(reason => reason.Detail)));
        }, TempoEndpoints.Json);
    }

    private static async Task Instant(HttpContext http, MetricSearch search, TimeProvider clock)
    {
        if (await Read(http, clock) is not { } asked) return;
        var window = MetricsWindow.Instant(asked.Range.SinceUnixNano, asked.Range.UntilUnixNano);
        await SearchEndpoints.Answer(http, async () =>
        {
            MetricResult result = await search.Run(new MetricRequest(http.Tenant(), asked.Query, window, Exemplars: 0, asked.Series), http.RequestAborted);
            PartialHeader.Write(http, result.Reasons);
            return new TempoInstantAnswer([.. result.Series.Where(series => series.Values[0] is not null).Select(series => new TempoInstantSeries(Labels(series), series.Values[0]!.Value))], Metrics(result));
        }, TempoEndpoints.Json);
    }

    private sealed record Asked(MetricsQuery Query, TimeRange Range, int Exemplars, int Series);

    /// <returns>Null when it was wrong, and answered so.</returns>
    private static async Task<Asked?> Read(HttpContext http, TimeProvider clock)
    {
        QueryResult<TraceQuery> parsed = TraceQl.Parse(TempoTime.One(http, "q") ?? TempoTime.One(http, "query") ?? "");
        if (!parsed.IsValid)
        {
            await QueryProblem.Write(http, parsed);
            return null;
        }
        if (parsed.Query is not MetricsQuery query)
        {
            await Problems.BadRequest(http, "q", "It is a search: add a function such as | rate(), or ask /api/search.");
            return null;
        }
        if (TempoTime.Read(http, clock, wholeSeconds: false, out TimeRange range) is { } badTime)
        {
            await Problems.BadRequest(http, badTime.Parameter, badTime.Message);
            return null;
        }
        if (Problems.ReadInt(http, "exemplars", 0, ExemplarsMax, ExemplarsDefault, out int exemplars) is { } badExemplars)
        {
            await Problems.BadRequest(http, "exemplars", badExemplars);
            return null;
        }
        if (Problems.ReadInt(http, "maxSeries", 0, SeriesMax, SeriesMax, out int series) is { } badSeries)
        {
            await Problems.BadRequest(http, "maxSeries", badSeries);
            return null;
        }
        return new Asked(query, range, exemplars, series == 0 ? SeriesMax : series);
    }

    private static TempoSeries ToSeries(FoundSeries series, IReadOnlyList<string> times, int exemplarsMax) => new(Labels(series),
        [.. series.Values.Zip(times).Where(sample => sample.First is not null).Select(sample => new TempoSample(Milliseconds(sample.Second), sample.First!.Value))],
        series.Exemplars.Count == 0 ? null : [.. Spread(series.Exemplars, exemplarsMax).Select(ToExemplar)]);

    private static TempoExemplar ToExemplar(Exemplar exemplar) =>
        new([new("trace:id", TempoValue.Of(exemplar.TraceId)), new("span:id", TempoValue.Of(exemplar.SpanId))], exemplar.Value, Milliseconds(exemplar.StartUnixNano));

    /// <summary>As many of them as there may be, evenly over time.</summary>
    private static IEnumerable<Exemplar> Spread(IReadOnlyList<Exemplar> exemplars, int max) =>
        exemplars.Count <= max ? exemplars : Enumerable.Range(0, max).Select(i => exemplars[(int)((long)i * exemplars.Count / max)]);

    private static TempoAttribute[] Labels(FoundSeries series) => [.. series.Labels.Select(label => new TempoAttribute(label.Key, TempoValue.Of(label.Value)))];

    private static TempoMetrics Metrics(MetricResult result) => new(result.Scanned.Candidates, result.Scanned.Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture));

    // The times are nanoseconds since 1970 in digits.
    private static string Milliseconds(string unixNano) => unixNano.Length > 6 ? unixNano[..^6] : "0";
}
