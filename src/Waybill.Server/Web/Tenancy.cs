using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Ingest;

namespace Waybill.Web;

public static class Tenancy
{
    /// <summary>The tenant whose data a request may see.</summary>
    public static string Tenant(this HttpContext http) => http.RequestServices.GetRequiredService<IngestOptions>().Tenant;
}
