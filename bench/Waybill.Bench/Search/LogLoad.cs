using System.Net.Http.Headers;
using Waybill.Ingest;
using Waybill.Payloads;
using Waybill.Servers;

namespace Waybill.Search;

/// <summary>Log records to search in, beside the spans of a run and over the same time.</summary>
internal static class LogLoad
{
    private const int Connections = 4, AttemptsMax = 50;

    private static string Marker(RunDirectory run) => Path.Combine(run.Path, "logs.count");

    public static bool IsDone(RunDirectory run) => File.Exists(Marker(run));

    public static async Task Run(ServerUnderTest server, RunDirectory run, long records, TimeSpan window, CancellationToken cancel)
    {
        long requests = (records + LogRequest.Records - 1) / LogRequest.Records, step = window.Ticks * 100 / Math.Max(1, requests);
        long start = (TimeProvider.System.GetUtcNow() - window - DateTimeOffset.UnixEpoch).Ticks * 100;
        using var http = new HttpClient();
        var target = new Uri(server.Traces, "logs");
        await Parallel.ForAsync(0L, requests, new ParallelOptions { MaxDegreeOfParallelism = Connections, CancellationToken = cancel }, async (request, stop) =>
            await Post(http, target, LogRequest.Write(Chance.Mix((ulong)request), start + request * step, step), stop));
        await Quiet.Wait(server, TimeSpan.FromMinutes(10), cancel);
        await File.WriteAllTextAsync(Marker(run), $"{requests * LogRequest.Records}", cancel);
        Console.WriteLine($"{requests * LogRequest.Records:N0} log records beside them");
    }

    private static async Task Post(HttpClient http, Uri target, byte[] body, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using var answer = await http.PostAsync(target, content, cancel);
            if (answer.IsSuccessStatusCode) return;
            if (attempt == AttemptsMax || answer.Headers.RetryAfter?.Delta is not { } pause) throw new InvalidOperationException($"Logs were answered {(int)answer.StatusCode}.");
            await Task.Delay(pause, cancel);
        }
    }
}
