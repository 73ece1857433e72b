using System.Net;
using System.Text;
using System.Text.Json;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Sending;

/// <summary>Reports a change to a server, and tries again while the server is busy or starting: a pipeline runs once.</summary>
internal sealed class ChangeSender(Uri endpoint, string? token) : IDisposable
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(500), PauseMax = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(TlsOption.Handler(useProxy: true)) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Returns the change's id, and what the server remarked.</summary>
    /// <param name="patience">How long it is tried.</param>
    /// <exception cref="CommandFailure">It was refused, or nobody answered in time.</exception>
    public async Task<(string Id, IReadOnlyList<string> Remarks)> Send(string json, TimeSpan patience, CancellationToken cancel)
    {
        var url = new Uri($"{endpoint.ToString().TrimEnd('/')}/v1/changes");
        long began = TimeProvider.System.GetTimestamp();
        TimeSpan pause = PauseMin;
        while (true)
        {
            string failure;
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
                if (token is not null) request.Headers.Authorization = new("Bearer", token);
                using HttpResponseMessage answer = await _http.SendAsync(request, cancel);
                string body = await answer.Content.ReadAsStringAsync(cancel);
                if (answer.IsSuccessStatusCode) return Read(body, url);
                string said = Message(body);
                if (answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout))
                    throw new CommandFailure($"{url} refused the change with {(int)answer.StatusCode}. {(said.Length > 0 ? said : "Is it a Waybill? Changes go to its OTLP/HTTP port, 4318 by default.")}");
                failure = $"{url} is busy ({(int)answer.StatusCode}). {said}";
                if (answer.Headers.RetryAfter?.Delta is { } asked && asked > pause) pause = asked < PauseMax ? asked : PauseMax;
            }
            catch (HttpRequestException e)
            {
                failure = TlsOption.Explain(e, endpoint) ?? $"No server answers at {endpoint}: {Visible.Of(e.Message)} Name its OTLP/HTTP address with --endpoint or WAYBILL_ENDPOINT.";
            }
            catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
            {
                failure = $"{url} did not acknowledge within {_http.Timeout.TotalSeconds:0} s.";
            }
            if (TimeProvider.System.GetElapsedTime(began) + pause > patience) throw new CommandFailure($"{failure} The change was not reported.");
            await Task.Delay(pause, cancel);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, PauseMax.Ticks));
        }
    }

    private static (string, IReadOnlyList<string>) Read(string body, Uri url)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(body);
            return (answer.RootElement.Items("accepted").First().Text("id"), [.. answer.RootElement.Items("remarks").Select(remark => Visible.Of(remark.ToText()))]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CommandFailure($"{url} does not answer as a Waybill. Changes go to its OTLP/HTTP port, 4318 by default.");
        }
    }

    private static string Message(string body)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(body);
            return Visible.Of(answer.RootElement.Text("message"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    public void Dispose() => _http.Dispose();
}
