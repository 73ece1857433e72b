namespace Waybill.Search;

/// <summary>Too many searches run and wait.</summary>
public sealed class SearchBusyException(string message) : Exception(message);

/// <summary>
/// Lets so many searches run at a time and so many wait, so that they cannot take the machine from the edges. Those that run take turns in the
/// engine statement by statement, so that a quick one need not wait for the end of a long one.
/// </summary>
public sealed class SearchGate(SearchOptions options, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.RunningMax);
    private readonly SemaphoreSlim _statements = new(options.StatementsMax);
    private int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    public int Running => options.RunningMax - _free.CurrentCount;

    /// <summary>Waits for a turn; dispose of it when the search has ended.</summary>
    /// <exception cref="SearchBusyException">Too many wait, or the wait was too long.</exception>
    public async ValueTask<SearchTurn> Enter(CancellationToken cancel)
    {
        if (!_free.Wait(0, CancellationToken.None)) await Wait(cancel);
        return new SearchTurn(this);
    }

    internal void Leave() => _free.Release();

    internal async ValueTask<SearchStatement> EnterEngine(CancellationToken cancel)
    {
        await _statements.WaitAsync(cancel);
        return new SearchStatement(this, Math.Max(1, options.StatementThreadsMax / Math.Max(1, Running)));
    }

    internal void LeaveEngine() => _statements.Release();

    private async Task Wait(CancellationToken cancel)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > options.WaitingMax)
                throw new SearchBusyException($"{options.RunningMax} searches run and {options.WaitingMax} wait.");
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(options.WaitSecondsMax), clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
            await _free.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new SearchBusyException($"No turn came within {options.WaitSecondsMax} s: {options.RunningMax} searches run and others wait.");
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose()
    {
        _free.Dispose();
        _statements.Dispose();
    }
}

/// <summary>The turn of one search; dispose of it when the search has ended.</summary>
public sealed class SearchTurn(SearchGate gate) : IDisposable
{
    private int _left;

    /// <summary>Waits until a statement may run; dispose of it when its answer has been read.</summary>
    public ValueTask<SearchStatement> Statement(CancellationToken cancel) => gate.EnterEngine(cancel);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0) gate.Leave();
    }
}

/// <summary>Leave for one statement of a search to run.</summary>
public sealed class SearchStatement(SearchGate gate, int threads) : IDisposable
{
    private int _left;

    /// <summary>Threads it may use: more while no other search runs.</summary>
    public int Threads => threads;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0) gate.LeaveEngine();
    }
}
