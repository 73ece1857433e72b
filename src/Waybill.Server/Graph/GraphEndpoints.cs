using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Web;

namespace Waybill.Graph;

public static class GraphEndpoints
{
    private const int StepsMax = 20, StepsDefault = 3, NodesMax = 2_000, NodesDefault = 300;

    public static void AddGraph(this IServiceCollection services)
    {
        services.AddOptions<GraphOptions>().BindConfiguration("Graph").ValidateOnStart();
        services.AddSingleton<IValidateOptions<GraphOptions>, GraphOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<GraphOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<GraphOptions>().Keys);
        services.AddSingleton<LinkTable>();
        services.AddSingleton<AliasTable>();
        services.AddSingleton<TraceEndTable>();
        services.AddSingleton<GraphReader>();
    }

    public static void MapGraph(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/graph/{id}", GetGraph).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("The causal graph around an id: spans, traces, messages, jobs, and what led from one to the other")
            .WithPath("id", "A trace id, trace:span, a business id (alone or as key=value), or a message id.")
            .WithNumber("up", "Steps towards causes.", 0, StepsMax, StepsDefault)
            .WithNumber("down", "Steps towards effects.", 0, StepsMax, StepsDefault)
            .WithNumber("limit", "Nodes at most.", 1, NodesMax, NodesDefault)
            .WithChoice("expand", "Whose spans to show: those of the traces asked for, or of all.", "focus", "all")
            .Produces<CausalGraph>();

    private static async Task GetGraph(HttpContext http, string id, GraphReader graphs)
    {
        (string Parameter, string? Bad)[] numbers =
        [
            ("up", Problems.ReadInt(http, "up", 0, StepsMax, StepsDefault, out int up)),
            ("down", Problems.ReadInt(http, "down", 0, StepsMax, StepsDefault, out int down)),
            ("limit", Problems.ReadInt(http, "limit", 1, NodesMax, NodesDefault, out int limit)),
        ];
        foreach ((string parameter, string? bad) in numbers)
        {
            if (bad is null) continue;
            await Problems.BadRequest(http, parameter, bad);
            return;
        }
        string? expand = http.Request.Query["expand"];
        if (expand is not (null or "" or "focus" or "all"))
        {
            await Problems.BadRequest(http, "expand", "Expected focus or all.");
            return;
        }
        CausalGraph? graph = await graphs.Read(http.Tenant(), new GraphQuestion(id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), up, down, limit, expand == "all"), http.RequestAborted);
        if (graph is not null) await http.Response.WriteAsJsonAsync(graph, http.RequestAborted);
        else await Problems.NotFound(http, $"No stored trace answers to '{Problems.Shorten(id)}'. /api/why/{Uri.EscapeDataString(id)} says why it may be missing.");
    }
}
