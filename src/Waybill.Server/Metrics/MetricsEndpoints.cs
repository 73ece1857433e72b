using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Query.Evaluation;
using Waybill.Search;
using Waybill.Web;

namespace Waybill.Metrics;

public static class MetricsEndpoints
{
    private const int MetricsDefault = 1_000, MetricsMax = 10_000, SeriesDefault = 200, SeriesMax = 10_000, ExemplarsDefault = 100, ExemplarsMax = 1_000, GroupsDefault = 100, GroupsMax = 1_000;
    private const int FiltersMax = 20, KeysMax = 10;
    private static readonly MetricKind[] Kinds = [MetricKind.Gauge, MetricKind.Sum, MetricKind.Histogram, MetricKind.ExponentialHistogram, MetricKind.Summary];

    public static void AddMetricQueries(this IServiceCollection services)
    {
        services.AddOptions<MetricsOptions>().BindConfiguration("Metrics").ValidateOnStart();
        services.AddSingleton<IValidateOptions<MetricsOptions>, MetricsOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<MetricsOptions>>().Value);
        services.AddSingleton<MetricTable>();
        services.AddSingleton<MetricRange>();
    }

    public static void MapMetricQueries(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/metrics", List).On(Listener.Console).Needs(Permission.MetricsRead)
            .WithSummary("Metrics that were seen, with what they are and how many series they have")
            .WithText("prefix", "How the name begins.").WithText("service", "Service that sends it, whole name.").WithTimeRange()
            .WithNumber("limit", "Metrics at most.", 1, MetricsMax, MetricsDefault)
            .Produces<MetricListing>();
        app.MapGet("/api/metrics/series", ListSeries).On(Listener.Console).Needs(Permission.MetricsRead)
            .WithSummary("The series of one metric")
            .WithSelection().WithNumber("limit", "Series at most.", 1, SeriesMax, SeriesDefault)
            .Produces<SeriesListing>();
        app.MapGet("/api/metrics/range", Range).On(Listener.Console).Needs(Permission.MetricsRead)
            .WithSummary("A metric over time: rates of counters, quantiles of histograms, levels of gauges")
            .WithDescription("Counters are spread over the time between their points; a lower value or a new start time counts from zero; points farther apart than usual leave a gap.")
            .WithSelection()
            .WithText("fn", "rate, sum, avg, min, max, last, count, p50, p90, p95 or p99. Default: rate of counters, p95 of histograms, avg of gauges and summaries.")
            .WithText("by", "Keys to group by, as in filter; repeated or comma-separated. Without it all series are taken together.", repeated: true)
            .WithText("step", "Time between points, such as 15s or 5m; about 240 points when missing.")
            .WithNumber("series", "Groups at most; the largest are kept.", 1, GroupsMax, GroupsDefault)
            .Produces<RangeResult>();
        app.MapGet("/api/metrics/exemplars", ListExemplars).On(Listener.Console).Needs(Permission.MetricsRead)
            .WithSummary("Measurements of one metric that name the trace they were made in")
            .WithSelection().WithNumber("limit", "Exemplars at most.", 1, ExemplarsMax, ExemplarsDefault)
            .Produces<ExemplarListing>();
    }

    private static RouteHandlerBuilder WithSelection(this RouteHandlerBuilder endpoint) => endpoint
        .WithText("metric", "The metric, whole name.", required: true)
        .WithText("filter", "key=value or key!=value, repeated; the key is an attribute of the series, resource. and one of its sender, or service. An absent attribute is empty.", repeated: true)
        .WithText("kind", "gauge, sum, histogram, exponential_histogram or summary, when the name stands for several.").WithText("unit", "The unit, when the name stands for several.")
        .WithTimeRange();

    private static async Task List(HttpContext http, MetricTable metrics, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad) await Problems.BadRequest(http, bad.Parameter, bad.Message);
        else if (Problems.ReadInt(http, "limit", 1, MetricsMax, MetricsDefault, out int limit) is { } badLimit) await Problems.BadRequest(http, "limit", badLimit);
        else await http.Response.WriteAsJsonAsync(await metrics.List(http.Tenant(), range, http.Request.Query["prefix"].ToString(), http.Request.Query["service"].ToString(), limit, http.RequestAborted), http.RequestAborted);
    }

    private static async Task ListSeries(HttpContext http, MetricTable metrics, TimeProvider clock)
    {
        if (ReadSelection(http, clock, out SeriesSelection selection) is { } bad) await Problems.BadRequest(http, bad.Parameter, bad.Message);
        else if (Problems.ReadInt(http, "limit", 1, SeriesMax, SeriesDefault, out int limit) is { } badLimit) await Problems.BadRequest(http, "limit", badLimit);
        else await http.Response.WriteAsJsonAsync(await metrics.ListSeries(selection, limit, http.RequestAborted), http.RequestAborted);
    }

    private static async Task ListExemplars(HttpContext http, MetricTable metrics, TimeProvider clock)
    {
        if (ReadSelection(http, clock, out SeriesSelection selection) is { } bad) await Problems.BadRequest(http, bad.Parameter, bad.Message);
        else if (Problems.ReadInt(http, "limit", 1, ExemplarsMax, ExemplarsDefault, out int limit) is { } badLimit) await Problems.BadRequest(http, "limit", badLimit);
        else await http.Response.WriteAsJsonAsync(await metrics.ListExemplars(selection, limit, http.RequestAborted), http.RequestAborted);
    }

    private static async Task Range(HttpContext http, MetricRange metrics, SearchOptions options, TimeProvider clock)
    {
        RangeFunction? function = null;
        if (ReadSelection(http, clock, out SeriesSelection selection) is { } bad) await Problems.BadRequest(http, bad.Parameter, bad.Message);
        else if (ReadFunction(http, ref function) is { } badFunction) await Problems.BadRequest(http, "fn", badFunction);
        else if (ReadKeys(http, out List<SeriesKey> by) is { } badKeys) await Problems.BadRequest(http, "by", badKeys);
        else if (ReadWindow(http, selection.Range, options.PointsMax, out MetricsWindow window) is { } badStep) await Problems.BadRequest(http, "step", badStep);
        else if (Problems.ReadInt(http, "series", 1, GroupsMax, GroupsDefault, out int groups) is { } badGroups) await Problems.BadRequest(http, "series", badGroups);
        else
        {
            try
            {
                await SearchEndpoints.Answer(http, () => metrics.Run(new RangeRequest(selection, function, by, window, groups), http.RequestAborted));
            }
            catch (WrongFunctionException wrong)
            {
                await Problems.BadRequest(http, "fn", wrong.Message);
            }
        }
    }

    private static (string Parameter, string Message)? ReadSelection(HttpContext http, TimeProvider clock, out SeriesSelection selection)
    {
        var query = http.Request.Query;
        var bad = TimeRange.Read(http, clock, out TimeRange range);
        string metric = query["metric"].ToString(), kindText = query["kind"].ToString(), unit = query["unit"].ToString();
        List<SeriesFilter> filters = [];
        selection = new SeriesSelection(http.Tenant(), metric, range) { Filters = filters, Unit = unit.Length == 0 ? null : unit };
        if (metric.Length == 0) return ("metric", "Send the name of a metric. /api/metrics lists them.");
        if (bad is not null) return bad;
        if (kindText.Length > 0)
        {
            MetricKind kind = Array.Find(Kinds, one => SeriesFamilies.NameOf(one) == kindText);
            if (kind == MetricKind.Unspecified) return ("kind", $"'{Problems.Shorten(kindText)}' is no kind: send one of {string.Join(", ", Kinds.Select(SeriesFamilies.NameOf))}.");
            selection = selection with { Kind = kind };
        }
        foreach (string? text in query["filter"])
        {
            if (string.IsNullOrEmpty(text)) continue;
            if (!SeriesFilter.TryParse(text, out SeriesFilter filter)) return ("filter", $"'{Problems.Shorten(text)}' is no filter: send key=value or key!=value, such as http.route=/cart, resource.host.name!=a or service=cart.");
            filters.Add(filter);
        }
        return filters.Count <= FiltersMax ? null : ("filter", $"There are {filters.Count} filters; {FiltersMax} are enough.");
    }

    private static string? ReadFunction(HttpContext http, ref RangeFunction? function)
    {
        string text = http.Request.Query["fn"].ToString();
        if (text.Length == 0) return null;
        if (!RangeFunctions.TryParse(text, out RangeFunction known)) return $"'{Problems.Shorten(text)}' is no function: send one of {string.Join(", ", Enum.GetValues<RangeFunction>().Select(RangeFunctions.NameOf))}.";
        function = known;
        return null;
    }

    private static string? ReadKeys(HttpContext http, out List<SeriesKey> by)
    {
        by = [.. http.Request.Query["by"].SelectMany(text => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct().Select(key => new SeriesKey(key))];
        if (by.Count > KeysMax) return $"There are {by.Count} keys; group by at most {KeysMax}.";
        return by.Find(key => key.Text.Length > SeriesKey.LengthMax) is { Text: { } text } ? $"'{Problems.Shorten(text)}' is longer than {SeriesKey.LengthMax} characters." : null;
    }

    private static string? ReadWindow(HttpContext http, TimeRange range, int pointsMax, out MetricsWindow window)
    {
        string text = http.Request.Query["step"].ToString();
        window = default;
        long step = MetricsWindow.DefaultStepNano(range.SinceUnixNano, range.UntilUnixNano);
        if (text.Length > 0 && (!TimeRange.TryParseDuration(text, out step) || step < 1_000_000)) return $"'{Problems.Shorten(text)}' is not a step: send a duration from 1ms on, such as 30s or 5m.";
        if ((range.UntilUnixNano - range.SinceUnixNano) / step > pointsMax) return $"The range has more than {pointsMax} steps: send a longer step or a shorter range.";
        window = MetricsWindow.Over(range.SinceUnixNano, range.UntilUnixNano, step);
        return null;
    }
}
