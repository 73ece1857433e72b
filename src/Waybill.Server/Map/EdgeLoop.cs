using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Engine;
using Waybill.Storage;

namespace Waybill.Map;

/// <summary>
/// Keeps the service map true: derives the minutes whose spans changed, the newest first, and rests in proportion to what that cost.
/// Nothing is remembered between passes, so a killed server, late spans and deleted ones are all the same case: the number of spans differs.
/// </summary>
public sealed partial class EdgeLoop(EdgeTable edges, StorageHost storage, MapOptions options, TimeProvider clock, ILogger<EdgeLoop> log) : BackgroundService
{
    private const int RecentMinutes = 15, AtOnceMax = 60;
    /// <summary>A minute that keeps changing is derived again after this many times what that costs (measured): the running minute of 1,000 spans a second every 5 s, of 20,000 every 8, for 7 % of a core.</summary>
    private const double RestFactor = 15, SecondsPerSpanRead = 0.3e-6, SecondsPerSpanAdded = 0.7e-6;
    private static readonly TimeSpan LateEvery = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        DateTimeOffset lateDue = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(options.PauseSeconds), clock, stoppingToken);
                if (storage.Missing is not null) continue;
                await Pass(TimeSpan.FromMinutes(RecentMinutes), stoppingToken);
                if (clock.GetUtcNow() < lateDue) continue;
                bool more = await Pass(TimeSpan.FromHours(options.LateHoursMax), stoppingToken);
                if (!more) lateDue = clock.GetUtcNow() + LateEvery;
            }
            catch (EngineException e)
            {
                LogFailed(e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <returns>Whether it stopped at its bound, and there may be more to do.</returns>
    private async Task<bool> Pass(TimeSpan back, CancellationToken cancel)
    {
        DateTimeOffset now = clock.GetUtcNow();
        List<StaleMinute> stale = await edges.FindStale((uint)(now - back).ToUnixTimeSeconds(), (uint)now.ToUnixTimeSeconds(), AtOnceMax, cancel);
        foreach (StaleMinute minute in stale.Where(minute => now.ToUnixTimeSeconds() - minute.DerivedUnixSeconds >= RestFactor * SecondsOf(minute)))
        {
            long began = clock.GetTimestamp();
            await edges.Derive(minute, (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds(), cancel);
            await Task.Delay(clock.GetElapsedTime(began) * (1 / options.CoreShareMax - 1), clock, cancel);
        }
        return stale.Count == AtOnceMax;
    }

    private double SecondsOf(StaleMinute minute) => SecondsPerSpanRead * minute.Spans + SecondsPerSpanAdded * Math.Min(minute.Spans, options.SpansPerMinuteMax);

    [LoggerMessage(1, LogLevel.Warning, "The service map could not be brought up to date; trying again. {Error}")]
    private partial void LogFailed(string error);
}
