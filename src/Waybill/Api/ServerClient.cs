using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Api;

/// <summary>Asks the console of a server. What goes wrong becomes a <see cref="CommandFailure"/> that names the fix.</summary>
internal sealed class ServerClient(Uri server) : IDisposable
{
    private const int ProblemBytesMax = 64 * 1024;

    // No proxy: the server is named by its address, and a proxy of the environment cannot reach loopback.
    private readonly HttpClient _http = new(TlsOption.Handler())
    {
        BaseAddress = server.AbsolutePath.EndsWith('/') ? server : new Uri($"{server.GetLeftPart(UriPartial.Path)}/"),
        Timeout = TimeSpan.FromSeconds(60),
        DefaultRequestHeaders = { Authorization = TokenOption.Current is { } token ? new AuthenticationHeaderValue("Bearer", token) : null },
    };

    /// <summary>A server that is still starting (503) is asked again for a minute; its engine opens in a second or two, with much data in half a minute.</summary>
    private const int StartingTriesMax = 120;
    private static readonly TimeSpan StartingPause = TimeSpan.FromMilliseconds(500);

    /// <summary>The body as it arrives. The caller disposes it.</summary>
    /// <param name="path">Without a slash at its begin, such as <c>api/status</c>.</param>
    /// <exception cref="CommandFailure">The server does not answer, or not with success.</exception>
    public async Task<Stream> Get(string path, CancellationToken cancel) =>
        await TryGet(path, cancel) ?? throw new CommandFailure($"{server} does not know /{path.Split('?')[0]}. It may be an older Waybill: update it, or see 'waybill doctor'.");

    /// <summary>As <see cref="Get"/>, but null when there is no such thing (404), which the caller explains.</summary>
    public async Task<Stream?> TryGet(string path, CancellationToken cancel)
    {
        for (int tries = 1; ; tries++)
        {
            HttpResponseMessage response = await Send(path, cancel);
            if (response.IsSuccessStatusCode) return await response.Content.ReadAsStreamAsync(cancel);
            using (response)
            {
                if (response.StatusCode == HttpStatusCode.NotFound) return null;
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable || tries == StartingTriesMax) throw new CommandFailure(await Explain(response, cancel));
            }
            await Task.Delay(StartingPause, cancel);
        }
    }

    private async Task<HttpResponseMessage> Send(string path, CancellationToken cancel)
    {
        try
        {
            return await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailure(TlsOption.Explain(e, server) ?? (e.HttpRequestError == HttpRequestError.ConnectionError
                ? $"No server answers at {server}. Start one with 'waybill serve', or name another with --server URL or WAYBILL_SERVER."
                : $"{server} does not answer as a Waybill console: {Visible.Of(e.Message)} Name the console's URL with --server; its default port is 4319."));
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandFailure($"{server} did not answer within {_http.Timeout.TotalSeconds:0} s. See 'waybill status' and 'waybill doctor'.");
        }
    }

    /// <summary>A whole answer, for those that are small by their nature.</summary>
    public async Task<JsonDocument> GetJson(string path, CancellationToken cancel)
    {
        await using Stream body = await Get(path, cancel);
        try
        {
            return await JsonDocument.ParseAsync(body, cancellationToken: cancel);
        }
        catch (JsonException)
        {
            throw new CommandFailure($"{server} does not answer as a Waybill console. Name the console's URL with --server; its default port is 4319.");
        }
    }

    /// <summary>Sends a text and reads the whole answer.</summary>
    public async Task<JsonDocument> PostText(string path, string text, string mediaType, CancellationToken cancel)
    {
        using var content = new StringContent(text, System.Text.Encoding.UTF8, mediaType);
        try
        {
            using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), content, cancel);
            if (!response.IsSuccessStatusCode) throw new CommandFailure(await Explain(response, cancel));
            await using Stream body = await response.Content.ReadAsStreamAsync(cancel);
            return await JsonDocument.ParseAsync(body, cancellationToken: cancel);
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailure(TlsOption.Explain(e, server) ?? $"No server answers at {server}. Start one with 'waybill serve', or name another with --server URL or WAYBILL_SERVER.");
        }
    }

    /// <summary>What the console says when it cannot: <c>{"status":400,"parameter":"since","message":"..."}</c>.</summary>
    private async Task<string> Explain(HttpResponseMessage response, CancellationToken cancel)
    {
        byte[] body = new byte[ProblemBytesMax];
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancel);
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancel);
        try
        {
            using var problem = JsonDocument.Parse(body.AsMemory(0, length));
            string message = Visible.Of(problem.RootElement.GetProperty("message").GetString());
            if (problem.RootElement.TryGetProperty("query", out JsonElement query) && query.ValueKind == JsonValueKind.Object) return $"{message}{Caret(query)}";
            return problem.RootElement.GetProperty("parameter").GetString() is { } parameter ? $"--{Visible.Of(parameter)}: {message}" : message;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"{server} answered {(int)response.StatusCode} {Visible.Of(response.ReasonPhrase)}. Is it a Waybill console? Its default port is 4319.";
        }
    }

    /// <summary>The place in a query that is wrong, as the server draws it: lines below the message.</summary>
    private static string Caret(JsonElement query) => string.Concat(query.Text("caret").Split('\n').Append(query.Text("suggestion")).Where(line => line.Length > 0).Select(line => $"\n  {Visible.Of(line)}"));

    public void Dispose() => _http.Dispose();
}
