using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;

namespace Waybill.Web;

/// <summary>The console as the program serves it: from inside itself, with what keeps other people's script out.</summary>
public sealed partial class ConsoleFilesTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<HttpResponseMessage> Get(string path, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (encoding is not null) request.Headers.Add("Accept-Encoding", encoding);
        return await server.Server.At.Api.SendAsync(request, Cancel);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/traces/0af7651916cd43dd8448eb211c80319c?span=1")]
    [InlineData("/apis-are-not-api")]
    public async Task Every_address_of_a_room_opens_the_page(string path)
    {
        using HttpResponseMessage answer = await Get(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        string page = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotMatch("<script(?![^>]* src=)", page);
        Assert.DoesNotContain("__NONCE__", page, StringComparison.Ordinal);
        Assert.Contains($"'nonce-{Nonce().Match(page).Groups[1].Value}'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nonce_is_used_once()
    {
        using HttpResponseMessage first = await Get("/"), second = await Get("/");
        Assert.NotEqual(Nonce().Match(await first.Content.ReadAsStringAsync(Cancel)).Value, Nonce().Match(await second.Content.ReadAsStringAsync(Cancel)).Value);
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/api/nothing")]
    [InlineData("/API/nothing")]
    [InlineData("/tempo/api/nothing")]
    [InlineData("/jaeger/nothing")]
    [InlineData("/healthz/nothing")]
    [InlineData("/assets/index-of-another-version.js")]
    public async Task What_a_program_asks_for_is_never_answered_with_the_page(string path)
    {
        using HttpResponseMessage answer = await Get(path);
        Assert.Equal((HttpStatusCode.NotFound, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData("/healthz", "live\n")]
    [InlineData("/readyz", "ready\n")]
    public async Task Other_rooms_keep_their_addresses(string path, string text)
    {
        using HttpResponseMessage answer = await Get(path);
        Assert.Equal(text, await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("identity")]
    public async Task Scripts_come_as_the_browser_wants_them_and_are_kept_for_ever(string encoding)
    {
        using HttpResponseMessage page = await Get("/");
        string script = Script().Match(await page.Content.ReadAsStringAsync(Cancel)).Groups[1].Value;
        using HttpResponseMessage answer = await Get(script, encoding);
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(encoding == "identity" ? [] : [encoding], answer.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        Assert.Equal(TimeSpan.FromDays(365), answer.Headers.CacheControl?.MaxAge);
        await using Stream body = await answer.Content.ReadAsStreamAsync(Cancel);
        using var reader = new StreamReader(encoding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        });
        Assert.Contains("Waybill", await reader.ReadToEndAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_the_browser_has_is_not_sent_again()
    {
        using HttpResponseMessage first = await Get("/waybill.svg");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/waybill.svg");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage again = await server.Server.At.Api.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [GeneratedRegex("name=\"csp-nonce\" content=\"([0-9a-f]{32})\"")]
    private static partial Regex Nonce();

    [GeneratedRegex("src=\"(/assets/index-[^\"]+\\.js)\"")]
    private static partial Regex Script();
}
