using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Engine;
using Waybill.Access;
using Waybill.Storage;

namespace Waybill.Redaction;

/// <summary>Scans what is stored, a minute after the start and then every <see cref="RedactionOptions.ScanMinutes"/>.</summary>
public sealed partial class ExposureScanLoop(ExposureScan scan, StorageHost storage, Tenants tenants, RedactionOptions options, TimeProvider clock, ILogger<ExposureScanLoop> log) : BackgroundService
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.ScanMinutes == 0) return;
        await storage.Ready.WaitAsync(stoppingToken);
        await Task.Delay(First, clock, stoppingToken);
        while (true)
        {
            try
            {
                foreach (string tenant in tenants.Known()) await scan.Scan(tenant, stoppingToken);
            }
            catch (EngineException e)
            {
                LogFailed(e.Name);
            }
            await Task.Delay(TimeSpan.FromMinutes(options.ScanMinutes), clock, stoppingToken);
        }
    }

    // The engine's message may quote what was read.
    [LoggerMessage(1, LogLevel.Warning, "What is stored could not be scanned for sensitive texts ({Error}); tried again later")]
    private partial void LogFailed(string error);
}
