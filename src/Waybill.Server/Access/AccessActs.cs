using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Waybill.Ledger;

namespace Waybill.Access;

/// <summary>Writes sign-ins and changes of access down before they take effect. The one place where this room meets the ledger.</summary>
internal sealed class AccessActs(LedgerLoop ledger)
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web);

    public Task Record(HttpContext http, string act, string subject, string outcome = "done", object? detail = null)
    {
        Identity? identity = http.Features.Get<Identity>();
        return Record(identity?.Tenant ?? "", http.Features.Get<Actor>() ?? new Actor("system", "loopback", http.Address()), act, subject, outcome, detail);
    }

    public Task Record(string tenant, Actor actor, string act, string subject, string outcome = "done", object? detail = null) =>
        ledger.Record(new LedgerEntry(ledger.NowUnixNano, tenant, actor, act, subject, outcome, null, detail is null ? null : JsonSerializer.SerializeToElement(detail, Form)), CancellationToken.None);
}
