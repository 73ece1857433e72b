using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Batches;
using Waybill.Web;

namespace Waybill.Digests;

public static class DigestEndpoints
{
    public static void AddDigests(this IServiceCollection services) => services.AddSingleton<DigestReader>();

    public static void MapDigests(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/traces/{id}/digest", GetDigest).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("What a trace was: root, services, critical path, where it failed first, versions, flags, business ids, linked traces")
            .WithPath("id", "32 hexadecimal digits, or 16 for 64-bit ids.")
            .Produces<TraceDigest>();

    private static async Task GetDigest(HttpContext http, string id, DigestReader digests)
    {
        if (!TraceId.TryParse(id, out TraceId traceId) || traceId.IsZero)
        {
            await Problems.BadRequest(http, "id", $"'{Problems.Shorten(id)}' is not a trace id: send 32 hexadecimal digits (or 16, for 64-bit ids).");
            return;
        }
        if (await digests.Read(http.Tenant(), traceId, http.RequestAborted) is { } digest) await http.Response.WriteAsJsonAsync(digest, http.RequestAborted);
        else await Problems.NotFound(http, $"Nothing of trace {traceId} is stored. /api/why/{traceId} says why it may be missing.");
    }
}
