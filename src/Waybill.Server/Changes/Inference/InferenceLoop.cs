using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Engine;
using Waybill.Flags;
using Waybill.Access;
using Waybill.Ingest;
using Waybill.Spool;
using Waybill.Storage;
using Waybill.Web;

namespace Waybill.Changes.Inference;

/// <summary>Looks at what arrives for changes that nobody reports, and reports them as inferred. What it infers has the same id each time, so looking again doubles nothing.</summary>
public sealed partial class InferenceLoop(
    SightingTable sightings, KubernetesEventTable cluster, FlagTable flags, ChangeTable changes, ChangeIntake intake, ChangeOptions options, Tenants tenants, StorageHost storage, TimeProvider clock, ILogger<InferenceLoop> log)
    : BackgroundService
{
    private const long Second = 1_000_000_000, Minute = 60 * Second;
    /// <summary>How far back a change may have begun to be reported now: longer than a server is away for an update.</summary>
    private const long ReachSeconds = 3600;
    private const long FlagsSeconds = 2 * 3600;
    /// <summary>Evaluations arrive within this: SDKs export every 1 to 10 s, and a segment takes a second.</summary>
    private const long SettlingSeconds = 60;
    /// <summary>A switch that was reported so near in time is the one that was seen.</summary>
    private const long FlagSlackNano = 15 * Minute;
    private const int KnownMax = 100_000;

    private readonly Dictionary<(string Tenant, UInt128 Id), string> _reported = [];   // id -> evidence, so that what has not changed is not written again

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Infer) return;
        await storage.Ready.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.InferEverySeconds), clock);
        do
        {
            try
            {
                foreach (string tenant in tenants.Known()) await Look(tenant, stoppingToken);
            }
            catch (Exception e) when (e is EngineException or SpoolFullException)
            {
                LogNotInferred(e.Message);   // the next look sees the same and more
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task Look(string tenant, CancellationToken cancel)
    {
        long now = clock.UnixNano();
        List<ChangeReport> found = DeploymentInference.Infer(await sightings.Read(tenant, now / Second - options.InferLookBackDays * 24L * 3600, cancel), now / Second - ReachSeconds);
        found.AddRange(await Switches(tenant, now, cancel));
        if (await cluster.Read(tenant, new TimeRange(now - ReachSeconds * Second, now + Minute), KubernetesInference.Reasons, cancel) is { Count: > 0 } events)
            found.AddRange(KubernetesInference.Infer(events, await cluster.Places(tenant, now / Second - 2 * ReachSeconds, cancel)));
        List<ChangeReport> news = [.. found.Where(change => _reported.GetValueOrDefault((tenant, change.Id)) != change.Evidence)];
        if (news.Count == 0) return;
        await intake.Accept(tenant, news, cancel);
        if (_reported.Count > KnownMax) _reported.Clear();
        foreach (ChangeReport change in news) _reported[(tenant, change.Id)] = change.Evidence;
    }

    private async Task<List<ChangeReport>> Switches(string tenant, long now, CancellationToken cancel)
    {
        var range = new TimeRange(now - FlagsSeconds * Second, now + Minute);
        List<ChangeReport> switched = FlagInference.Infer(await flags.ReadShares(tenant, range, Minute, cancel), now - SettlingSeconds * Second);
        if (switched.Count == 0) return switched;
        ChangePage known = await changes.Read(tenant, range, new ChangeFilter { Kinds = [ChangeKind.FeatureFlag] }, 1_000, null, cancel);
        return [.. switched.Where(change => !known.Changes.Any(other =>
            other.Subject == change.Subject && other.Id != ChangeTable.Hex(change.Id) && Math.Abs(other.StartedNano - change.StartedUnixNano) <= FlagSlackNano
            && (other.Environment is null || change.Environment.Length == 0 || other.Environment == change.Environment)))];
    }

    [LoggerMessage(1, LogLevel.Warning, "Changes could not be inferred just now. {Error}")]
    private partial void LogNotInferred(string error);
}
