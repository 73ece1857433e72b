using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Headers;
using Waybill.Payloads;

namespace Waybill.Posting;

/// <summary>How to send.</summary>
/// <param name="Requests">How many requests to send; fewer when <paramref name="SecondsMax"/> passes first.</param>
/// <param name="Connections">Requests in flight at once, each on its own connection.</param>
/// <param name="RequestsPerSecond">Open loop at this rate (what finds all connections busy is sent late); 0 sends as fast as answers come.</param>
/// <param name="Retry">Sends a refused request again, after the pause the server asks for, as an exporter does.</param>
internal sealed record PostOptions(
    Uri Target, int FirstRequest, int Requests, int Connections, double RequestsPerSecond, double SecondsMax, bool Gzip, bool Retry);

/// <summary>Posts a plan's requests over OTLP/HTTP and logs every answer.</summary>
internal sealed class Poster(PostOptions options, PayloadStream payloads, SendLog log, TimeProvider clock)
{
    private static readonly TimeSpan RetryPauseMax = TimeSpan.FromSeconds(30);
    private const int AttemptsMax = 50;

    private readonly long _start = Stopwatch.GetTimestamp();
    private int _next = options.FirstRequest;

    public async Task Run(CancellationToken cancel)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = options.Connections, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
        await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => Connection(http, cancel)));
    }

    private async Task Connection(HttpClient http, CancellationToken cancel)
    {
        byte[] body = new byte[payloads.BodyBytesMax];
        while (!cancel.IsCancellationRequested)
        {
            if (Stopwatch.GetElapsedTime(_start).TotalSeconds >= options.SecondsMax) return;
            int request = Interlocked.Increment(ref _next) - 1;
            if (request - options.FirstRequest >= options.Requests) return;
            await Due(request, cancel);
            var content = Content(body.AsMemory(0, payloads.Write(request, body)));
            for (int attempt = 1; attempt <= AttemptsMax; attempt++)
            {
                var pause = await Send(http, request, content, cancel);
                if (pause is null || !options.Retry) break;
                await Task.Delay(pause.Value, clock, cancel);
            }
        }
    }

    private async Task Due(int request, CancellationToken cancel)
    {
        if (options.RequestsPerSecond <= 0) return;
        var wait = TimeSpan.FromSeconds((request - options.FirstRequest) / options.RequestsPerSecond) - Stopwatch.GetElapsedTime(_start);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, clock, cancel);
    }

    private ReadOnlyMemory<byte> Content(ReadOnlyMemory<byte> body)
    {
        if (!options.Gzip) return body;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(body.Span);
        return packed.ToArray();
    }

    /// <returns>How long to wait before the same request is sent again; null when it was taken or must not be sent again.</returns>
    private async Task<TimeSpan?> Send(HttpClient http, int request, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, options.Target) { Content = new ReadOnlyMemoryContent(body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        if (options.Gzip) message.Content.Headers.ContentEncoding.Add("gzip");
        long sent = Stopwatch.GetTimestamp();
        try
        {
            using var answer = await http.SendAsync(message, cancel);
            byte[] reply = await answer.Content.ReadAsByteArrayAsync(cancel);
            var retryAfter = answer.Headers.RetryAfter;
            bool partial = answer.IsSuccessStatusCode && PartialSuccess.Rejects(reply);
            var flaw = SendLog.Judge(answer.StatusCode, retryAfter is not null, partial);
            Log(request, sent, (short)answer.StatusCode, flaw);
            if (answer.IsSuccessStatusCode || flaw == AttemptFlaw.NotRetryable) return null;
            var pause = retryAfter?.Delta ?? (retryAfter?.Date is { } date ? date - clock.GetUtcNow() : TimeSpan.FromSeconds(1));
            return pause < TimeSpan.Zero ? TimeSpan.Zero : pause < RetryPauseMax ? pause : RetryPauseMax;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            Log(request, sent, 0, AttemptFlaw.None);
            return TimeSpan.FromSeconds(1);
        }
    }

    private void Log(int request, long sent, short status, AttemptFlaw flaw) => log.Add(new(
        request, (int)Stopwatch.GetElapsedTime(_start).TotalMilliseconds, (int)Math.Min(int.MaxValue, Stopwatch.GetElapsedTime(sent).TotalMicroseconds), status, flaw));
}
