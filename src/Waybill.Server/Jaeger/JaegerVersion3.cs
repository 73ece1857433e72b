using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Batches;
using Waybill.Search;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Jaeger;

/// <summary>A trace in the list of the newer UI.</summary>
internal sealed record JaegerSummary(
    string TraceId, string RootServiceName, string RootOperationName, string MinStartTimeUnixNano, string MaxEndTimeUnixNano, int SpanCount, int ErrorSpanCount, int OrphanSpanCount, IReadOnlyList<JaegerServiceSummary> Services);

internal sealed record JaegerServiceSummary(string Name, int SpanCount, int ErrorSpanCount);

/// <summary>Version 3: OTLP in JSON, in the envelope of a gRPC gateway's stream. Many traces come in one envelope, for clients that read only the first.</summary>
internal static class JaegerVersion3
{
    public static void MapVersion3(this IEndpointRouteBuilder api)
    {
        api.MapGet("/services", async (HttpContext http, JaegerCatalog catalog) =>
            await http.Response.WriteAsJsonAsync(new { services = await catalog.Services(http.Tenant(), http.RequestAborted) }, http.RequestAborted));
        api.MapGet("/operations", (HttpContext http, JaegerCatalog catalog) => JaegerVersion1.Operations(http, JaegerQuery.One(http, "service"), catalog, operations =>
            http.Response.WriteAsJsonAsync(new { operations = operations.Select(operation => operation.SpanKind.Length > 0 ? operation : operation with { SpanKind = "internal" }).Distinct() }, http.RequestAborted)));
        api.MapGet("/traces/{id}", GetTrace);
        api.MapGet("/traces", FindTraces);
        api.MapGet("/trace-summaries", FindSummaries);
    }

    private static async Task GetTrace(HttpContext http, string id, JaegerTraces traces)
    {
        if (!JaegerTraces.TryReadId(id, out TraceId traceId))
        {
            await Problems.BadRequest(http, "trace_id", JaegerTraces.WrongId(id));
            return;
        }
        if ((JaegerQuery.CheckTime3(http, "startTime", "start_time") ?? JaegerQuery.CheckTime3(http, "endTime", "end_time")) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        await Write(http, traces, [traceId.ToString()]);
    }

    private static async Task FindTraces(HttpContext http, JaegerTraces traces)
    {
        if (await Find(http, traces) is { } found) await Write(http, traces, found.Traces.Select(trace => trace.TraceId));
    }

    private static async Task FindSummaries(HttpContext http, JaegerTraces traces)
    {
        if (await Find(http, traces) is not { } found) return;
        await http.Response.WriteAsJsonAsync(new { summaries = found.Traces.Select(ToSummary) }, http.RequestAborted);
    }

    private static async Task<SearchResult?> Find(HttpContext http, JaegerTraces traces)
    {
        if (JaegerQuery.Read3(http, out JaegerQuery query) is not { } bad) return await JaegerVersion1.Find(http, traces, query);
        await Problems.BadRequest(http, bad.Parameter, bad.Message);
        return null;
    }

    private static JaegerSummary ToSummary(FoundTrace trace) => new(
        trace.TraceId, trace.RootService ?? "", trace.RootName ?? "", trace.StartUnixNano, (long.Parse(trace.StartUnixNano) + trace.DurationNano).ToString(System.Globalization.CultureInfo.InvariantCulture),
        trace.SpanCount, trace.ErrorCount, trace.OrphanCount, [.. trace.Services.Select(service => new JaegerServiceSummary(service.Service, service.SpanCount, service.ErrorCount))]);

    private static async Task Write(HttpContext http, JaegerTraces traces, IEnumerable<string> ids)
    {
        await using var found = traces.Read(http.Tenant(), ids, http.RequestAborted).GetAsyncEnumerator(http.RequestAborted);
        if (!await found.MoveNextAsync())
        {
            await Problems.NotFound(http, "No traces found");
            return;
        }
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, StoredAttributes.Relaxed);
        json.WriteStartObject();
        json.WriteStartObject("result"u8);
        json.WriteStartArray("resourceSpans"u8);
        do await new ResourceSpansJson(json, found.Current, OtlpForm.Otlp).WriteAll(http.RequestAborted);
        while (await found.MoveNextAsync());
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }
}
