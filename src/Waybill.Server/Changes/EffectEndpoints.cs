using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Web;

namespace Waybill.Changes;

/// <summary>How well a service did before its changes and after them.</summary>
internal static class EffectEndpoints
{
    private const int MinutesDefault = 15, MinutesMax = 120;

    public static void MapEffects(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/changes/effects", List).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("Requests, errors and latency of the services before and after their changes: those of /api/changes with the same parameters")
            .WithChangeFilter()
            .WithNumber("minutes", "Minutes before, and after, that are compared.", 1, MinutesMax, MinutesDefault)
            .Produces<EffectListing>();
        app.MapGet("/api/changes/{id}/effect", Find).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("Requests, errors and latency of the service before and after one change")
            .WithPath("id", "32 hexadecimal digits, or its sender's own name for it.")
            .WithNumber("minutes", "Minutes before, and after, that are compared.", 1, MinutesMax, MinutesDefault)
            .Produces<ChangeEffect>();
    }

    private static async Task List(HttpContext http, ChangeTable changes, EffectTable effects, TimeProvider clock)
    {
        if (Problems.ReadInt(http, "minutes", 1, MinutesMax, MinutesDefault, out int minutes) is { } bad)
        {
            await Problems.BadRequest(http, "minutes", bad);
            return;
        }
        if (await ChangeEndpoints.ReadPage(http, changes, clock) is not { } read) return;
        var found = await effects.Read(http.Tenant(), read.Page.Changes, minutes, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(new EffectListing(found, minutes, "complete", []), ApiJson.WithoutNulls, http.RequestAborted);
    }

    private static async Task Find(HttpContext http, string id, ChangeTable changes, EffectTable effects)
    {
        if (Problems.ReadInt(http, "minutes", 1, MinutesMax, MinutesDefault, out int minutes) is { } bad)
        {
            await Problems.BadRequest(http, "minutes", bad);
            return;
        }
        if (await changes.Find(http.Tenant(), id, http.RequestAborted) is not { } change) await Problems.NotFound(http, "No change has this id or key. One that was acknowledged just now can be read a second later.");
        else if (await effects.Read(http.Tenant(), [change], minutes, http.RequestAborted) is [{ } effect]) await http.Response.WriteAsJsonAsync(effect, ApiJson.WithoutNulls, http.RequestAborted);
        else await Problems.NotFound(http, "The change names no service, so there is nothing to compare.");
    }
}
