using System.Text.Json;
using Waybill.Ingest;
using Waybill.Measuring;
using Waybill.Posting;
using Waybill.Servers;

namespace Waybill.Overload;

/// <param name="Before">Posters that ran before the overload: capacity and baseline.</param>
/// <param name="During">Raw posters of the overload.</param>
/// <param name="After">The light load afterwards.</param>
internal sealed record OverloadResult(
    double Capacity, List<RawPost> Before, double BaselineMilliseconds, RawPost[] During, (SdkOptions Options, SdkSummary Summary, SdkOutcomes Outcomes)[] Sdk, RawPost After,
    double ServerCpuSeconds, long PeakResidentBytes, long PeakProportionalBytes, bool Settled)
{
    public IEnumerable<RawPost> Posts => [.. Before, .. During, After];

    public long Acknowledged => Posts.Sum(post => post.AcknowledgedSpans) + Sdk.Sum(sdk => sdk.Summary.Acknowledged);

    public long Unknown => Posts.Sum(post => post.UnknownSpans) + Sdk.Sum(sdk => sdk.Summary.Unknown);
}

/// <summary>Capacity, baseline, overload, recovery: in this order, against one server.</summary>
internal sealed class OverloadRun(ServerUnderTest server, RunDirectory run, OverloadOptions options, TimeProvider clock)
{
    private const int LightConnections = 4;
    private readonly RawPosters _posters = new(run, server.Traces, options.Seed, clock);

    public async Task<OverloadResult> Run(CancellationToken cancel)
    {
        await using var memory = new MemoryPeak(server.Processes);
        var before = new List<RawPost>();
        double capacity = options.Capacity;
        if (capacity <= 0)
        {
            Console.WriteLine("measuring capacity ...");
            before.Add(await _posters.Run(0, OverloadOptions.CapacitySeconds, LightConnections, cancel));
            capacity = before[0].AcknowledgedSpans / before[0].Summary.Seconds;
            await Quiet.Wait(server, TimeSpan.FromMinutes(5), cancel);
        }
        double light = capacity * OverloadOptions.LightShare;
        Console.WriteLine($"capacity {capacity:N0} spans/s; measuring the baseline at {light:N0} spans/s ...");
        before.Add(await _posters.Run(light, OverloadOptions.BaselineSeconds, LightConnections, cancel));
        double baseline = new Percentiles(before[^1].AckMilliseconds).P50;

        double raw = Math.Max(0, capacity * options.Factor - 2 * options.SdkProcesses * options.SdkSpansPerSecond);
        Console.WriteLine($"baseline ack p50 {baseline:F1} ms; offering {capacity * options.Factor:N0} spans/s for {options.Seconds:F0} s ...");
        double cpu = server.Processes.CpuSeconds();
        var sdk = Enumerable.Range(1, 2 * options.SdkProcesses).Select(process => Sdk(process, cancel)).ToList();
        var during = await Task.WhenAll(Enumerable.Range(0, options.Posters).Select(_ => _posters.Run(raw / options.Posters, options.Seconds, options.Connections, cancel)));
        cpu = server.Processes.CpuSeconds() - cpu;
        Console.WriteLine("measuring the recovery ...");
        var after = await _posters.Run(light, OverloadOptions.ProbeSeconds, LightConnections, cancel);
        var sdkResults = await Task.WhenAll(sdk);
        bool settled = await Quiet.Wait(server, TimeSpan.FromMinutes(15), cancel);
        return new(capacity, before, baseline, during, sdkResults, after, cpu, memory.ResidentBytes, memory.ProportionalBytes, settled);
    }

    private async Task<(SdkOptions, SdkSummary, SdkOutcomes)> Sdk(int process, CancellationToken cancel)
    {
        bool grpc = process % 2 == 0;
        var how = new SdkOptions(process, grpc, grpc ? server.Grpc! : server.Traces, options.SdkSpansPerSecond, options.Seconds);
        string log = Path.Combine(run.Path, $"sdk-{process}.outcomes");
        string answer = await Child.Output(["sdk", "--options", JsonSerializer.Serialize(how), "--log", log], cancel);
        return (how, JsonSerializer.Deserialize<SdkSummary>(answer)!, SdkOutcomes.Load(log));
    }
}
