namespace Waybill.Engine.Host;

/// <summary>Ends statements whose client has gone, by KILL QUERY over a connection that serves for nothing else.</summary>
internal sealed class StatementCanceller(EngineConnection connection, TimeProvider time)
{
    // A statement may not be listed yet when its client goes: it is looked for again, for half a minute.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private const int AttemptsMax = 300;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time = time;

    /// <summary>Watches one statement until the returned value is disposed.</summary>
    public IAsyncDisposable Watch(string mark, CancellationToken clientGone) => new Watched(this, mark, clientGone);

    /// <summary>Runs a statement that does nothing.</summary>
    public void Probe()
    {
        lock (_lock)
        {
            using var result = connection.Run("SELECT 1");
            if (result.Error is { } error) throw EngineException.Parse(error);
        }
    }

    private void Kill(string mark)
    {
        lock (_lock)
        {
            using var result = connection.Run("KILL QUERY WHERE position(query, {mark:String}) > 0 ASYNC", parameters: [new("mark", mark)]);
            if (result.Error is { } error) Console.Error.WriteLine($"waybill engine: a statement without a client could not be ended: {error}");
        }
    }

    private sealed class Watched : IAsyncDisposable
    {
        private readonly CancellationTokenSource _done = new();
        private readonly CancellationTokenRegistration _gone;
        private Task _killing = Task.CompletedTask;

        public Watched(StatementCanceller owner, string mark, CancellationToken clientGone) =>
            _gone = clientGone.Register(() => _killing = KillUntilDone(owner, mark));

        private async Task KillUntilDone(StatementCanceller owner, string mark)
        {
            await Task.Yield();
            for (int attempt = 0; attempt < AttemptsMax && !_done.IsCancellationRequested; attempt++)
            {
                owner.Kill(mark);
                try
                {
                    await Task.Delay(Pause, owner._time, _done.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _gone.DisposeAsync();
            await _done.CancelAsync();
            await _killing;
            _done.Dispose();
        }
    }
}
