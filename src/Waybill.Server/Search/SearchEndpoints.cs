using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Query;
using Waybill.Query.Evaluation;
using Waybill.Query.Syntax;
using Waybill.Web;

namespace Waybill.Search;

public static class SearchEndpoints
{
    private const int TracesDefault = 20, TracesMax = 1_000, SpansDefault = 3, SpansMax = 1_000, ExemplarsMax = 10, SeriesMax = 1_000;

    public static void AddSearch(this IServiceCollection services)
    {
        services.AddOptions<SearchOptions>().BindConfiguration("Search").ValidateOnStart();
        services.AddSingleton<IValidateOptions<SearchOptions>, SearchOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SearchOptions>>().Value);
        services.AddSingleton<SearchGate>();
        services.AddSingleton<SpoolLag>();
        services.AddSingleton<SpanSearch>();
        services.AddSingleton<MetricSearch>();
        services.AddSingleton<AttributeCatalog>();
        services.AddSingleton<AttributeValues>();
    }

    public static void MapSearch(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/search", Search).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("Traces with spans that match a TraceQL query, the one with the newest match first")
            .WithText("q", "TraceQL; every span when missing.").WithTimeRange()
            .WithNumber("limit", "Traces at most.", 1, TracesMax, TracesDefault).WithNumber("spans", "Spans listed of each spanset; all are counted.", 1, SpansMax, SpansDefault)
            .WithText("cursor", "nextCursor of the page before; it carries the range, so since and until are ignored.")
            .Produces<SearchResult>();
        app.MapGet("/api/query_range", QueryRange).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("Series of a TraceQL metrics query over time, with exemplar traces").DescribeMetrics()
            .WithText("step", "Time between points, as 30s or 5m; about 240 points when missing.");
        app.MapGet("/api/query", QueryInstant).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("A TraceQL metrics query with one bucket for the whole range").DescribeMetrics();
        app.MapAttributes();
    }

    private static RouteHandlerBuilder DescribeMetrics(this RouteHandlerBuilder endpoint) => endpoint
        .WithText("q", "A TraceQL metrics query; the rate of all spans when missing.").WithTimeRange()
        .WithNumber("exemplars", "Traces named for each bucket and series.", 0, ExemplarsMax, 1).WithNumber("series", "Series at most; the greatest are kept.", 1, SeriesMax, SeriesMax)
        .Produces<MetricResult>();

    private static Task QueryRange(HttpContext http, MetricSearch search, SearchOptions options, TimeProvider clock) => Query(http, search, options, clock, instant: false);

    private static Task QueryInstant(HttpContext http, MetricSearch search, SearchOptions options, TimeProvider clock) => Query(http, search, options, clock, instant: true);

    private static async Task Query(HttpContext http, MetricSearch search, SearchOptions options, TimeProvider clock, bool instant)
    {
        if (await ReadQuery<MetricsQuery>(http, "q", "{} | rate()", "It is a search: add a function such as | rate(), or ask /api/search.") is not { } query) return;
        if (TimeRange.Read(http, clock, out TimeRange range) is { } badRange)
        {
            await Problems.BadRequest(http, badRange.Parameter, badRange.Message);
            return;
        }
        string? stepText = http.Request.Query["step"];
        long step = MetricsWindow.DefaultStepNano(range.SinceUnixNano, range.UntilUnixNano);
        if (!string.IsNullOrEmpty(stepText) && (!TimeRange.TryParseDuration(stepText, out step) || step < 1_000_000))
        {
            await Problems.BadRequest(http, "step", $"'{Problems.Shorten(stepText)}' is not a step: send a duration from 1ms on, such as 30s or 5m.");
            return;
        }
        if ((range.UntilUnixNano - range.SinceUnixNano) / step > options.PointsMax)
        {
            await Problems.BadRequest(http, "step", $"The range has more than {options.PointsMax} steps: send a longer step or a shorter range.");
            return;
        }
        if (Problems.ReadInt(http, "exemplars", 0, ExemplarsMax, 1, out int exemplars) is { } badExemplars)
        {
            await Problems.BadRequest(http, "exemplars", badExemplars);
            return;
        }
        if (Problems.ReadInt(http, "series", 1, SeriesMax, SeriesMax, out int series) is { } badSeries)
        {
            await Problems.BadRequest(http, "series", badSeries);
            return;
        }
        MetricsWindow window = instant ? MetricsWindow.Instant(range.SinceUnixNano, range.UntilUnixNano) : MetricsWindow.Over(range.SinceUnixNano, range.UntilUnixNano, step);
        await Answer(http, () => search.Run(new MetricRequest(http.Tenant(), query, window, exemplars, series), http.RequestAborted));
    }

    private static async Task Search(HttpContext http, SpanSearch search, TimeProvider clock)
    {
        if (await ReadQuery<SearchQuery>(http, "q", "{}", "It is a metrics query: ask /api/query_range.") is not { } query) return;
        if (await ReadStart(http, clock) is not { } start) return;
        if (Problems.ReadInt(http, "limit", 1, TracesMax, TracesDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        if (Problems.ReadInt(http, "spans", 1, SpansMax, SpansDefault, out int spans) is { } badSpans)
        {
            await Problems.BadRequest(http, "spans", badSpans);
            return;
        }
        await Answer(http, () => search.Run(new SearchRequest(http.Tenant(), query, start, limit, spans), http.RequestAborted));
    }

    /// <summary>Reads a query. Answers with what is wrong and returns null when it is no query of this kind.</summary>
    internal static async Task<T?> ReadQuery<T>(HttpContext http, string parameter, string missing, string otherKind) where T : TraceQuery
    {
        string? text = http.Request.Query[parameter];
        QueryResult<TraceQuery> parsed = TraceQl.Parse(string.IsNullOrWhiteSpace(text) ? missing : text);
        if (!parsed.IsValid)
        {
            await QueryProblem.Write(http, parsed, parameter);
            return null;
        }
        if (parsed.Query is T query) return query;
        await Problems.BadRequest(http, parameter, otherKind);
        return null;
    }

    private static async Task<SearchCursor?> ReadStart(HttpContext http, TimeProvider clock)
    {
        string? cursor = http.Request.Query["cursor"];
        if (!string.IsNullOrEmpty(cursor))
        {
            if (SearchCursor.TryParse(cursor, out SearchCursor after)) return after;
            await Problems.BadRequest(http, "cursor", "It is not a cursor of this server: send nextCursor of the page before, unchanged.");
            return null;
        }
        if (TimeRange.Read(http, clock, out TimeRange range) is not { } bad) return SearchCursor.Start(range);
        await Problems.BadRequest(http, bad.Parameter, bad.Message);
        return null;
    }

    /// <summary>Answers what a search gives; 429 when there are too many.</summary>
    internal static async Task Answer<T>(HttpContext http, Func<Task<T>> run, JsonSerializerOptions? json = null)
    {
        try
        {
            await http.Response.WriteAsJsonAsync(await run(), json, http.RequestAborted);
        }
        catch (SearchBusyException busy)
        {
            await Problems.Busy(http, $"{busy.Message} Ask again in a few seconds.");
        }
    }
}
