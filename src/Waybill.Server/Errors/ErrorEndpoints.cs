using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Changes;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Errors;

/// <summary>Groups of exceptions, most frequent first.</summary>
/// <param name="BucketNano">How long each number of a trend stands for.</param>
public sealed record ErrorListing(
    IReadOnlyList<ErrorGroup> Groups, long BucketNano, string SinceUnixNano, string UntilUnixNano, [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons);

public static class ErrorEndpoints
{
    private const int LimitDefault = 100, LimitMax = 1_000, BucketsInList = 30, BucketsOfGroup = 60, LatestMax = 20, ChangesMax = 100;

    public static void AddErrors(this IServiceCollection services)
    {
        services.AddSingleton<ErrorTable>();
        services.AddSingleton<NewErrors>();
    }

    public static void MapErrors(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/exceptions", List).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("Exceptions by type and stack: how often, since when, in which versions, under which flags, and since which change")
            .WithTimeRange()
            .WithText("service", "Of this service.")
            .WithText("environment", "Of this environment.")
            .WithText("version", "In this version.")
            .WithFlag("new", "Only groups never seen before the range.")
            .WithNumber("limit", "Groups at most.", 1, LimitMax, LimitDefault)
            .Produces<ErrorListing>();
        app.MapGet("/api/exceptions/{group}", Find).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("One group of exceptions, with its stack, its latest traces and the changes of its service")
            .WithPath("group", "16 hexadecimal digits.")
            .WithTimeRange()
            .Produces<ErrorGroup>();
    }

    private static async Task List(HttpContext http, ErrorTable table, NewErrors news, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } badRange)
        {
            await Problems.BadRequest(http, badRange.Parameter, badRange.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, LimitMax, LimitDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        string? only = One(http.Request.Query["new"]);
        if (only is not (null or "true" or "false"))
        {
            await Problems.BadRequest(http, "new", "Expected true or false.");
            return;
        }
        var filter = new ErrorFilter(One(http.Request.Query["service"]), One(http.Request.Query["environment"]), One(http.Request.Query["version"]));
        // What is new is known of the groups only: all that may be are read, and the others left out.
        var groups = await table.Groups(http.Tenant(), range, filter, only == "true" ? LimitMax : limit, BucketsInList, http.RequestAborted);
        if (only is not null) groups = [.. groups.Where(group => group.IsNew == (only == "true")).Take(limit)];
        groups = await news.Explain(http.Tenant(), groups, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(new ErrorListing(groups, ErrorTable.BucketNano(range, BucketsInList), $"{range.SinceUnixNano}", $"{range.UntilUnixNano}", "complete", []), ApiJson.WithoutNulls, http.RequestAborted);
    }

    private static async Task Find(HttpContext http, string group, ErrorTable table, NewErrors news, ChangeTable changes, TimeProvider clock)
    {
        if (group.Length != 16 || !ulong.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong id))
        {
            await Problems.BadRequest(http, "group", $"'{Problems.Shorten(group)}' is not a group: send the 16 hexadecimal digits that GET /api/exceptions names it by.");
            return;
        }
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        var found = await table.Groups(http.Tenant(), range, new ErrorFilter(Group: id), 1, BucketsOfGroup, http.RequestAborted);
        if (found.Count == 0)
        {
            await Problems.NotFound(http, $"Nothing of group {group} happened in this range. Widen it with since.");
            return;
        }
        var latest = table.Latest(http.Tenant(), range, id, LatestMax, http.RequestAborted);
        var changed = changes.Read(http.Tenant(), range, new ChangeFilter { Services = [found[0].Service] }, ChangesMax, null, http.RequestAborted);
        ErrorGroup explained = (await news.Explain(http.Tenant(), found, http.RequestAborted))[0];
        await http.Response.WriteAsJsonAsync(explained with { Traces = await latest, Changes = (await changed).Changes }, ApiJson.WithoutNulls, http.RequestAborted);
    }

    private static string? One(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
