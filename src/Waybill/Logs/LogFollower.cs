using System.Text.Json;
using Waybill.Api;
using Waybill.Terminal;

namespace Waybill.Logs;

/// <summary>Shows log records as they arrive, by the server's events. A server that goes away and comes back is followed again.</summary>
internal sealed class LogFollower(ServerClient client, string path, LogLines lines)
{
    private const int SeenMax = 100_000, TriesMax = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // A new connection begins a few seconds back, so what was shown comes again.
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <exception cref="CommandFailure">The server cannot be followed, or has not come back for a minute.</exception>
    public async Task Follow(CancellationToken cancel)
    {
        int failures = 0;
        bool connected = false;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await using Stream events = await client.Get(path, cancel);
                (connected, failures) = (true, 0);
                await Read(events, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or HttpRequestException || (e is CommandFailure && connected && failures < TriesMax))
            {
                if (failures++ == 0) await Console.Error.WriteLineAsync("waybill: the server has gone; following again when it is back.");
            }
            await Task.Delay(Pause, cancel).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task Read(Stream events, CancellationToken cancel)
    {
        using var reader = new StreamReader(events);
        string kind = "";
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) kind = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) Show(kind, line[6..]);
        }
    }

    private void Show(string kind, string data)
    {
        using var json = JsonDocument.Parse(data);
        if (kind == "skipped") Console.Error.WriteLine($"waybill: {Visible.Of(json.RootElement.Text("message"))}");
        if (kind != "log" || !_seen.Add(json.RootElement.Text("id"))) return;
        lines.Write(json.RootElement);
        if (_seen.Count > SeenMax) _seen.Clear();
    }
}
