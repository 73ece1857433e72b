using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Engine;
using Waybill.Storage;

namespace Waybill.Traces;

/// <summary>After a start, remembers from the index when the traces of the last day were, so that reading them is as fast as before the restart.</summary>
public sealed partial class RecentTracesLoop(RecentTraces recent, TraceTable traces, StorageHost storage, TimeProvider clock, ILogger<RecentTracesLoop> log) : BackgroundService
{
    private static readonly TimeSpan Reach = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await storage.Ready.WaitAsync(stoppingToken);
        long began = clock.GetTimestamp();
        int remembered = 0;
        try
        {
            await foreach (var (tenant, id, first, last) in traces.ReadExtents((clock.GetUtcNow() - Reach).ToUnixTimeSeconds(), recent.Capacity, stoppingToken))
            {
                recent.Note(tenant, id, first, last);
                remembered++;
            }
            LogRemembered(remembered, (int)clock.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (EngineException e)
        {
            LogNotRemembered(e.Message);   // only slower
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Remembered when {Traces} traces were, in {Milliseconds} ms")]
    private partial void LogRemembered(int traces, int milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "When earlier traces were is not remembered, reading them takes a few milliseconds longer. {Error}")]
    private partial void LogNotRemembered(string error);
}
