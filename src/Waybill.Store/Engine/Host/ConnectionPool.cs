namespace Waybill.Engine.Host;

/// <summary>
/// Leases connections, one statement each: parameters of statements that share a connection leak between them (measured, 100 of 8,000).
/// At most <see cref="EngineHostOptions.ConnectionsMax"/> are open; idle ones are kept by profile and the least recently used is closed for a new profile.
/// </summary>
internal sealed class ConnectionPool(EngineHostOptions options, Func<EngineConnection> open) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.ConnectionsMax);
    private readonly LinkedList<(string Profile, EngineConnection Connection)> _idle = [];   // most recently used first; bounded by _free
    private int _waiting;

    /// <exception cref="EngineException">202 when too many wait or the wait was too long; whatever the engine says of the profile's settings.</exception>
    public async ValueTask<Lease> Rent(SessionProfile profile, CancellationToken cancel)
    {
        if (!_free.Wait(0, CancellationToken.None)) await Wait(cancel);
        try
        {
            return new Lease(this, profile, TakeIdle(profile) ?? Open(profile));
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    private async Task Wait(CancellationToken cancel)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > options.WaitingMax)
                throw TooMany($"{options.ConnectionsMax} statements run and {options.WaitingMax} wait");
            if (!await _free.WaitAsync(options.WaitMillisecondsMax, cancel))
                throw TooMany($"no connection became free within {options.WaitMillisecondsMax} ms");
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static EngineException TooMany(string why) =>
        new(EngineError.TooManySimultaneousQueries, "TOO_MANY_SIMULTANEOUS_QUERIES", $"Too many statements at a time: {why}.");

    private EngineConnection? TakeIdle(SessionProfile profile)
    {
        EngineConnection? evicted = null;
        lock (_idle)
        {
            for (var node = _idle.First; node is not null; node = node.Next)
            {
                if (node.Value.Profile != profile.Key) continue;
                _idle.Remove(node);
                return node.Value.Connection;
            }

            // Leased and idle together never pass the bound: a fresh connection takes the place of the oldest idle one.
            if (_idle.Count > _free.CurrentCount && _idle.Last is { } last)
            {
                _idle.RemoveLast();
                evicted = last.Value.Connection;
            }
        }

        evicted?.Dispose();
        return null;
    }

    private EngineConnection Open(SessionProfile profile)
    {
        var connection = open();
        try
        {
            foreach (string statement in profile.Statements)
            {
                using var result = connection.Run(statement);
                if (result.Error is { } error) throw EngineException.Parse(error);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Return(string profile, EngineConnection connection, bool reuse)
    {
        if (reuse)
            lock (_idle) _idle.AddFirst((profile, connection));
        else
            connection.Dispose();
        _free.Release();
    }

    public void Dispose()
    {
        lock (_idle)
        {
            foreach (var (_, connection) in _idle) connection.Dispose();
            _idle.Clear();
        }

        _free.Dispose();
    }

    /// <summary>A connection on loan for one statement.</summary>
    public sealed class Lease(ConnectionPool pool, SessionProfile profile, EngineConnection connection) : IDisposable
    {
        private bool _returned;

        public EngineConnection Connection => connection;

        /// <summary>Cleared when a statement was broken off: the connection is then closed instead of kept.</summary>
        public bool Reusable { get; set; } = true;

        public void Dispose()
        {
            if (_returned) return;
            _returned = true;
            pool.Return(profile.Key, connection, Reusable);
        }
    }
}
