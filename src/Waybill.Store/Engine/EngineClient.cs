using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Waybill.Engine;

/// <summary>
/// The one client of ClickHouse's HTTP interface: of the embedded engine over its Unix socket, or of a server. Thread-safe; keep one per engine.
/// </summary>
/// <remarks>
/// Every failure is an <see cref="EngineException"/>, a broken connection too (210, retryable); cancellation is <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class EngineClient : IDisposable
{
    // Only to bound what can pile up here; the engine bounds what runs.
    private const int ConnectionsMax = 128;
    private const int ErrorBytesMax = 64 * 1024;

    private readonly HttpClient _http;
    private readonly EngineAddress? _server;

    private EngineClient(SocketsHttpHandler handler, Uri endpoint, EngineAddress? server)
    {
        handler.MaxConnectionsPerServer = ConnectionsMax;
        handler.UseCookies = false;
        handler.AllowAutoRedirect = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        _server = server;
        _http = new HttpClient(handler) { BaseAddress = endpoint, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>A client of the embedded engine. The process may start, stop and restart behind the socket.</summary>
    public static EngineClient Embedded(string socketPath)
    {
        var endpoint = new UnixDomainSocketEndPoint(socketPath);
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, cancel) => Connect(endpoint, cancel) };
        return new EngineClient(handler, new Uri("http://engine/"), server: null);
    }

    /// <summary>A client of a ClickHouse server or cluster. Proxy settings of the environment apply.</summary>
    public static EngineClient Server(EngineAddress address) =>
        new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, address.Endpoint, address);

    private static async ValueTask<Stream> Connect(UnixDomainSocketEndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endpoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs a read. The answer is Native unless the statement names a format; it starts to arrive before the statement has ended.</summary>
    public async Task<EngineResponse> Query(string sql, IReadOnlyList<KeyValuePair<string, string>>? parameters = null,
        EngineSettings? settings = null, CancellationToken cancel = default)
    {
        List<KeyValuePair<string, string>> url = [new("readonly", "1"), new("default_format", "Native")];
        if (_server is not null) url.Add(new("cancel_http_readonly_queries_on_client_close", "1"));
        if (ReadScope.TableFilters is { } filters) url.Add(new("additional_table_filters", filters));
        var response = await Send(url, parameters, settings, SqlContent(sql), cancel);
        return new EngineResponse(response, await response.Content.ReadAsStreamAsync(cancel));
    }

    /// <summary>Runs a statement that changes something, to its end. Cancelling asks the engine to stop; what DDL has done by then stays done.</summary>
    public async Task<EngineSummary> Execute(string sql, IReadOnlyList<KeyValuePair<string, string>>? parameters = null,
        EngineSettings? settings = null, CancellationToken cancel = default)
    {
        using var response = await Send([new("wait_end_of_query", "1")], parameters, settings, SqlContent(sql), cancel);
        var summary = EngineSummary.Parse(EngineResponse.Header(response, "X-ClickHouse-Summary"));
        await using var body = new EngineResponse(response, await response.Content.ReadAsStreamAsync(cancel));
        await body.Body.CopyToAsync(Stream.Null, cancel);
        return summary;
    }

    /// <summary>Inserts Native blocks. When it returns, they are on disk.</summary>
    /// <param name="into">Table and columns, as <c>spans (trace_id, name)</c>; never user text.</param>
    /// <param name="deduplicationToken">
    /// Names these blocks for ever: repeating the insert with the same blocks and token stores them once, also after a restart, within the
    /// last 10,000 insert blocks of the table. A token with other blocks is dropped silently, so make it from their identity. <c>[A-Za-z0-9_.:/-]{1,200}</c>.
    /// </param>
    /// <param name="writeBody">Writes the blocks, once; what it throws is thrown. The insert is then broken off: some of its blocks may be stored, and repeating it with its token completes it.</param>
    public async Task<InsertSummary> Insert(string into, string deduplicationToken, Func<Stream, CancellationToken, Task> writeBody,
        CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(deduplicationToken);
        List<KeyValuePair<string, string>> url =
            [new("query", $"INSERT INTO {into} FORMAT Native"), new("insert_deduplication_token", deduplicationToken)];
        if (_server is not null) url.AddRange(ServerInsertSettings);

        using var content = new WrittenContent(writeBody);
        try
        {
            using var response = await Send(url, null, null, content, cancel);
            var summary = EngineSummary.Parse(EngineResponse.Header(response, "X-ClickHouse-Summary"));
            return new InsertSummary(summary.WrittenRows, summary.WrittenBytes);
        }
        catch (Exception) when (content.WriterError is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(content.WriterError);
            throw;
        }
    }

    // The embedded engine sets these itself; on a server every default that matters is given, because they changed between versions.
    private static readonly KeyValuePair<string, string>[] ServerInsertSettings =
    [
        new("async_insert", "0"), new("insert_deduplicate", "1"), new("deduplicate_blocks_in_dependent_materialized_views", "1"),
        new("max_insert_threads", "1"), new("min_insert_block_size_rows", "262144"), new("min_insert_block_size_bytes", "67108864"),
        new("wait_end_of_query", "1"),
    ];

    /// <summary>True when the engine answers a statement within the time the caller allows.</summary>
    public async Task<bool> Ping(CancellationToken cancel = default)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("ping", UriKind.Relative), cancel);
            return response.IsSuccessStatusCode;
        }
        catch (Exception error) when (IsNetwork(error))
        {
            return false;
        }
    }

    private async Task<HttpResponseMessage> Send(List<KeyValuePair<string, string>> url, IReadOnlyList<KeyValuePair<string, string>>? parameters,
        EngineSettings? settings, HttpContent content, CancellationToken cancel)
    {
        foreach (var parameter in parameters ?? []) url.Add(new("param_" + parameter.Key, parameter.Value));
        if (settings is not null) url.AddRange(settings.ToUrl());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(ToQueryString(url), UriKind.Relative)) { Content = content };
        if (_server?.User is { } user) request.Headers.Add("X-ClickHouse-User", user);
        if (_server?.Password is { } password) request.Headers.Add("X-ClickHouse-Key", password);
        if (_server?.Database is { } database) request.Headers.Add("X-ClickHouse-Database", database);
        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response.IsSuccessStatusCode) return response;
            using (response) throw await ReadError(response, cancel);
        }
        catch (Exception error) when (IsNetwork(error))
        {
            cancel.ThrowIfCancellationRequested();
            string where = _server?.ToString() ?? "its socket";
            throw new EngineException(EngineError.NetworkError, "NETWORK_ERROR", $"The engine at {where} did not answer: {error.Message}", error);
        }
    }

    private static async Task<EngineException> ReadError(HttpResponseMessage response, CancellationToken cancel)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        byte[] text = new byte[ErrorBytesMax];
        int length = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancel);
        var error = EngineException.Parse(Encoding.UTF8.GetString(text, 0, length));
        if (error.Code != 0) return error;

        // Not ClickHouse's words: a proxy, or a server in trouble.
        if (int.TryParse(EngineResponse.Header(response, "X-ClickHouse-Exception-Code"), CultureInfo.InvariantCulture, out int code))
            return new EngineException(code, error.Name, error.Message);
        int status = (int)response.StatusCode;
        return status is 429 or 502 or 503 or 504
            ? new EngineException(EngineError.NetworkError, "NETWORK_ERROR", $"The engine answered HTTP {status}: {error.Message}")
            : new EngineException(0, "UNKNOWN_EXCEPTION", $"The engine answered HTTP {status}: {error.Message}");
    }

    private static bool IsNetwork(Exception error) => error is HttpRequestException or IOException or SocketException;

    private static StringContent SqlContent(string sql) => new(sql, Encoding.UTF8, "text/plain");

    private static string ToQueryString(List<KeyValuePair<string, string>> pairs)
    {
        var text = new StringBuilder("?");
        foreach (var (name, value) in pairs)
        {
            if (text.Length > 1) text.Append('&');
            text.Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A body written by a callback. Of unknown length: it ends only when the callback returns, so a failed one is never taken for whole.</summary>
    private sealed class WrittenContent(Func<Stream, CancellationToken, Task> write) : HttpContent
    {
        public Exception? WriterError { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            try
            {
                await write(stream, cancellationToken);
            }
            catch (Exception error) when (error is not (HttpRequestException or IOException { InnerException: SocketException }))
            {
                WriterError = error;   // the callback's own; a broken connection is the client's to tell
                throw;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
