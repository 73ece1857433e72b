using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Web;

namespace Waybill.Quarantine;

public static class QuarantineEndpoints
{
    private const int EntriesDefault = 100, EntriesMax = 1_000;

    public static void AddQuarantine(this IServiceCollection services) => services.AddSingleton<QuarantineTable>();

    public static void MapQuarantine(this IEndpointRouteBuilder app) => app.MapGet("/api/quarantine", List).On(Listener.Console).Needs(Permission.LogsRead)
        .WithSummary("What arrived with impossible times and lies aside, by who sent it and why")
        .WithText("signal", "traces, logs or metrics; all when missing.")
        .WithNumber("limit", "Entries at most.", 1, EntriesMax, EntriesDefault)
        .Produces<QuarantineListing>();

    private static async Task List(HttpContext http, QuarantineTable quarantine)
    {
        string signal = http.Request.Query["signal"].ToString();
        if (signal is not ("" or "traces" or "logs" or "metrics")) await Problems.BadRequest(http, "signal", $"'{Problems.Shorten(signal)}' is no signal: send traces, logs or metrics.");
        else if (Problems.ReadInt(http, "limit", 1, EntriesMax, EntriesDefault, out int limit) is { } badLimit) await Problems.BadRequest(http, "limit", badLimit);
        else await http.Response.WriteAsJsonAsync(await quarantine.List(http.Tenant(), signal, limit, http.RequestAborted), http.RequestAborted);
    }
}
