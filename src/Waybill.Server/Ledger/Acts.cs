using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Waybill.Ledger;

/// <summary>Writes down what is done here: the one call for every act that changes something or concerns access. Reads are noted by <see cref="NotedReads"/>.</summary>
public sealed class Acts(LedgerLoop ledger)
{
    /// <summary>Writes down an act of the request's own actor, before it takes effect. When it completes, the entry is durable.</summary>
    /// <param name="action">Noun and verb: <c>token.create</c>.</param>
    /// <param name="outcome">done, refused or failed.</param>
    /// <param name="detail">A small object, written as JSON; no secrets, and no hashes of them.</param>
    /// <exception cref="LedgerUnavailableException">It could not be written: the act must not be done. The host answers 503.</exception>
    public Task<long> Record(HttpContext http, string action, string resource, string outcome = "done", object? detail = null, string? traceId = null)
    {
        NotedReads.IsNoted(http);
        return Record(Web.Tenancy.Tenant(http), http.Actor(), action, resource, outcome, detail, traceId);
    }

    /// <inheritdoc cref="Record(HttpContext, string, string, string, object?, string?)"/>
    public Task<long> Record(string tenant, Actor actor, string action, string resource, string outcome = "done", object? detail = null, string? traceId = null) =>
        ledger.Record(Entry(tenant, actor, action, resource, outcome, detail, traceId), CancellationToken.None);

    private LedgerEntry Entry(string tenant, Actor actor, string action, string resource, string outcome, object? detail, string? traceId) =>
        new(ledger.NowUnixNano, tenant, actor, action, resource, outcome, traceId, detail is null ? null : JsonSerializer.SerializeToElement(detail, JsonSerializerOptions.Web));
}

public static class RequestActor
{
    /// <summary>Who asks: whom the access room has recognised, or whoever can reach an open loopback.</summary>
    public static Actor Actor(this HttpContext http) => http.Features.Get<Actor>() ?? new Actor("system", "loopback", http.Connection.RemoteIpAddress?.ToString());
}
