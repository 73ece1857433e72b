using System.Text.Json.Serialization;

namespace Waybill.Ingest;

/// <summary>A refused request as it is shown. Holds nothing of its content.</summary>
public sealed record RefusedRequest(DateTimeOffset At, string? Peer, string Protocol, int HttpStatus, string GrpcStatus, string Reason, string? Field, string Fix)
{
    /// <summary>Whose it would have been; empty when that is not known.</summary>
    [JsonIgnore] public string Tenant { get; init; } = "";
}

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
        var refused = new RefusedRequest(clock.GetUtcNow(), caller.Peer, caller.Protocol.Name(), refusal.HttpStatus, refusal.GrpcStatus.ToString(), refusal.Label, refusal.Field, refusal.Message) { Tenant = caller.Tenant };
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
    /// <param name="tenant">Of this tenant only; null: of all.</param>
    public RefusedRequest[] Latest(int countMax, string? tenant = null)
    {
        lock (_lock)
        {
            var latest = new List<RefusedRequest>();
            for (long at = _count - 1; at >= Math.Max(0, _count - _ring.Length) && latest.Count < countMax; at--)
                if (_ring[at % _ring.Length] is { } refused && (tenant is null || refused.Tenant == tenant)) latest.Add(refused);
            return [.. latest];
        }
    }
}
