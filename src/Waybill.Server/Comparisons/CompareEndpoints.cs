using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Causes;
using Waybill.Web;

namespace Waybill.Comparisons;

public static class CompareEndpoints
{
    private const int RowsMin = 100, RowsMax = 5_000, RowsDefault = 2_000, LimitMax = 500, LimitDefault = 50;

    public static void AddCompare(this IServiceCollection services)
    {
        services.AddSingleton<AttributeTable>();
        services.AddSingleton<VersionTable>();
        services.AddSingleton<Comparer>();
    }

    public static void MapCompare(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/compare", GetComparison).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("What differs most between two versions of a service, or between a time and another, with effect and confidence")
            .WithTimeRange()
            .WithText("baselineSince", "Begin of the time to compare with. Default: the time just before.")
            .WithText("baselineUntil", "End of the time to compare with. Default: since.")
            .WithText("service", "Only spans of this service.")
            .WithText("operation", "Only spans of this name.")
            .WithText("version", "Compare this version of the service with another, both in the same time.")
            .WithText("against", "The other version. Default: the one with most spans.")
            .WithNumber("rows", "Spans whose attributes are looked at, a side.", RowsMin, RowsMax, RowsDefault)
            .WithNumber("limit", "Differences at most.", 1, LimitMax, LimitDefault)
            .Produces<Comparison>();

    private static async Task GetComparison(HttpContext http, Comparer comparer, TimeProvider clock)
    {
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

    private static string? NotEmpty(HttpContext http, string name) => http.Request.Query[name] is [{ Length: > 0 } text] ? text : null;
}
