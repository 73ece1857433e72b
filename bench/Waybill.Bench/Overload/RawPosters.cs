using Waybill.Ingest;
using Waybill.Payloads;
using Waybill.Posting;

namespace Waybill.Overload;

/// <summary>One poster process's plan and what became of its requests.</summary>
internal sealed record RawPost(PayloadPlan Plan, PostSummary Summary, Attempt[] Attempts)
{
    public int[] Acknowledged => [.. Attempts.Where(attempt => attempt.Acknowledged).Select(attempt => attempt.Request).Distinct().Order()];

    public long AcknowledgedSpans => (long)Acknowledged.Length * Plan.SpansPerRequest;

    /// <summary>Requests of which it is not known whether they were stored: no answer, and none of a later attempt that was acknowledged.</summary>
    public long UnknownSpans => (long)Attempts.Where(attempt => attempt.Unknown).Select(attempt => attempt.Request).Except(Acknowledged).Count() * Plan.SpansPerRequest;

    public IEnumerable<double> AckMilliseconds => Attempts.Where(attempt => attempt.Acknowledged).Select(attempt => attempt.LatencyMicros / 1000.0);
}

/// <summary>Starts poster processes that send now, each with ids of its own, and never send a refused request again.</summary>
internal sealed class RawPosters(RunDirectory run, Uri target, ulong seed, TimeProvider clock)
{
    private int _started;

    /// <param name="spansPerSecond">0 sends as fast as answers come.</param>
    public async Task<RawPost> Run(double spansPerSecond, double seconds, int connections, CancellationToken cancel)
    {
        int number = Interlocked.Increment(ref _started);
        double requestsPerSecond = spansPerSecond / OverloadOptions.SpansPerRequest;
        int requests = requestsPerSecond > 0 ? (int)Math.Ceiling(requestsPerSecond * seconds) : int.MaxValue;
        long startNano = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var plan = new PayloadPlan(seed + (ulong)number, 32, OverloadOptions.SpansPerRequest, startNano, requestsPerSecond > 0 ? (long)(1e9 / requestsPerSecond) : 1_000_000);
        run.Save(plan, $"post-{number}");
        var (summary, attempts) = await PostCommand.Run(run.PlanFileOf($"post-{number}"), run.PostFile($"post-{number}"),
            new(target, 0, requests, connections, requestsPerSecond, seconds, Gzip: false, Retry: false), cancel);
        return new(plan, summary, attempts);
    }
}
