namespace Waybill.Ingest;

/// <summary>What is known of a request that arrives.</summary>
internal enum Recollection : byte
{
    /// <summary>New: store it, then say how that ended with <see cref="RecentRequests.End"/>.</summary>
    New,
    /// <summary>Stored already: acknowledge it, store nothing.</summary>
    Stored,
    /// <summary>The same request is being stored: wait for how that ends.</summary>
    InFlight,
}

/// <summary>
/// The requests acknowledged of late, by hash, so that a request sent again because its answer was lost is not stored twice.
/// Bounded in time and number: what falls out is treated as new. Filled at start from what the spool still knows.
/// </summary>
public sealed class RecentRequests(IngestOptions options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, long> _stored = [];
    private readonly Queue<(UInt128 Hash, long UnixNano)> _oldest = new();
    private readonly Dictionary<UInt128, TaskCompletionSource<bool>> _inFlight = [];

    public int Count
    {
        get
        {
            lock (_lock) return _stored.Count;
        }
    }

    /// <summary>Remembers what was stored before this start.</summary>
    /// <param name="stored">Hash and time of receipt (nanoseconds since 1970), oldest first.</param>
    public void Seed(IEnumerable<(UInt128 Hash, long ReceivedUnixNano)> stored)
    {
        lock (_lock)
        {
            foreach (var (hash, receivedUnixNano) in stored) Remember(hash, receivedUnixNano);
            Forget();
        }
    }

    /// <summary>Asks what is known of a request. <see cref="Recollection.New"/> makes the caller the one who stores it.</summary>
    /// <param name="first">When in flight: completes with true when the request was stored, with false when that failed.</param>
    internal Recollection Begin(UInt128 hash, out Task<bool>? first)
    {
        first = null;
        lock (_lock)
        {
            Forget();
            if (_stored.ContainsKey(hash)) return Recollection.Stored;
            if (_inFlight.TryGetValue(hash, out var other))
            {
                first = other.Task;
                return Recollection.InFlight;
            }
            _inFlight.Add(hash, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
            return Recollection.New;
        }
    }

    /// <summary>Says how storing a request ended, to those who wait and those who come later.</summary>
    internal void End(UInt128 hash, bool stored)
    {
        TaskCompletionSource<bool> waiting;
        lock (_lock)
        {
            if (!_inFlight.Remove(hash, out waiting!)) throw new InvalidOperationException("A request ended that had not begun.");
            if (stored)
            {
                Remember(hash, clock.UnixNano());
                Forget();
            }
        }
        waiting.SetResult(stored);
    }

    private void Remember(UInt128 hash, long unixNano)
    {
        _stored[hash] = unixNano;
        _oldest.Enqueue((hash, unixNano));
    }

    private void Forget()
    {
        long horizon = clock.UnixNano() - options.RetryWindowSeconds * 1_000_000_000L;
        while (_oldest.TryPeek(out var oldest) && (oldest.UnixNano < horizon || _oldest.Count > options.RecentRequestsMax))
        {
            _oldest.Dequeue();
            if (_stored.TryGetValue(oldest.Hash, out long unixNano) && unixNano == oldest.UnixNano) _stored.Remove(oldest.Hash);
        }
    }
}
