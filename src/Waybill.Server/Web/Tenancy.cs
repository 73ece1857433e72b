using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Access;
using Waybill.Ingest;

namespace Waybill.Web;

public static class Tenancy
{
    /// <summary>The tenant whose data a request may see or write: that of its credential, never of a bare header.</summary>
    public static string Tenant(this HttpContext http) => http.Identity().Tenant;

    /// <summary>Whose ledger a request is written into: that of who asks; when nobody is known, of the tenant that is taken without a credential.</summary>
    internal static string LedgerTenant(this HttpContext http) => http.Features.Get<Identity>()?.Tenant ?? http.RequestServices.GetRequiredService<IngestOptions>().Tenant;
}
