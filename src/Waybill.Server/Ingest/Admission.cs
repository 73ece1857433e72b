using System.Diagnostics;

namespace Waybill.Ingest;

/// <summary>
/// The bound on requests in flight, in number and in bytes. A request enters before anything is allocated for it, and asks again when it
/// turns out larger than it said. What does not fit is told when to come back; nothing queues here.
/// </summary>
public sealed class Admission(IngestOptions options, TimeProvider clock)
{
    // How fast bytes leave, over the last window of 1 to 2 s: what a retry delay is computed from.
    private static readonly long WindowTicks = TimeSpan.TicksPerSecond;

    private long _bytes;
    private int _requests;
    private long _bytesLeft;
    private long _windowBegan = clock.GetTimestamp();
    private double _bytesPerSecond;

    /// <summary>Bytes of the requests being worked on.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Requests being worked on.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Takes a place and <paramref name="bytes"/>; <see cref="Leave"/> gives both back.</summary>
    public bool TryEnter(long bytes)
    {
        if (Interlocked.Increment(ref _requests) <= options.InFlightRequestsMax && TryGrow(bytes)) return true;
        Interlocked.Decrement(ref _requests);
        return false;
    }

    /// <summary>Takes more bytes for a request that has entered.</summary>
    public bool TryGrow(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= options.InFlightBytesMax) return true;
        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    public void Leave(long bytes)
    {
        long left = Interlocked.Add(ref _bytes, -bytes);
        int requests = Interlocked.Decrement(ref _requests);
        Debug.Assert(left >= 0 && requests >= 0, "More left than had entered.");
        Interlocked.Add(ref _bytesLeft, bytes);
        Measure();
    }

    /// <summary>
    /// When a refused request may succeed: the time in which what is in flight now leaves at the present rate, from 1 s to the most that is
    /// asked of a sender, and up to half as much again at random, so that the refused do not return together.
    /// </summary>
    public TimeSpan RetryAfter()
    {
        Measure();
        double rate = Volatile.Read(ref _bytesPerSecond);
        double seconds = rate > 0 ? Bytes / rate : 1;
        double spread = 1 + Random.Shared.NextDouble() / 2;
        return TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(seconds * spread), 1, options.RetryAfterSecondsMax));
    }

    private void Measure()
    {
        long began = Volatile.Read(ref _windowBegan);
        var elapsed = clock.GetElapsedTime(began);
        if (elapsed.Ticks < WindowTicks) return;
        if (Interlocked.CompareExchange(ref _windowBegan, clock.GetTimestamp(), began) != began) return;
        double rate = Interlocked.Exchange(ref _bytesLeft, 0) / elapsed.TotalSeconds;
        Volatile.Write(ref _bytesPerSecond, (Volatile.Read(ref _bytesPerSecond) + rate) / 2);
    }
}
