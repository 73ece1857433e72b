using Microsoft.AspNetCore.Http;
using Waybill.Access;

namespace Waybill.Web;

public static class Tenancy
{
    /// <summary>The tenant whose data a request may see or write: that of its credential, never of a bare header.</summary>
    public static string Tenant(this HttpContext http) => http.Identity().Tenant;
}
