using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Catalogs;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Map;

public static class MapEndpoints
{
    private const int EdgesMax = 1_000, EdgesDefault = 50, PointsMax = 60;

    public static void AddMap(this IServiceCollection services)
    {
        services.AddOptions<MapOptions>().BindConfiguration("Map").ValidateOnStart();
        services.AddSingleton<IValidateOptions<MapOptions>, MapOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<MapOptions>>().Value);
        services.AddSingleton<EdgeTable>();
        services.AddSingleton<MapTable>();
        services.AddSingleton<MapReader>();
        services.AddSingleton<LostContextTable>();
        services.AddHostedService<EdgeLoop>();
    }

    public static void MapMap(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/map", GetMap).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("The service map of a window, with health against the window before and the week before, and which version runs where")
            .WithTimeRange()
            .WithText("service", "Only this service and its neighbours.")
            .WithText("environment", "Only calls into this environment, and what it calls that sends no spans. Default: all.")
            .Produces<ServiceMap>();
        app.MapGet("/api/lost-context", GetLostContext).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("Which edges lose the context of requests, how often, and since when")
            .WithTimeRange()
            .WithText("environment", "Only of this environment. Default: all.")
            .WithNumber("limit", "Edges at most.", 1, EdgesMax, EdgesDefault)
            .Produces<LostContextReport>();
    }

    private static async Task GetLostContext(HttpContext http, LostContextTable table, Catalog catalog, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, EdgesMax, EdgesDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        var reasons = new List<PartialReason>();
        long settled = (clock.GetUtcNow() - MapTable.Settling).ToUnixTimeSeconds() / 60 * 60_000_000_000;
        if (range.UntilUnixNano > settled && settled > range.SinceUnixNano)
        {
            reasons.Add(new("still_arriving", "The last minute or two are not judged yet: what is missing there may still arrive."));
            range = range with { UntilUnixNano = settled };
        }
        string environment = http.Request.Query["environment"].ToString();
        long length = range.UntilUnixNano - range.SinceUnixNano;
        uint step = (uint)Math.Max(60, length / 1_000_000_000 / PointsMax / 60 * 60);
        Task<List<EdgeSlice>> before = table.Read(http.Tenant(), new TimeRange(range.SinceUnixNano - length, range.SinceUnixNano), environment, (uint)Math.Max(60, length / 1_000_000_000 / 60 * 60), http.RequestAborted);
        List<EdgeSlice> now = await table.Read(http.Tenant(), range, environment, step, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(new LostContexts(now, await before).Report(range, limit, reasons, catalog.OwnerOf), http.RequestAborted);
    }

    private static async Task GetMap(HttpContext http, MapReader reader, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        ServiceMap map = await reader.Read(http.Tenant(), range, http.RequestAborted, http.Request.Query["environment"].ToString());
        string? service = http.Request.Query["service"];
        await http.Response.WriteAsJsonAsync(string.IsNullOrEmpty(service) ? map : map.Around($"service:{service}"), http.RequestAborted);
    }
}
