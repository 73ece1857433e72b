using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Causes;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Web;

namespace Waybill.Comparisons;

public static class CompareEndpoints
{
    private const int RowsMin = 100, RowsMax = 5_000, RowsDefault = 2_000, LimitMax = 500, LimitDefault = 50;

    public static void AddCompare(this IServiceCollection services)
    {
        services.AddSingleton<ComparedSpanTable>();
        services.AddSingleton<VersionTable>();
        services.AddSingleton<Comparer>();
        services.AddSingleton<SelectionComparer>();
    }

    public static void MapCompare(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/compare", GetComparison).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("What differs most between two versions of a service, a time and another, or selected spans and the rest, with effect and confidence")
            .WithTimeRange()
            .WithText("baselineSince", "Begin of the time to compare with. Default: the time just before.")
            .WithText("baselineUntil", "End of the time to compare with. Default: since.")
            .WithText("service", "Only spans of this service.")
            .WithText("q", "TraceQL: compare the spans it selects with the others of the time.")
            .WithText("within", "TraceQL, with q: both sides are only of these spans.")
            .WithText("selectedSince", "With q: the selected spans start from here on, earlier ones are of the rest. Default: since.")
            .WithText("selectedUntil", "With q: and before this. Default: until.")
            .WithText("operation", "Only spans of this name.")
            .WithText("version", "Compare this version of the service with another, both in the same time.")
            .WithText("against", "The other version. Default: the one with most spans.")
            .WithNumber("rows", "Spans whose attributes are looked at, a side.", RowsMin, RowsMax, RowsDefault)
            .WithNumber("limit", "Differences at most.", 1, LimitMax, LimitDefault)
            .Produces<Comparison>();

    private static async Task GetComparison(HttpContext http, Comparer comparer, SelectionComparer selections, TimeProvider clock)
    {
        if (NotEmpty(http, "q") is not null)
        {
            await CompareSelection(http, selections, clock);
            return;
        }
        if (TryRead(http, clock, out var question) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        await http.Response.WriteAsJsonAsync(await comparer.Compare(http.Tenant(), question!, http.RequestAborted), http.RequestAborted);
    }

    private static (string Parameter, string Message)? TryRead(HttpContext http, TimeProvider clock, out CompareQuestion? question)
    {
        question = null;
        if (CauseEndpoints.TryRead(http, clock, out var ranges) is { } bad && bad.Parameter != "limit") return bad;
        if (Problems.ReadInt(http, "rows", RowsMin, RowsMax, RowsDefault, out int rows) is { } badRows) return ("rows", badRows);
        if (Problems.ReadInt(http, "limit", 1, LimitMax, LimitDefault, out int limit) is { } badLimit) return ("limit", badLimit);
        string? version = NotEmpty(http, "version"), against = NotEmpty(http, "against");
        if (version is not null && ranges.Service is null) return ("service", "version needs a service: whose version is it?");
        if (version is null && against is not null) return ("version", "against needs a version to compare.");
        if (version is not null && version == against) return ("against", "A version cannot be compared with itself.");
        question = new CompareQuestion(ranges.Window, ranges.Baseline, ranges.Service, NotEmpty(http, "operation"), version, against, rows, limit);
        return null;
    }

    private static async Task CompareSelection(HttpContext http, SelectionComparer selections, TimeProvider clock)
    {
        if (await SearchEndpoints.ReadQuery<SearchQuery>(http, "q", "{}", "It is a metrics query: select spans, as in { status = error }.") is not { } selection) return;
        if (await SearchEndpoints.ReadQuery<SearchQuery>(http, "within", "{}", "It is a metrics query: select spans.") is not { } within) return;
        if (TryReadSelection(http, clock, out TimeRange range, out TimeRange selectedIn, out int rows, out int limit) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        var question = new SelectionQuestion(range, selectedIn, selection.Pipeline, NotEmpty(http, "within") is null ? null : within.Pipeline, rows, limit);
        await SearchEndpoints.Answer(http, () => selections.Compare(http.Tenant(), question, http.RequestAborted));
    }

    private static (string Parameter, string Message)? TryReadSelection(HttpContext http, TimeProvider clock, out TimeRange range, out TimeRange selectedIn, out int rows, out int limit)
    {
        (selectedIn, rows, limit) = (default, 0, 0);
        if (TimeRange.Read(http, clock, out range) is { } badRange) return badRange;
        foreach (string other in (string[])["service", "operation", "version", "against", "baselineSince", "baselineUntil"])
            if (NotEmpty(http, other) is not null) return (other, $"With q the sides are what it selects and the rest: say {other} in TraceQL, in q or within.");
        if (Problems.ReadInt(http, "rows", RowsMin, RowsMax, RowsDefault, out rows) is { } badRows) return ("rows", badRows);
        if (Problems.ReadInt(http, "limit", 1, LimitMax, LimitDefault, out limit) is { } badLimit) return ("limit", badLimit);
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000, since = range.SinceUnixNano, until = range.UntilUnixNano;
        if (NotEmpty(http, "selectedSince") is { } first && !TimeRange.TryParse(first, now, out since)) return ("selectedSince", $"'{Problems.Shorten(first)}' is not a time.");
        if (NotEmpty(http, "selectedUntil") is { } last && !TimeRange.TryParse(last, now, out until)) return ("selectedUntil", $"'{Problems.Shorten(last)}' is not a time.");
        selectedIn = new TimeRange(Math.Max(since, range.SinceUnixNano), Math.Min(until, range.UntilUnixNano));
        return selectedIn.SinceUnixNano < selectedIn.UntilUnixNano ? null : ("selectedSince", "The selected time does not lie within since and until.");
    }

    private static string? NotEmpty(HttpContext http, string name) => http.Request.Query[name] is [{ Length: > 0 } text] ? text : null;
}
