using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Storage;
using Waybill.Web;

namespace Waybill.Traces;

public static class TraceEndpoints
{
    private const int SpansDefault = 100_000, SpansMax = 1_000_000, LogsMax = 10_000, ListDefault = 50, ListMax = 1_000;
    private const int FlushBytes = 64 * 1024;

    public static void AddTraces(this IServiceCollection services)
    {
        services.AddSingleton<RecentTraces>(_ => new RecentTraces());
        services.AddHostedService<RecentTracesLoop>();
        services.AddSingleton<TraceTable>();
        services.AddSingleton<OriginTable>();
        services.AddSingleton<TraceReader>();
        services.AddSingleton<TraceList>();
        services.AddSingleton<ServiceList>();
    }

    public static void MapTraces(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/traces/{id}", GetTrace).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("One trace: its spans in the order of a waterfall, its log records, who sent them, and what may be missing")
            .WithPath("id", "32 hexadecimal digits, or 16 for 64-bit ids.")
            .WithChoice("fields", "skeleton leaves out attributes, events, links, scopes and logs.", "all", "skeleton")
            .WithNumber("limit", "Spans at most.", 1, SpansMax, SpansDefault)
            .Produces<TraceDocument>();
        app.MapGet("/api/traces", ListTraces).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("The latest traces in which one span has all that is asked, newest first")
            .WithTimeRange()
            .WithText("service", "Its service.")
            .WithText("operation", "Its name.")
            .WithText("minDuration", "It lasted at least so long, such as 250ms, 1.5s, 2m.")
            .WithFlag("error", "Whether it failed.")
            .WithNumber("limit", "Traces at most.", 1, ListMax, ListDefault)
            .Produces<TraceListing>();
        app.MapGet("/api/services", ListServices).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("The services that sent spans, with requests, failures and latencies")
            .WithTimeRange()
            .Produces<ServiceListing>();
    }

    private static async Task GetTrace(HttpContext http, string id, TraceReader reader)
    {
        if (!TraceId.TryParse(id, out TraceId traceId) || traceId.IsZero)
        {
            await Problems.BadRequest(http, "id", $"'{Problems.Shorten(id)}' is not a trace id: send 32 hexadecimal digits (or 16, for 64-bit ids).");
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, SpansMax, SpansDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        string? fields = http.Request.Query["fields"];
        if (fields is not (null or "" or "all" or "skeleton"))
        {
            await Problems.BadRequest(http, "fields", "Expected all or skeleton.");
            return;
        }

        TraceAnswer? answer = await reader.Read(http.Tenant(), traceId, skeleton: fields == "skeleton", limit, LogsMax, http.RequestAborted);
        if (answer is null)
        {
            await Problems.NotFound(http, http.Identity().Scope.IsWhole && reader.Received(http.Tenant(), traceId)
                ? $"Spans of trace {traceId} were received and are durable, but not searchable yet. Ask again in a second; spool.lagSeconds in /api/status tells how far the store is behind."
                : $"No span or log record of trace {traceId} is stored, and none was received lately. Check the id, and in /api/status what was refused.");
            return;
        }
        http.Response.ContentType = "application/json";
        var body = http.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(body, StoredAttributes.Relaxed);
        await new TraceJson(json, answer).Write(async () =>
        {
            // The writer passes each full buffer of its own on to the pipe, so what waits to be sent is there.
            if (body.UnflushedBytes < FlushBytes) return;
            await json.FlushAsync(http.RequestAborted);
            await body.FlushAsync(http.RequestAborted);
        });
        await json.FlushAsync(http.RequestAborted);
    }

    private static async Task ListTraces(HttpContext http, TraceList list, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } badRange)
        {
            await Problems.BadRequest(http, badRange.Parameter, badRange.Message);
            return;
        }
        if (Problems.ReadInt(http, "limit", 1, ListMax, ListDefault, out int limit) is { } badLimit)
        {
            await Problems.BadRequest(http, "limit", badLimit);
            return;
        }
        string? duration = NotEmpty(http.Request.Query["minDuration"]), error = NotEmpty(http.Request.Query["error"]);
        long shortest = 0;
        if (duration is not null && !TimeRange.TryParseDuration(duration, out shortest))
        {
            await Problems.BadRequest(http, "minDuration", $"'{Problems.Shorten(duration)}' is not a duration: send one such as 250ms, 1.5s, 2m.");
            return;
        }
        if (error is not (null or "true" or "false"))
        {
            await Problems.BadRequest(http, "error", "Expected true or false.");
            return;
        }
        var filter = new TraceFilter(NotEmpty(http.Request.Query["service"]), NotEmpty(http.Request.Query["operation"]), duration is null ? null : shortest, error is null ? null : error == "true");
        await http.Response.WriteAsJsonAsync(await list.Read(http.Tenant(), range, filter, limit, http.RequestAborted), http.RequestAborted);
    }

    private static async Task ListServices(HttpContext http, ServiceList list, TimeProvider clock)
    {
        if (TimeRange.Read(http, clock, out TimeRange range) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        await http.Response.WriteAsJsonAsync(await list.Read(http.Tenant(), range, http.RequestAborted), http.RequestAborted);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
