using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Waybill.Ingest;

/// <summary>
/// Cross-origin requests of browser SDKs. Pages served from this machine may send, others by option. A page that may not is stopped by
/// its browser: the media types accepted here are never sent across origins without asking first.
/// </summary>
internal sealed class BrowserOrigins(IngestOptions options)
{
    // How long a browser may remember the answer. Chromium's own bound.
    private const string MaxAgeSeconds = "7200";

    /// <summary>Adds what lets the page read the answer. True when the request was a browser's question, which is answered now.</summary>
    public bool Answered(HttpContext http)
    {
        string? origin = http.Request.Headers.Origin;
        bool asks = HttpMethods.IsOptions(http.Request.Method) && http.Request.Headers.AccessControlRequestMethod.Count > 0;
        if (origin is null) return false;

        var headers = http.Response.Headers;
        headers.Append(HeaderNames.Vary, "Origin");
        bool allowed = Allows(origin);
        if (allowed)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = "Retry-After";
        }
        if (!asks) return false;

        if (allowed)
        {
            headers.AccessControlAllowMethods = "POST";
            headers.AccessControlAllowHeaders = http.Request.Headers.AccessControlRequestHeaders;
            headers.AccessControlMaxAge = MaxAgeSeconds;
        }
        http.Response.StatusCode = allowed ? StatusCodes.Status204NoContent : StatusCodes.Status403Forbidden;
        return true;
    }

    internal bool Allows(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.IsLoopback && uri.Scheme is ("http" or "https")
        || Array.Exists(options.BrowserOrigins, allowed => allowed == "*" || string.Equals(allowed, origin, StringComparison.OrdinalIgnoreCase));
}
