namespace Waybill.Ingest;

/// <summary>A refused request as it is shown. Holds nothing of its content.</summary>
public sealed record RefusedRequest(DateTimeOffset At, string? Peer, string Protocol, int HttpStatus, string GrpcStatus, string Reason, string? Field, string Fix);

/// <summary>The latest refused requests, a bounded number, and how often a line is written about them.</summary>
public sealed class Refusals(IngestOptions options, TimeProvider clock)
{
    // Under overload thousands are refused in a second: one line per reason in this time says as much.
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly RefusedRequest[] _ring = new RefusedRequest[options.RefusalsKept];
    private readonly (long LoggedAt, int NotLogged)[] _lines = new (long, int)[Refusal.Labels.Length];
    private long _count;

    /// <summary>Adds one.</summary>
    /// <returns>How many of its reason went without a log line since the last; null when this one shall go without too.</returns>
    internal int? Add(Caller caller, Refusal refusal)
    {
        long now = clock.GetTimestamp();
        var refused = new RefusedRequest(clock.GetUtcNow(), caller.Peer, caller.Protocol.Name(), refusal.HttpStatus, refusal.GrpcStatus.ToString(), refusal.Label, refusal.Field, refusal.Message);
        lock (_lock)
        {
            _ring[_count++ % _ring.Length] = refused;
            ref var line = ref _lines[(int)refusal.Reason];
            if (line.LoggedAt != 0 && clock.GetElapsedTime(line.LoggedAt, now) < LogEvery)
            {
                line.NotLogged++;
                return null;
            }
            int notLogged = line.NotLogged;
            line = (now, 0);
            return notLogged;
        }
    }

    /// <summary>The latest, newest first.</summary>
    public RefusedRequest[] Latest(int countMax)
    {
        lock (_lock)
        {
            var latest = new RefusedRequest[Math.Min(countMax, Math.Min(_count, _ring.Length))];
            for (int i = 0; i < latest.Length; i++) latest[i] = _ring[(_count - 1 - i) % _ring.Length];
            return latest;
        }
    }
}
