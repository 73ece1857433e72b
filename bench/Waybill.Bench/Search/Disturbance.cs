using Waybill.Ingest;
using Waybill.Measuring;
using Waybill.Payloads;
using Waybill.Posting;
using Waybill.Servers;

namespace Waybill.Search;

/// <summary>What ten heavy searches at a time do to acknowledgements.</summary>
internal static class Disturbance
{
    private const int Searches = 10, RequestsPerSecond = 20;
    private const double LimitFactor = 2;

    /// <returns>Whether the p50 of acknowledgements stayed within twice what it was.</returns>
    public static async Task<bool> Measure(ServerUnderTest server, RunDirectory run, HttpClient http, long end, double seconds, CancellationToken cancel)
    {
        Percentiles alone = await Acknowledgements(server, run, "alone", 91, seconds, cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var answers = new Dictionary<int, int>();
        Task[] searching = [.. Enumerable.Range(0, Searches).Select(number => Search(http, end, number, answers, stop.Token))];
        Percentiles disturbed = await Acknowledgements(server, run, "disturbed", 92, seconds, cancel);
        await stop.CancelAsync();
        await Task.WhenAll(searching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool fine = disturbed.P50 <= alone.P50 * LimitFactor;
        Console.WriteLine($"ack alone          p50 {alone.P50:F1}  p90 {alone.P90:F1}  p99 {alone.P99:F1} ms at {RequestsPerSecond} requests/s");
        Console.WriteLine($"ack, ten searches  p50 {disturbed.P50:F1}  p90 {disturbed.P90:F1}  p99 {disturbed.P99:F1} ms   x{disturbed.P50 / alone.P50:F2}{(fine ? "" : "   MISSED: at most x2")}");
        Console.WriteLine($"searches answered  {string.Join(", ", answers.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}"))}");
        return fine;
    }

    private static async Task<Percentiles> Acknowledgements(ServerUnderTest server, RunDirectory run, string name, ulong seed, double seconds, CancellationToken cancel)
    {
        int requests = (int)(seconds * RequestsPerSecond);
        run.Save(PayloadPlan.Over(TimeSpan.FromMinutes(1), TimeProvider.System.GetUtcNow(), requests, seed, 32, 100), name);
        var post = new PostOptions(server.Traces, 0, requests, 4, RequestsPerSecond, double.MaxValue, false, Retry: true);
        var (_, attempts) = await PostCommand.Run(run.PlanFileOf(name), run.PostFile(name), post, cancel);
        return new(attempts.Where(attempt => attempt.Acknowledged).Select(attempt => attempt.LatencyMicros / 1000.0));
    }

    private static async Task Search(HttpClient http, long end, int number, Dictionary<int, int> answers, CancellationToken cancel)
    {
        var chance = new Chance((ulong)number + 1);
        while (!cancel.IsCancellationRequested)
        {
            using var answer = await http.GetAsync(new Uri(chance.Pick(Question.Heavy)(chance, end), UriKind.Relative), cancel);
            lock (answers) answers[(int)answer.StatusCode] = answers.GetValueOrDefault((int)answer.StatusCode) + 1;
            if (!answer.IsSuccessStatusCode) await Task.Delay(200, cancel);
        }
    }
}
