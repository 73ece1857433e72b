using System.Text.Json;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Sending;

/// <summary>Sends OTLP/JSON to a receiver, and says in a line what a receiver did not like.</summary>
internal sealed class OtlpSender(Uri endpoint) : IDisposable
{
    private const int AnswerBytesMax = 64 * 1024;

    private readonly HttpClient _http = new(TlsOption.Handler()) {
        Timeout = TimeSpan.FromSeconds(30),
        DefaultRequestHeaders = { Authorization = TokenOption.Current is { } token ? new("Bearer", token) : null },
    };

    /// <summary>Returns how long the acknowledgement took.</summary>
    /// <param name="signal">traces, logs or metrics.</param>
    /// <exception cref="CommandFailure">It was not taken, or not in whole.</exception>
    public async Task<TimeSpan> Send(string signal, byte[] json, CancellationToken cancel)
    {
        var url = new Uri($"{endpoint.ToString().TrimEnd('/')}/v1/{signal}");
        long began = TimeProvider.System.GetTimestamp();
        try
        {
            using var content = new ByteArrayContent(json) { Headers = { ContentType = new("application/json") } };
            using HttpResponseMessage answer = await _http.PostAsync(url, content, cancel);
            TimeSpan took = TimeProvider.System.GetElapsedTime(began);
            await using Stream stream = await answer.Content.ReadAsStreamAsync(cancel);
            byte[] body = new byte[AnswerBytesMax];
            int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancel);
            string said = Message(body.AsMemory(0, length));
            if (!answer.IsSuccessStatusCode) throw new CommandFailure($"{url} refused the {signal} with {(int)answer.StatusCode}. {said} Is it an OTLP/HTTP receiver? Waybill's is on port 4318.");
            if (said.Length > 0) throw new CommandFailure($"{url} took the {signal} only in part: {said}");
            return took;
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailure(TlsOption.Explain(e, endpoint) ?? (e.HttpRequestError == HttpRequestError.ConnectionError
                ? $"No OTLP/HTTP receiver answers at {endpoint}. Start one with 'waybill serve', or name another with --endpoint."
                : $"{url} does not answer as an OTLP/HTTP receiver: {Visible.Of(e.Message)} OTLP/HTTP is on port 4318; 4317 is for gRPC."));
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandFailure($"{url} did not acknowledge within {_http.Timeout.TotalSeconds:0} s. See 'waybill status'.");
        }
    }

    /// <summary>What a receiver says: <c>{"partialSuccess":{"rejectedSpans":"1","errorMessage":"..."}}</c>, or <c>{"code":3,"message":"..."}</c> of a refusal.</summary>
    private static string Message(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(json);
            return Visible.Of(answer.RootElement.TryGetProperty("partialSuccess", out JsonElement partial) ? partial.Text("errorMessage") : answer.RootElement.Text("message"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    public void Dispose() => _http.Dispose();
}
