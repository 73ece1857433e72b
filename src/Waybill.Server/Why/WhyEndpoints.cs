using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Web;

namespace Waybill.Why;

public static class WhyEndpoints
{
    private const int QuestionCharsMax = 500;

    public static void AddWhy(this IServiceCollection services)
    {
        services.AddSingleton<OperationTable>();
        services.AddSingleton<LookUpTable>();
        services.AddSingleton<Owners>();
        services.AddSingleton<BeginningStory>();
        services.AddSingleton<ChangeStory>();
        services.AddSingleton<TraceStory>();
        services.AddSingleton<ServiceStory>();
        services.AddSingleton<MissingStory>();
        services.AddSingleton<WhyReader>();
    }

    public static void MapWhy(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/why/{anything}", GetWhy).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("The causal story of anything that has an id: what happened, what led to it, what changed before, who did that, what else it hit, what to do next; or why it is missing")
            .WithPath("anything", "A trace, span, business or request id, message id, change, commit, service, instance, exception, log record.")
            .WithFlag("suspects", "Compare with good requests too, and add the ranked suspects: a second instead of a tenth of one.", false)
            .Produces<WhyAnswer>();

    private static async Task GetWhy(HttpContext http, string anything, WhyReader why)
    {
        string question = anything.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Trim();
        if (question.Length is 0 or > QuestionCharsMax)
        {
            await Problems.BadRequest(http, "anything", $"Expected an id, a name or a few words, up to {QuestionCharsMax} characters.");
            return;
        }
        string? suspects = http.Request.Query["suspects"];
        if (suspects is not (null or "" or "true" or "false"))
        {
            await Problems.BadRequest(http, "suspects", "Expected true or false.");
            return;
        }
        await http.Response.WriteAsJsonAsync(await why.Read(http.Tenant(), question, suspects == "true", http.RequestAborted), ApiJson.WithoutNulls, http.RequestAborted);
    }
}
