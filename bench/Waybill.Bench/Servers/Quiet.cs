using System.Diagnostics;

namespace Waybill.Servers;

/// <summary>Waiting until a server has nothing left to do for what it was sent.</summary>
internal static class Quiet
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>Merges pause between two choices of parts, so settled must last.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(5);

    /// <summary>A server that does not tell its merges is quiet below this share of one core.</summary>
    private const double IdleShare = 0.05;

    /// <returns>Whether it settled within <paramref name="atMost"/>.</returns>
    public static async Task<bool> Wait(ServerUnderTest server, TimeSpan atMost, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        long started = Stopwatch.GetTimestamp(), calmSince = started;
        double cpu = server.Processes.CpuSeconds();
        while (Stopwatch.GetElapsedTime(started) < atMost)
        {
            await Task.Delay(Every, cancel);
            double now = server.Processes.CpuSeconds();
            bool idle = (now - cpu) / Every.TotalSeconds < IdleShare;
            cpu = now;
            bool calm = server.Api is { } api ? await Settled(http, api, idle, cancel) : idle;
            if (!calm) calmSince = Stopwatch.GetTimestamp();
            else if (Stopwatch.GetElapsedTime(calmSince) >= (server.Api is null ? 2 * Lasting : Lasting)) return true;
        }
        return false;
    }

    // A server too busy to say that it is settled is not.
    private static async Task<bool> Settled(HttpClient http, Uri api, bool idle, CancellationToken cancel)
    {
        try
        {
            var status = await ServerStatus.Get(http, api, cancel);
            return status.SpoolEmpty && (status.EngineMerges is { } merges ? merges == 0 : idle);
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancel.IsCancellationRequested)) { return false; }
    }
}
