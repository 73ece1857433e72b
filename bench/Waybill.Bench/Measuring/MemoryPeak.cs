namespace Waybill.Measuring;

/// <summary>Watches the memory of a process tree until it is disposed.</summary>
internal sealed class MemoryPeak : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    /// <summary>Reading proportional memory walks the page tables under the process's own lock, so it is read once a second.</summary>
    private const int ResidentPerProportional = 10;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;

    public MemoryPeak(ProcessTree tree) => _watch = Task.Run(() => Watch(tree));

    /// <summary>Largest sum of resident memory of all processes, every 100 ms.</summary>
    public long ResidentBytes { get; private set; }

    /// <summary>Largest sum of proportional memory of all processes, every second.</summary>
    public long ProportionalBytes { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        _stop.Dispose();
    }

    private async Task Watch(ProcessTree tree)
    {
        using var timer = new PeriodicTimer(Every);
        for (int round = 0; !_stop.IsCancellationRequested; round++)
        {
            ResidentBytes = Math.Max(ResidentBytes, tree.ResidentBytes());
            if (round % ResidentPerProportional == 0) ProportionalBytes = Math.Max(ProportionalBytes, tree.ProportionalBytes());
            try { await timer.WaitForNextTickAsync(_stop.Token); }
            catch (OperationCanceledException) { return; }
        }
    }
}
