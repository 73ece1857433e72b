using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Web;

namespace Waybill.Map;

public static class MapEndpoints
{
    public static void AddMap(this IServiceCollection services)
    {
        services.AddOptions<MapOptions>().BindConfiguration("Map").ValidateOnStart();
        services.AddSingleton<IValidateOptions<MapOptions>, MapOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<MapOptions>>().Value);
        services.AddSingleton<EdgeTable>();
        services.AddSingleton<MapTable>();
        services.AddSingleton<MapReader>();
        services.AddHostedService<EdgeLoop>();
    }

    public static void MapMap(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/map", GetMap).On(Listener.Console).WithSummary("The service map of a window, with health against the window before and a week ago.").Produces<ServiceMap>();
    }

    private static async Task GetMap(HttpContext http, MapReader reader, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        ServiceMap map = await reader.Read(http.Tenant(), range, http.RequestAborted);
        string? service = http.Request.Query["service"];
        await http.Response.WriteAsJsonAsync(string.IsNullOrEmpty(service) ? map : map.Around($"service:{service}"), http.RequestAborted);
    }
}
