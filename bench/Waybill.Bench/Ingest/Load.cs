using System.Diagnostics;
using Waybill.Measuring;
using Waybill.Payloads;
using Waybill.Posting;
using Waybill.Servers;

namespace Waybill.Ingest;

/// <param name="Spans">To send; rounded up to whole requests.</param>
/// <param name="Window">Span times are spread over this much time before now, in the order of sending.</param>
/// <param name="RequestsPerSecond">0 sends as fast as acknowledgements come.</param>
internal sealed record LoadOptions(
    long Spans, int SpansPerRequest, int Connections, bool Gzip, TimeSpan Window, double RequestsPerSecond, int Templates, ulong Seed, TimeSpan SettleWithin, TimeSpan DiskWait);

/// <summary>What one load cost.</summary>
/// <param name="AllInSeconds">From the first request until the spool was empty and merges had settled.</param>
/// <param name="CpuSecondsAtLastAck">Of all server processes, from the first request to the last answer.</param>
/// <param name="CpuSecondsAllIn">The same until settled: what the load costs in the end.</param>
/// <param name="EngineBytes">In the engine's directory as du sees it, with merged-away parts that are kept for some minutes.</param>
/// <param name="ActiveBytes">Of active parts, as the server says; null when it does not.</param>
internal sealed record LoadResult(
    long Sent, long Acknowledged, int Refusals, int Flaws, int Unknown, PostSummary Post, double AllInSeconds, double CpuSecondsAtLastAck, double CpuSecondsAllIn,
    bool Settled, Percentiles AckMilliseconds, long PeakResidentBytes, long PeakProportionalBytes, long EngineBytes, long? ActiveBytes, long AllBytes)
{
    public double SpansPerSecond => Acknowledged / Post.Seconds;

    public double SpansPerCpuSecond => Acknowledged / CpuSecondsAllIn;
}

/// <summary>Posts a load from another process and watches what it costs the server until everything is done.</summary>
internal static class Load
{
    public static async Task<LoadResult> Run(ServerUnderTest server, RunDirectory run, LoadOptions options, TimeProvider clock, CancellationToken cancel)
    {
        int requests = checked((int)((options.Spans + options.SpansPerRequest - 1) / options.SpansPerRequest));
        run.Save(PayloadPlan.Over(options.Window, clock.GetUtcNow(), requests, options.Seed, options.Templates, options.SpansPerRequest));
        var post = new PostOptions(server.Traces, 0, requests, options.Connections, options.RequestsPerSecond, double.MaxValue, options.Gzip, Retry: true);

        await using var memory = new MemoryPeak(server.Processes);
        double cpuBefore = server.Processes.CpuSeconds();
        long started = Stopwatch.GetTimestamp();
        var (summary, attempts) = await PostCommand.Run(run.PlanFile, run.PostFile("ingest"), post, cancel);
        double cpuAtLastAck = server.Processes.CpuSeconds() - cpuBefore;
        bool settled = await Quiet.Wait(server, options.SettleWithin, cancel);
        double cpuAllIn = server.Processes.CpuSeconds() - cpuBefore, allIn = Stopwatch.GetElapsedTime(started).TotalSeconds;

        await Task.Delay(options.DiskWait, clock, cancel);
        string engine = Path.Combine(server.DataDirectory, "engine");
        long acknowledged = attempts.Where(attempt => attempt.Acknowledged).Select(attempt => attempt.Request).Distinct().LongCount();
        return new((long)requests * options.SpansPerRequest, acknowledged * options.SpansPerRequest,
            attempts.Count(attempt => !attempt.Acknowledged && !attempt.Unknown), attempts.Count(attempt => attempt.Flaw != AttemptFlaw.None), attempts.Count(attempt => attempt.Unknown),
            summary, allIn, cpuAtLastAck, cpuAllIn, settled,
            new(attempts.Where(attempt => attempt.Acknowledged).Select(attempt => attempt.LatencyMicros / 1000.0)),
            memory.ResidentBytes, memory.ProportionalBytes, Machine.DiskBytes(engine), await ActiveBytes(server, cancel), Machine.DiskBytes(server.DataDirectory));
    }

    private static async Task<long?> ActiveBytes(ServerUnderTest server, CancellationToken cancel)
    {
        if (server.Api is not { } api) return null;
        using var http = new HttpClient();
        return (await ServerStatus.Get(http, api, cancel)).EngineBytes;
    }
}
