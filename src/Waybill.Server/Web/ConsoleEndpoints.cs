using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Waybill.Access;
using Waybill.Ledger;
using Waybill.Tls;

namespace Waybill.Web;

/// <summary>
/// The console at <c>/</c>: its files, and its page for every address that is not another room's. Addresses of programs
/// (<c>/api</c>, <c>/tempo</c>, <c>/jaeger</c>) are never answered with the page: a client that mistypes one must see a 404.
/// </summary>
public static class ConsoleEndpoints
{
    private static readonly string[] ForPrograms = ["/api", "/tempo", "/jaeger", "/v1", "/metrics", "/healthz", "/readyz", "/openapi"];

    public static void AddConsole(this IServiceCollection services) => services.AddSingleton<ConsoleFiles>();

    public static void MapConsole(this IEndpointRouteBuilder app) =>
        app.MapMethods("/{**path}", [HttpMethods.Get, HttpMethods.Head], Get).WithOrder(int.MaxValue).On(Listener.Console).OpenToAll("the console's own files, the same for everybody").NotNoted().ExcludeFromDescription();

    /// <summary>Prometheus and the room of metrics have one address: who asks for a page gets the room. Before routing.</summary>
    public static void UseConsoleAddresses(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Listener() == Listener.Console && http.Request.Path == "/metrics" && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            http.Request.Path = "/";
        return next(http);
    });

    /// <summary>What no browser should do with any answer of this door: guess its type, or show it inside another page.</summary>
    public static void UseConsoleHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Listener() == Listener.Console)
        {
            IHeaderDictionary headers = http.Response.Headers;
            if (http.RequestServices.GetRequiredService<TlsOptions>().TerminatedInFront) http.Request.Scheme = Uri.UriSchemeHttps;
            // Not for this machine's own names: they are shared with every other program on it.
            if (http.Request.IsHttps && !IsLoopback(http.Request.Host.Host)) headers.StrictTransportSecurity = "max-age=31536000";
            headers.XContentTypeOptions = "nosniff";
            headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            headers["Referrer-Policy"] = "no-referrer";
        }
        return next(http);
    });

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address);

    private static Task Get(HttpContext http, ConsoleFiles files)
    {
        PathString path = http.Request.Path;
        if (Array.Exists(ForPrograms, prefix => path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase)))
            return Problems.NotFound(http, $"There is no '{Problems.Shorten(path)}' here.");
        if (files.Find(path.Value!.TrimStart('/')) is { } file) return Send(http, file);
        // A name with an ending is a file: one that is missing must not come back as a page.
        if (path.StartsWithSegments("/assets", StringComparison.Ordinal)) return Problems.NotFound(http, "This file belongs to another version of the console. Load the page again.");
        return SendPage(http, files);
    }

    private static Task SendPage(HttpContext http, ConsoleFiles files)
    {
        if (!files.IsBuilt) return Problems.NotFound(http, "This program was built without the console (-p:SkipConsole=true). Its API is at /api.");
        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        IHeaderDictionary headers = http.Response.Headers;
        // Styles: Mantine and CodeMirror write style elements, which carry the nonce. Style attributes are set through the DOM, which needs no leave.
        headers.ContentSecurityPolicy = $"default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers.CacheControl = "no-store";
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(files.PageWith(nonce), http.RequestAborted);
    }

    private static async Task Send(HttpContext http, ConsoleFile file)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.ETag = file.Tag;
        headers.CacheControl = file.IsHashed ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        // A worker obeys the policy its script came with.
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (http.Request.Headers.IfNoneMatch.Contains(file.Tag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        (byte[] body, string? encoding) = Choose(file, http.Request.Headers.AcceptEncoding);
        if (encoding is not null) headers.ContentEncoding = encoding;
        http.Response.ContentType = file.ContentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static (byte[] Body, string? Encoding) Choose(ConsoleFile file, IList<string?> accepted)
    {
        if (!StringWithQualityHeaderValue.TryParseList([.. accepted.OfType<string>()], out var encodings)) return (file.Plain, null);
        bool Takes(string name) => encodings.Any(encoding => encoding.Value.Equals(name, StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);
        if (file.Brotli is { } brotli && Takes("br")) return (brotli, "br");
        if (file.Gzip is { } gzip && Takes("gzip")) return (gzip, "gzip");
        return (file.Plain, null);
    }
}
