using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Batches;
using Waybill.Web;

namespace Waybill.Causes;

public static class CauseEndpoints
{
    private const int LimitDefault = 10, LimitMax = 100;
    private const long WindowDefaultNano = 900_000_000_000, WindowNanoMin = 1_000_000_000;

    public static void AddCauses(this IServiceCollection services)
    {
        services.AddSingleton<SampleTable>();
        services.AddSingleton<Samples>();
        services.AddSingleton<SpanAttributes>();
        services.AddSingleton<Baselines>();
        services.AddSingleton<ResourceTable>();
        services.AddSingleton<LogLineTable>();
        services.AddSingleton<Suspects>();
    }

    public static void MapCauses(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/causes", GetCauses).On(Listener.Console).Needs(Permission.TracesRead)
            .WithSummary("What may have caused a slow or failing time, best first, with the evidence")
            .WithTimeRange()
            .WithText("baselineSince", "Begin of the time it is compared with. Default: the time just before.")
            .WithText("baselineUntil", "End of the time it is compared with. Default: since.")
            .WithText("service", "Only suspects in this service and in what it calls.")
            .WithText("environment", "Without spans that name another environment.")
            .WithText("trace", "A trace: why it is bad, against others that began with the same operation. since and until are then not needed.")
            .WithNumber("limit", "Suspects at most.", 1, LimitMax, LimitDefault)
            .Produces<CauseReport>();

    private static async Task GetCauses(HttpContext http, Suspects suspects, TimeProvider clock)
    {
        if (TryRead(http, clock, out var question) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        try
        {
            await http.Response.WriteAsJsonAsync(await suspects.Rank(http.Tenant(), question, http.RequestAborted), http.RequestAborted);
        }
        catch (UnknownTraceException unknown)
        {
            await Problems.NotFound(http, $"{unknown.Message} Check the id; what arrived less than a few seconds ago may not be searchable yet.");
        }
    }

    internal static (string Parameter, string Message)? TryRead(HttpContext http, TimeProvider clock, out CauseQuestion question)
    {
        question = new CauseQuestion(default);
        if (TimeRange.Read(http, clock, out var window) is { } badWindow) return badWindow;
        if (string.IsNullOrEmpty(http.Request.Query["since"])) window = window with { SinceUnixNano = window.UntilUnixNano - WindowDefaultNano };
        if (window.UntilUnixNano - window.SinceUnixNano < WindowNanoMin) return ("until", "The window is shorter than a second: nothing can be told from so little.");
        TimeRange? baseline = null;
        string? since = http.Request.Query["baselineSince"], until = http.Request.Query["baselineUntil"];
        if (!string.IsNullOrEmpty(since) || !string.IsNullOrEmpty(until))
        {
            if (string.IsNullOrEmpty(since)) return ("baselineSince", "baselineUntil was given without baselineSince: send both or neither.");
            long now = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000, last = window.SinceUnixNano;
            if (!TimeRange.TryParse(since, now, out long first)) return ("baselineSince", $"'{Problems.Shorten(since)}' is not a time.");
            if (!string.IsNullOrEmpty(until) && !TimeRange.TryParse(until, now, out last)) return ("baselineUntil", $"'{Problems.Shorten(until)}' is not a time.");
            if (first >= last) return ("baselineSince", "baselineSince must lie before baselineUntil.");
            baseline = new TimeRange(first, last);
        }
        if (Problems.ReadInt(http, "limit", 1, LimitMax, LimitDefault, out int limit) is { } badLimit) return ("limit", badLimit);
        string? service = http.Request.Query["service"];
        TraceId? trace = null;
        string? id = http.Request.Query["trace"];
        if (!string.IsNullOrEmpty(id))
        {
            if (!TraceId.TryParse(id, out TraceId known) || known.IsZero) return ("trace", $"'{Problems.Shorten(id)}' is not a trace id: send 32 hexadecimal digits (or 16, for 64-bit ids).");
            trace = known;
        }
        question = new CauseQuestion(window, baseline, string.IsNullOrEmpty(service) ? null : service, trace, limit, http.Request.Query["environment"] is [{ Length: > 0 } environment] ? environment : null);
        return null;
    }
}
