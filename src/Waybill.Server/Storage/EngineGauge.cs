using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Storage;

/// <summary>What the engine holds.</summary>
/// <param name="Spans">Rows of <c>spans</c>, all tenants.</param>
/// <param name="Bytes">Bytes of all active parts on disk, compressed.</param>
/// <param name="Parts">Active parts of all tables; many mean that merges lag.</param>
/// <param name="Merges">Merges running now.</param>
public sealed record EngineContents(DateTimeOffset At, long Spans, long Logs, long MetricPoints, long SpansBytes, long Bytes, long Parts, long Merges);

/// <summary>Knows what the engine held a moment ago. Asking is free: the answer is the last one, and a new one is fetched behind it when it is older than a second.</summary>
public sealed class EngineGauge(EngineClient engine, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly EngineSettings Settings = new() { ExecutionSecondsMax = 5, ThreadsMax = 1 };

    private EngineContents? _latest;
    private int _fetching;

    /// <summary>Null until the engine has answered once.</summary>
    public EngineContents? Latest
    {
        get
        {
            EngineContents? latest = Volatile.Read(ref _latest);
            if ((latest is null || clock.GetUtcNow() - latest.At > Fresh) && Interlocked.Exchange(ref _fetching, 1) == 0) _ = Fetch();
            return latest;
        }
    }

    private async Task Fetch()
    {
        try
        {
            await using EngineResponse response = await engine.Query("""
                SELECT sumIf(rows, table = 'spans') AS spans, sumIf(rows, table = 'logs') AS logs, sumIf(rows, table = 'metric_points') AS metric_points,
                       sumIf(bytes_on_disk, table = 'spans') AS spans_bytes, sum(bytes_on_disk) AS bytes, count() AS parts,
                       (SELECT count() FROM system.merges WHERE database = currentDatabase()) AS merges
                FROM system.parts WHERE active AND database = currentDatabase()
                """, settings: Settings);
            using var reader = new BlockReader(response.Body);
            if (await reader.Read(CancellationToken.None) is { } block)
                Volatile.Write(ref _latest, new EngineContents(clock.GetUtcNow(), Read(block, "spans"), Read(block, "logs"), Read(block, "metric_points"),
                    Read(block, "spans_bytes"), Read(block, "bytes"), Read(block, "parts"), Read(block, "merges")));
        }
        catch (EngineException)
        {
            // Not answering is told by EngineSection.Ready; the last contents stay, with their time.
        }
        finally
        {
            Volatile.Write(ref _fetching, 0);
        }
    }

    private static long Read(Block block, string name) => block[name].GetInt64(0);
}
