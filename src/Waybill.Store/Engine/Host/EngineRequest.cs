using System.Text;
using Microsoft.AspNetCore.Http;

namespace Waybill.Engine.Host;

/// <summary>One request of the ClickHouse HTTP interface, before it is run.</summary>
/// <param name="UrlQuery">The <c>query</c> parameter; empty when the statement is the body.</param>
/// <param name="HoldBytes">Bytes of the answer kept back until its status is final; then it is streamed.</param>
internal sealed record EngineRequest(string UrlQuery, string QueryId, string Format, bool ReadOnly, string? Database, int HoldBytes,
    IReadOnlyList<KeyValuePair<string, string>> Parameters, IReadOnlyList<KeyValuePair<string, string>> Settings)
{
    private const int HoldBytesDefault = 256 * 1024;
    private const int HoldBytesMax = 64 * 1024 * 1024;

    // Taken and without meaning here: the socket's mode is the authentication, and progress is not sent.
    private static readonly HashSet<string> Ignored = ["user", "password", "quota_key", "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression"];

    private static readonly HashSet<string> Compression = ["compress", "decompress"];

    private static readonly HashSet<string> NotHere = ["session_id", "session_timeout", "session_check", "role", "profile", "stacktrace", "client_protocol_version"];

    /// <exception cref="EngineException">A parameter that has no meaning here.</exception>
    public static EngineRequest Read(HttpRequest request)
    {
        string query = "", format = request.Headers["X-ClickHouse-Format"].ToString();
        string? database = request.Headers["X-ClickHouse-Database"] is [{ Length: > 0 } named] ? named : null;
        string queryId = Guid.NewGuid().ToString();
        bool readOnly = !HttpMethods.IsPost(request.Method);
        int hold = HoldBytesDefault;
        string? requestedReadOnly = null;
        List<KeyValuePair<string, string>> parameters = [], settings = [];

        foreach (var (name, values) in request.Query)
        {
            string value = values.ToString();
            if (name.StartsWith("param_", StringComparison.Ordinal)) parameters.Add(new(name["param_".Length..], value));
            else if (name == "query") query = value;
            else if (name == "database") database = value.Length > 0 ? value : null;
            else if (name == "default_format") format = value;
            else if (name == "query_id") queryId = Printable(value) ? value : throw Bad($"query_id '{value}' must be printable ASCII.");
            else if (name == "readonly") requestedReadOnly = value;
            else if (name == "wait_end_of_query") hold = value == "1" ? HoldBytesMax : hold;
            else if (name == "buffer_size") hold = ReadHold(value);
            else if (NotHere.Contains(name) || (Compression.Contains(name) && value is not ("0" or ""))) throw NotSupported(name);
            else if (!Ignored.Contains(name) && !Compression.Contains(name)) settings.Add(new(name, value));
        }

        if (requestedReadOnly is not (null or "0" or "1" or "2")) throw Bad($"readonly '{requestedReadOnly}' must be 0, 1 or 2.");
        return new EngineRequest(query, queryId, format.Length == 0 ? "TabSeparated" : format, readOnly || requestedReadOnly is "1" or "2", database, hold, parameters, settings);
    }

    /// <summary>The rest of the statement from the body, at most <paramref name="bytesMax"/>.</summary>
    public static async Task<string> ReadText(HttpRequest request, int bytesMax, CancellationToken cancel)
    {
        using var text = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancel)) > 0)
        {
            text.Write(buffer, 0, read);
            if (text.Length > bytesMax) throw new EngineException(EngineError.QueryIsTooLarge, "QUERY_IS_TOO_LARGE", $"A statement is at most {bytesMax} bytes.");
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text.GetBuffer(), 0, (int)text.Length);
        }
        catch (DecoderFallbackException)
        {
            throw Bad("The statement is not UTF-8.");
        }
    }

    private static int ReadHold(string value) =>
        int.TryParse(value, out int bytes) && bytes >= 0 ? Math.Min(bytes, HoldBytesMax) : throw Bad($"buffer_size '{value}' is not a number of bytes.");

    private static EngineException NotSupported(string name) => new(EngineError.NotImplemented, "NOT_IMPLEMENTED",
        $"'{name}' is not supported by the embedded engine: every request stands alone and travels uncompressed.");

    private static bool Printable(string text) => text.Length is > 0 and <= 200 && text.All(c => c is >= ' ' and <= '~');

    private static EngineException Bad(string message) => new(EngineError.BadArguments, "BAD_ARGUMENTS", message);
}
