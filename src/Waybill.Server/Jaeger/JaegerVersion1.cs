using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Batches;
using Waybill.Query.Syntax;
using Waybill.Search;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Jaeger;

/// <summary>The API that Jaeger's UI has always read, and Grafana's data source reads.</summary>
internal static class JaegerVersion1
{
    private const long DependenciesLookbackMs = 86_400_000;

    public static void MapVersion1(this IEndpointRouteBuilder api)
    {
        api.MapGet("/services", async (HttpContext http, JaegerCatalog catalog) => await Answer(http, await catalog.Services(http.Tenant(), http.RequestAborted)));
        api.MapGet("/services/{service}/operations", (HttpContext http, string service, JaegerCatalog catalog) => Operations(http, Uri.UnescapeDataString(service), catalog, operations =>
            Answer(http, operations.Select(operation => operation.Name).Distinct().ToArray())));
        api.MapGet("/operations", (HttpContext http, JaegerCatalog catalog) => Operations(http, JaegerQuery.One(http, "service"), catalog, operations => Answer(http, operations)));
        api.MapGet("/traces/{id}", GetTrace);
        api.MapGet("/traces", FindTraces);
        api.MapGet("/dependencies", Dependencies);
        // The tab "Monitor" of its UI says by itself how to go on when this is not there.
        foreach (string missing in (string[])["/metrics/{**path}", "/deep-dependencies", "/quality-metrics"])
            api.MapGet(missing, (HttpContext http) => Problems.NotImplemented(http, "It is not answered here; see /api/map, /api/query_range and the console's Map."));
    }

    internal static async Task Operations(HttpContext http, string? service, JaegerCatalog catalog, Func<JaegerOperation[], Task> answer)
    {
        if (string.IsNullOrEmpty(service))
        {
            await Problems.BadRequest(http, "service", "Send the service whose operations are wanted.");
            return;
        }
        string? kindText = JaegerQuery.One(http, "spanKind", "span_kind");
        SpanKind kind = default;
        if (kindText is not null && (int.TryParse(kindText, out _) || !Enum.TryParse(kindText, ignoreCase: true, out kind)))
        {
            await Problems.BadRequest(http, "spanKind", $"'{Problems.Shorten(kindText)}' is no kind: send server, client, producer, consumer or internal.");
            return;
        }
        try
        {
            await answer(await catalog.Operations(http.Tenant(), service, kindText is null ? null : kind, http.RequestAborted));
        }
        catch (SearchBusyException busy)
        {
            await Problems.Busy(http, busy.Message);
        }
    }

    private static async Task GetTrace(HttpContext http, string id, JaegerTraces traces, TimeProvider clock)
    {
        if (!JaegerTraces.TryReadId(id, out TraceId traceId))
        {
            await Problems.BadRequest(http, "traceID", JaegerTraces.WrongId(id));
            return;
        }
        if (JaegerQuery.ReadRange(http, clock, out _) is { } badRange)
        {
            await Problems.BadRequest(http, badRange.Parameter, badRange.Message);
            return;
        }
        if (await traces.Read(http.Tenant(), traceId, http.RequestAborted) is { } answer) await Write(http, Only(answer));
        else await Problems.NotFound(http, "trace not found");
    }

    private static async Task FindTraces(HttpContext http, JaegerTraces traces, TimeProvider clock)
    {
        string[] ids = [.. http.Request.Query["traceID"].OfType<string>()];
        if (ids.Length > 0)
        {
            if (Array.Find(ids, id => !JaegerTraces.TryReadId(id, out _)) is { } wrong) await Problems.BadRequest(http, "traceID", JaegerTraces.WrongId(wrong));
            else await Write(http, traces.Read(http.Tenant(), ids, http.RequestAborted));
            return;
        }
        if (JaegerQuery.Read(http, clock, out JaegerQuery query) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return;
        }
        if (await Find(http, traces, query) is { } found) await Write(http, traces.Read(http.Tenant(), found.Traces.Select(trace => trace.TraceId), http.RequestAborted));
    }

    /// <returns>Null when too many search, and answered so.</returns>
    internal static async Task<SearchResult?> Find(HttpContext http, JaegerTraces traces, JaegerQuery query)
    {
        try
        {
            SearchResult found = await traces.Find(http.Tenant(), query, http.RequestAborted);
            PartialHeader.Write(http, found.Reasons);
            return found;
        }
        catch (SearchBusyException busy)
        {
            await Problems.Busy(http, busy.Message);
            return null;
        }
    }

    private static async Task Dependencies(HttpContext http, JaegerCatalog catalog, TimeProvider clock)
    {
        long end = clock.GetUtcNow().ToUnixTimeMilliseconds(), lookback = DependenciesLookbackMs;
        foreach (string parameter in (string[])["endTs", "lookback"])
        {
            if (JaegerQuery.One(http, parameter) is not { } text) continue;
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) || milliseconds > 9_000_000_000_000 || milliseconds == 0)
            {
                await Problems.BadRequest(http, parameter, $"'{Problems.Shorten(text)}' is not a number of milliseconds.");
                return;
            }
            if (parameter == "endTs") end = milliseconds;
            else lookback = milliseconds;
        }
        await Answer(http, await catalog.Dependencies(http.Tenant(), new TimeRange(Math.Max(0, end - lookback) * 1_000_000, end * 1_000_000), http.RequestAborted));
    }

    private static Task Answer<T>(HttpContext http, T[] data) => http.Response.WriteAsJsonAsync(new JaegerAnswer<T[]>(data, data.Length), http.RequestAborted);

    private static async IAsyncEnumerable<TraceAnswer> Only(TraceAnswer answer)
    {
        await Task.CompletedTask;
        yield return answer;
    }

    private static async Task Write(HttpContext http, IAsyncEnumerable<TraceAnswer> traces)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, StoredAttributes.Relaxed);
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        int total = 0;
        await foreach (TraceAnswer trace in traces)
        {
            await new JaegerTraceJson(json, trace).Write(http.RequestAborted);
            total++;
        }
        json.WriteEndArray();
        json.WriteNumber("total"u8, total);
        json.WriteNumber("limit"u8, 0);
        json.WriteNumber("offset"u8, 0);
        json.WriteNull("errors"u8);
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }
}
