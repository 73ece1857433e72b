namespace Waybill.Access;

/// <summary>Buckets that fill with time, one per key. Bounded: the fullest are forgotten, which gives their keys nothing that they did not have.</summary>
internal sealed class TokenBuckets<TKey>(TimeProvider clock, int keysMax = 100_000) where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Bucket> _buckets = [];

    private record struct Bucket(double Level, long At, double Capacity, double PerSecond);

    /// <summary>Takes from the bucket if it holds as much.</summary>
    /// <returns>Null when taken; else how long until it will hold as much.</returns>
    public TimeSpan? Take(TKey key, double amount, double capacity, double perSecond)
    {
        lock (_lock)
        {
            Bucket bucket = Now(key, capacity, perSecond);
            if (bucket.Level < amount)
            {
                _buckets[key] = bucket;
                return TimeSpan.FromSeconds(perSecond > 0 ? Math.Min(3600, (amount - bucket.Level) / perSecond) : 3600);
            }
            _buckets[key] = bucket with { Level = bucket.Level - amount };
            return null;
        }
    }

    /// <summary>Takes what was used already, also below nothing: the next to come wait for it.</summary>
    public void Charge(TKey key, double amount, double capacity, double perSecond)
    {
        lock (_lock)
        {
            Bucket bucket = Now(key, capacity, perSecond);
            _buckets[key] = bucket with { Level = bucket.Level - amount };
        }
    }

    /// <summary>Puts back what was taken in vain.</summary>
    public void GiveBack(TKey key, double amount)
    {
        lock (_lock)
            if (_buckets.TryGetValue(key, out Bucket bucket)) _buckets[key] = bucket with { Level = Math.Min(bucket.Capacity, bucket.Level + amount) };
    }

    private Bucket Now(TKey key, double capacity, double perSecond)
    {
        long now = clock.GetTimestamp();
        if (_buckets.TryGetValue(key, out Bucket bucket)) return bucket with { Level = Math.Min(capacity, bucket.Level + clock.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond), At = now, Capacity = capacity, PerSecond = perSecond };
        if (_buckets.Count >= keysMax) ForgetFullest(now);
        return new Bucket(capacity, now, capacity, perSecond);
    }

    private void ForgetFullest(long now)
    {
        foreach (TKey key in _buckets.OrderByDescending(entry => (entry.Value.Level + clock.GetElapsedTime(entry.Value.At, now).TotalSeconds * entry.Value.PerSecond) / entry.Value.Capacity)
                     .Take(keysMax / 4).Select(entry => entry.Key).ToList()) _buckets.Remove(key);
    }
}
