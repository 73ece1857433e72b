using Microsoft.AspNetCore.Http;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>
/// Whether another site's page made a browser send this (CSRF). Asked of every request that may change something and whose credential a browser adds by
/// itself: the session's cookie, or none at all on an open server. What carries a token was written by a program that has it.
/// </summary>
internal static class CrossSite
{
    public static bool Refuses(HttpContext http)
    {
        HttpRequest request = http.Request;
        if (http.Listener() != Listener.Console || request.Headers.Authorization.Count > 0) return false;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) return false;

        string site = request.Headers["Sec-Fetch-Site"].ToString(), origin = request.Headers.Origin.ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none")) return true;
        if (origin.Length > 0) return !IsOwn(origin, request);
        // No browser of today sends neither; with a cookie it is one that we cannot trust, without it is a program.
        return site.Length == 0 && Sessions.HasCookie(http);
    }

    // The scheme is not compared: behind a proxy that ends TLS it differs.
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
