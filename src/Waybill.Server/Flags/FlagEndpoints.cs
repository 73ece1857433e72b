using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Batches;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Flags;

/// <summary>A flag value in a trace.</summary>
/// <param name="InheritingSpanCount">Spans below the one that asked which ran under its answer; not weighted.</param>
/// <param name="InheritingErrorCount">Of those and the one that asked, the failed ones.</param>
public sealed record FlagInTrace(
    string Key, string Value, string? Variant, string? Reason, string? Provider, string? Context, string SpanId, string Service, string TimeUnixNano,
    int InheritingSpanCount, int InheritingErrorCount);

public sealed record FlagsInTrace(IReadOnlyList<FlagInTrace> Flags, [AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons);

public static class FlagEndpoints
{
    private const int SpansMax = 100_000, EvaluationsMax = 10_000;

    public static void AddFlags(this IServiceCollection services) => services.AddSingleton<FlagTable>();

    public static void MapFlags(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/traces/{id}/flags", Read).On(Listener.Console).Needs(Permission.TracesRead).WithinScope()
            .WithSummary("The feature flags that a trace ran under: their values, who asked, and how many spans inherited the answer")
            .WithPath("id", "32 hexadecimal digits, or 16 for 64-bit ids.")
            .Produces<FlagsInTrace>();

    private static async Task Read(HttpContext http, string id, TraceReader traces, TraceTable table, FlagTable flags)
    {
        if (!TraceId.TryParse(id, out TraceId traceId) || traceId.IsZero)
        {
            await Problems.BadRequest(http, "id", $"'{Problems.Shorten(id)}' is not a trace id: send 32 hexadecimal digits (or 16, for 64-bit ids).");
            return;
        }
        TraceAnswer? answer = await traces.Read(http.Tenant(), traceId, skeleton: true, SpansMax, 0, http.RequestAborted);
        TraceExtent extent = await table.FindExtent(http.Tenant(), traceId, http.RequestAborted);
        if (answer is null || (extent.Spans ?? extent.Logs) is not { } at)
        {
            await Problems.NotFound(http, $"No span of trace {traceId} is stored.");
            return;
        }
        var evaluations = await flags.ReadTrace(http.Tenant(), traceId, at, EvaluationsMax, http.RequestAborted);
        var inherited = new InheritedFlags(answer.Trace, evaluations);
        var listed = evaluations.Select((evaluation, i) =>
        {
            List<int> under = [.. inherited.RowsUnder(i)];
            int own = under.Count(row => answer.Trace.Nodes[row].Id == evaluation.Span);
            return new FlagInTrace(evaluation.Key, evaluation.Value, evaluation.Variant, evaluation.Reason, evaluation.Provider, evaluation.Context, evaluation.Span.ToString(), evaluation.Service,
                $"{evaluation.UnixNano}", under.Count - own, under.Count(row => HasFailed(answer.Trace, row)));
        });
        await http.Response.WriteAsJsonAsync(new FlagsInTrace([.. listed], answer.Reasons.Count == 0 ? "complete" : "partial", answer.Reasons), ApiJson.WithoutNulls, http.RequestAborted);
    }

    private static bool HasFailed(StoredTrace trace, int row) => trace[row].Block["status"].GetInt64(trace[row].Row) == 2;
}
