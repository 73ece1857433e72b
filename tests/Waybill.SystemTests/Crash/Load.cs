using System.Net.Http.Headers;
using Waybill.Processes;

namespace Waybill.Crash;

/// <summary>
/// Senders that post spans one request after another, each the same bytes again until it is acknowledged, as exporters do, but without ever
/// giving up: what happened to a request can then be told for certain.
/// </summary>
internal sealed class Load(WaybillServer server, int seed, int senders = 4)
{
    // Enough to keep a segment and an insert in the works at all times, little enough for runs of minutes on two cores.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(15);

    private readonly List<string>[] _acknowledged = [.. Enumerable.Range(0, senders).Select(_ => new List<string>())];
    private volatile bool _finishing, _powerIsOff;
    private Task[] _running = [];
    private long _acks, _failures, _refusals;

    /// <summary>Requests acknowledged.</summary>
    public long Acks => Volatile.Read(ref _acks);

    /// <summary>Posts that ended without an answer.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Posts answered by something other than 200.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    /// <summary>
    /// To be set before the power is cut and cleared when it is back. A real cut ends every process at that instant; ours lets the server live on for
    /// a moment, in which ext4 answers a sync that was under way with success although its journal is gone. An answer from after the cut is none.
    /// </summary>
    public bool PowerIsOff { set => _powerIsOff = value; }

    public void Start() => _running = [.. Enumerable.Range(0, senders).Select(sender => Task.Run(() => Send(sender)))];

    /// <summary>Ends when every request that was begun is acknowledged.</summary>
    /// <returns>Trace ids of all acknowledged requests.</returns>
    public async Task<IReadOnlyList<string>> Finish(TimeSpan within)
    {
        _finishing = true;
        await Task.WhenAll(_running).WaitAsync(within, TestContext.Current.CancellationToken);
        return [.. _acknowledged.SelectMany(sender => sender)];
    }

    private async Task Send(int sender)
    {
        for (int number = 0; !_finishing; number++)
        {
            var request = new SpanRequest(seed, sender, number, (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
            while (!await TryPost(request)) await Task.Delay(RetryPause);
            _acknowledged[sender].Add(request.TraceId);
            Interlocked.Increment(ref _acks);
            await Task.Delay(Pace);
        }
    }

    private async Task<bool> TryPost(SpanRequest request)
    {
        if (!server.IsRunning || server.Listening is not { IsCompletedSuccessfully: true } listening) return false;
        try
        {
            using var body = new ByteArrayContent(request.Body);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using var answer = await listening.Result.Otlp.PostAsync("/v1/traces", body);
            if (_powerIsOff) return false;
            if (answer.IsSuccessStatusCode) return true;
            Interlocked.Increment(ref _refusals);
            return false;
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            Interlocked.Increment(ref _failures);
            return false;
        }
    }
}
