namespace Waybill.Spool;

/// <summary>How long the last 1,024 syncs took. One thread adds, any reads.</summary>
internal sealed class SyncTimes
{
    private readonly long[] _ticks = new long[1024];
    private long _count;

    public void Add(TimeSpan time)
    {
        Volatile.Write(ref _ticks[_count % _ticks.Length], time.Ticks);
        Interlocked.Increment(ref _count);
    }

    /// <returns>Nulls before the first sync.</returns>
    public (TimeSpan? P50, TimeSpan? P99) Percentiles()
    {
        int count = (int)Math.Min(Interlocked.Read(ref _count), _ticks.Length);
        if (count == 0) return default;

        long[] sorted = _ticks[..count];
        Array.Sort(sorted);
        return (new TimeSpan(sorted[(count - 1) / 2]), new TimeSpan(sorted[(int)((count - 1) * 0.99)]));
    }
}
