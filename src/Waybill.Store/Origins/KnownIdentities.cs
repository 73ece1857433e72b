using System.Collections.Concurrent;

namespace Waybill.Origins;

/// <summary>Which resources, scopes and series were written lately, so that each is written about once an hour and not with every request.</summary>
/// <remarks>Forgetting is harmless: the row is written once more and merges with itself. Bounded: at the limit everything is forgotten.</remarks>
public sealed class KnownIdentities(int countMax = 500_000)
{
    private readonly ConcurrentDictionary<(string Tenant, ulong Id), int> _writtenHour = new();

    /// <summary>Whether the row must be written with this request.</summary>
    public bool IsNews(string tenant, ulong id, long receivedUnixSeconds) =>
        !_writtenHour.TryGetValue((tenant, id), out int hour) || hour != Hour(receivedUnixSeconds);

    /// <summary>Called when the record that carries the row is durable.</summary>
    public void Written(string tenant, ulong id, long receivedUnixSeconds)
    {
        if (_writtenHour.Count >= countMax) _writtenHour.Clear();
        _writtenHour[(tenant, id)] = Hour(receivedUnixSeconds);
    }

    private static int Hour(long unixSeconds) => (int)(unixSeconds / 3600);
}
