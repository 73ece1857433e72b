namespace Waybill.Access;

/// <summary>Keeps one tenant from using up what all share: questions a second, and bytes of telemetry a second, as <c>access.yaml</c> says.</summary>
public sealed class TenantLimits(PolicyFile policy, TimeProvider clock)
{
    /// <summary>Seconds' worth that may come at once.</summary>
    private const double Burst = 10;

    private readonly TokenBuckets<string> _requests = new(clock), _bytes = new(clock);

    internal AccessRefusal? Request(string tenant)
    {
        if (policy.Read().Limits.GetValueOrDefault(tenant)?.RequestsPerSecond is not { } rate) return null;
        return _requests.Take(tenant, 1, Math.Max(1, rate * Burst), rate) is { } wait
            ? AccessRefusal.TooFast($"Tenant {tenant} asks more than {rate:0.##} times a second. Ask again after the given delay.", Seconds(wait)) : null;
    }

    /// <summary>Whether telemetry is taken now; its size is charged when it is known.</summary>
    internal AccessRefusal? Ingest(string tenant)
    {
        if (policy.Read().Limits.GetValueOrDefault(tenant)?.IngestBytesPerSecond is not { } rate) return null;
        return _bytes.Take(tenant, 0, rate * Burst, rate) is { } wait
            ? AccessRefusal.TooFast($"Tenant {tenant} sends more than {rate:0} bytes a second. Send again after the given delay, or ask for a higher limit.", Seconds(wait)) : null;
    }

    public void ChargeIngest(string tenant, int bytes)
    {
        if (policy.Read().Limits.GetValueOrDefault(tenant)?.IngestBytesPerSecond is { } rate) _bytes.Charge(tenant, bytes, rate * Burst, rate);
    }

    private static int Seconds(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
}
