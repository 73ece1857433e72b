using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Waybill.Ingest;
using Waybill.Measuring;
using Waybill.Payloads;
using Waybill.Posting;
using Waybill.Servers;

namespace Waybill.Causes;

/// <summary>How long after its acknowledgement a trace is in its digest, in searches and in the map, while spans arrive at a steady rate.</summary>
internal sealed class Lag(ServerUnderTest server, HttpClient http)
{
    private const string Service = "lag-probe";
    private const int SpansPerRequest = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1), Look = TimeSpan.FromMilliseconds(50), LookAtMap = TimeSpan.FromMilliseconds(500), Patience = TimeSpan.FromSeconds(120);

    private readonly List<long> _acknowledged = [];   // of each probe, in the order in which they were sent
    private readonly long _since = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    /// <param name="SpansPerSecond">What was in fact acknowledged besides the probes.</param>
    public readonly record struct Result(double SpansPerSecond, Percentiles Digest, Percentiles Search, Percentiles Map, Percentiles Acknowledged);

    public async Task<Result> Measure(RunDirectory run, int spansPerSecond, double seconds, CancellationToken cancel)
    {
        int requests = (int)(seconds * spansPerSecond / SpansPerRequest);
        var plan = PayloadPlan.Over(TimeSpan.FromSeconds(seconds), TimeProvider.System.GetUtcNow().AddSeconds(seconds), requests, 77, 128, SpansPerRequest);
        run.Save(plan, "lag");
        var post = new PostOptions(server.Traces, 0, requests, 8, (double)spansPerSecond / SpansPerRequest, double.MaxValue, false, Retry: true);
        var load = PostCommand.Run(run.PlanFileOf("lag"), run.PostFile("lag"), post, cancel);

        var seen = new List<Task<(double Digest, double Search)>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var map = Map((int)(seconds / Every.TotalSeconds), stop.Token);
        for (int i = 0; i < seconds / Every.TotalSeconds; i++)
        {
            string id = Guid.NewGuid().ToString("n");
            await Send(id, cancel);
            lock (_acknowledged) _acknowledged.Add(Stopwatch.GetTimestamp());
            seen.Add(Seen(id, Stopwatch.GetTimestamp(), cancel));
            await Task.Delay(Every, cancel);
        }
        var (summary, attempts) = await load;
        var found = await Task.WhenAll(seen);
        stop.CancelAfter(Patience);
        long taken = attempts.LongCount(attempt => attempt.Acknowledged) * SpansPerRequest;
        return new(taken / summary.Seconds, new(found.Select(of => of.Digest)), new(found.Select(of => of.Search)), new(await map), new(attempts.Where(attempt => attempt.Acknowledged).Select(attempt => attempt.LatencyMicros / 1e6)));
    }

    private async Task<(double Digest, double Search)> Seen(string id, long acknowledged, CancellationToken cancel)
    {
        double digest = await Until($"/api/traces/{id}/digest", answer => answer.GetProperty("spanCount").GetInt32() == 2);
        double search = await Until($"/api/search?q={Uri.EscapeDataString($"{{ span.probe.id = \"{id}\" }}")}&since={_since - 60}", answer => answer.GetProperty("traces").GetArrayLength() == 1);
        return (digest, search);

        async Task<double> Until(string path, Func<JsonElement, bool> there)
        {
            while (Stopwatch.GetElapsedTime(acknowledged) < Patience)
            {
                using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancel);
                if (answer.IsSuccessStatusCode)
                {
                    using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
                    if (there(body.RootElement)) break;
                }
                await Task.Delay(Look, cancel);
            }
            return Stopwatch.GetElapsedTime(acknowledged).TotalSeconds;
        }
    }

    /// <summary>For each probe, when the map first counted that many.</summary>
    private async Task<List<double>> Map(int probes, CancellationToken stop)
    {
        var lags = new List<double>();
        try
        {
            while (lags.Count < probes)
            {
                await Task.Delay(LookAtMap, stop);
                using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/map?service={Service}&since={_since - 60}"), UriKind.Relative), stop));
                double counted = answer.RootElement.GetProperty("nodes").EnumerateArray().Where(node => node.GetProperty("name").GetString() == Service).Sum(node => node.GetProperty("requestCount").GetDouble());
                lock (_acknowledged)
                    while (lags.Count < counted && lags.Count < _acknowledged.Count) lags.Add(Stopwatch.GetElapsedTime(_acknowledged[lags.Count]).TotalSeconds);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }   // what the map never counted is not in the figures; their number is printed
        return lags;
    }

    private async Task Send(string id, CancellationToken cancel)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        string json = string.Create(CultureInfo.InvariantCulture, $$$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{Service}}}"}}]},"scopeSpans":[{"spans":[
              {"traceId":"{{{id}}}","spanId":"{{{id[..16]}}}","name":"probe","kind":2,"startTimeUnixNano":"{{{now}}}","endTimeUnixNano":"{{{now + 2_000_000}}}","attributes":[{"key":"probe.id","value":{"stringValue":"{{{id}}}"}}]},
              {"traceId":"{{{id}}}","spanId":"{{{id[16..]}}}","parentSpanId":"{{{id[..16]}}}","name":"inner","kind":1,"startTimeUnixNano":"{{{now}}}","endTimeUnixNano":"{{{now + 1_000_000}}}"}]}]}]}
            """);
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(server.Traces, content, cancel);
        answer.EnsureSuccessStatusCode();
    }
}
