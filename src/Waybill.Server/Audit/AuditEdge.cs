using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Audit;

/// <summary>What of a request with audit events was written down.</summary>
/// <param name="Accepted">Entries that are durable.</param>
/// <param name="Rejected">Events that were not understood; <see cref="Errors"/> says which and why.</param>
public sealed record AuditReceipt(int Accepted, int Rejected, IReadOnlyList<long> Numbers, IReadOnlyList<string> Errors);

/// <summary><c>POST /v1/audit</c>: audit events of other systems, one object or an array of them. Answered when they are durable and under a checkpoint.</summary>
internal static class AuditEdge
{
    private const int BytesMax = 4 * 1024 * 1024, EventsMax = 1_000, ErrorsMax = 20;

    public static void MapAuditEvents(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/audit", Take).On(Listener.OtlpHttp).Needs(Permission.LedgerWrite);
        app.MapPost("/api/audit", Take).On(Listener.Console).Needs(Permission.LedgerWrite).NotNoted()   // the events are entries themselves
            .WithSummary("Writes audit events of other systems into the ledger; also at /v1/audit on the port for telemetry").Accepts<JsonElement>("application/json").Produces<AuditReceipt>();
    }

    private static async Task Take(HttpContext http, LedgerLoop ledger)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = BytesMax;
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(http.Request.Body, new JsonDocumentOptions { MaxDepth = 32 }, http.RequestAborted);
        }
        catch (JsonException e)
        {
            await Problems.BadRequest(http, "body", $"It is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine}. Send one event or an array of them.");
            return;
        }
        using (document)
        {
            JsonElement[] events = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : [document.RootElement];
            if (events.Length > EventsMax)
            {
                await Problems.BadRequest(http, "body", $"It has {events.Length} events; send at most {EventsMax} at once.");
                return;
            }
            await http.Response.WriteAsJsonAsync(await Record(events, http.Tenant(), ledger, http.RequestAborted), http.RequestAborted);
        }
    }

    private static async Task<AuditReceipt> Record(JsonElement[] events, string tenant, LedgerLoop ledger, CancellationToken cancel)
    {
        var writing = new List<Task<long>>(events.Length);
        var errors = new List<string>();
        int rejected = 0;
        for (int i = 0; i < events.Length; i++)
        {
            var (entry, wrong) = AuditEvents.Read(events[i], tenant, ledger.NowUnixNano);
            if (entry is not null) writing.Add(ledger.Record(entry, cancel, AuditEvents.AboutOf(events[i])));
            else if (++rejected <= ErrorsMax) errors.Add($"event {i}: {wrong}");
        }
        return new AuditReceipt(writing.Count, rejected, await Task.WhenAll(writing), errors);
    }
}
