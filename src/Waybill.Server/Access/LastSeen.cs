using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Storage;

namespace Waybill.Access;

/// <summary>When each identity was seen last. Kept over restarts, to the minute; bounded.</summary>
internal sealed class LastSeen
{
    private const int KeptMax = 100_000;

    private sealed record Contents(long SinceUnixSeconds, Dictionary<string, long> At);

    private readonly TimeProvider _clock;
    private readonly StateFile<Contents> _file;
    private readonly ConcurrentDictionary<string, long> _at;

    public LastSeen(TimeProvider clock, StorageOptions storage, ILogger<LastSeen> log)
    {
        _clock = clock;
        _file = new StateFile<Contents>(Path.Combine(storage.Directory, "access", "seen.json"), log);
        Contents? kept = _file.Read();
        SinceUnixSeconds = kept?.SinceUnixSeconds ?? clock.GetUtcNow().ToUnixTimeSeconds();
        _at = new ConcurrentDictionary<string, long>(kept?.At ?? [], StringComparer.Ordinal);
    }

    /// <summary>What was before is not known.</summary>
    public long SinceUnixSeconds { get; private set; }

    public void Saw(string who)
    {
        if (_at.Count >= KeptMax)
        {
            _at.Clear();
            SinceUnixSeconds = _clock.GetUtcNow().ToUnixTimeSeconds();
        }
        _at[who] = _clock.GetUtcNow().ToUnixTimeSeconds();
    }

    public long? Of(string who) => _at.TryGetValue(who, out long at) ? at : null;

    public void Keep()
    {
        if (!_at.IsEmpty) _file.Write(new Contents(SinceUnixSeconds, new Dictionary<string, long>(_at)));
    }
}

/// <summary>Keeps who was seen and which sessions were used when: each minute, and at the end.</summary>
internal sealed class SeenLoop(LastSeen seen, Sessions sessions, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Keep();
        }
        catch (OperationCanceledException)
        {
            Keep();
        }
    }

    private void Keep()
    {
        seen.Keep();
        sessions.Keep();
    }
}
