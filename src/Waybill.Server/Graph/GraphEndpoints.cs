using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Waybill.Graph;

public static class GraphEndpoints
{
    public static void AddGraph(this IServiceCollection services)
    {
        services.AddOptions<GraphOptions>().BindConfiguration("Graph").ValidateOnStart();
        services.AddSingleton<IValidateOptions<GraphOptions>, GraphOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<GraphOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<GraphOptions>().Keys);
    }

    public static void MapGraph(this IEndpointRouteBuilder app)
    {
    }
}
