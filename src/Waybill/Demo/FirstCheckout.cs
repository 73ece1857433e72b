using System.Globalization;
using System.Text.Json;
using Waybill.Api;
using Waybill.Options;

namespace Waybill.Demo;

/// <summary>Waits for the first whole trace of a checkout.</summary>
internal static class FirstCheckout
{
    private const int Candidates = 20, ServicesMin = 4;

    /// <summary>
    /// The id of the first checkout that went through orders, payments and fulfilment and has nothing missing; null when there is none in
    /// time. A checkout is over in a second, but its spans arrive with the next export of each service (up to 5 s), and the server calls a
    /// trace complete when nothing has arrived for a while.
    /// </summary>
    public static async Task<string?> Await(ServerClient client, ChildProcess shop, DateTimeOffset since, TimeSpan timeout, Action<string> progress, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        string query = new UrlQuery("api/traces").Add("service", "gateway").Add("operation", "POST /checkout").Add("limit", Candidates.ToString(CultureInfo.InvariantCulture))
            .Add("since", since.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)).ToString();
        string? best = null;
        try
        {
            while (true)
            {
                if (shop.HasExited) throw new CommandFailure($"The Shop ended: {shop.LastWords} Its log: {shop.LogFile}");
                using JsonDocument list = await client.GetJson(query, limit.Token);
                foreach (JsonElement trace in list.RootElement.Items("traces").Reverse())
                {
                    if (trace.Items("services").Count() < ServicesMin) continue;
                    string id = trace.Text("traceId");
                    best = id;
                    if (await IsComplete(client, id, limit.Token)) return id;
                }
                progress(best is null ? "waiting for the first checkout" : "a checkout is here; waiting until its last spans have arrived");
                await Task.Delay(500, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return best;   // Not complete, and the waterfall says why.
        }
    }

    private static async Task<bool> IsComplete(ServerClient client, string id, CancellationToken cancel)
    {
        await using Stream? body = await client.TryGet($"api/traces/{id}?fields=skeleton", cancel);
        if (body is null) return false;
        using JsonDocument trace = await JsonDocument.ParseAsync(body, cancellationToken: cancel);
        return trace.RootElement.Text("status") == "complete";
    }
}
