namespace Shop;

/// <summary>The customers: tenants, users and sessions, the same for the same seed. They send no trace context, as browsers do not.</summary>
public static class TrafficRole
{
    private static readonly (string Name, int Weight, int Users)[] Tenants = [("acme", 50, 400), ("globex", 30, 200), ("initech", 15, 80), ("hooli", 5, 20)];
    private const int SessionsMax = 40;

    private sealed record Session(string Id, string Tenant, string User)
    {
        public string? LastOrder { get; set; }
    }

    /// <param name="perSecond">Requests per second, 0.1 to 200.</param>
    /// <param name="requests">Ends after so many; 0 goes on for ever.</param>
    public static async Task<int> Run(double perSecond, int seed, int requests, CancellationToken cancel)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Role.WhenParentEnds(stop.Cancel);
        cancel = stop.Token;
        Random random = new(seed);
        List<Session> sessions = [];
        using HttpClient browser = new(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = Role.Peer("gateway"), Timeout = TimeSpan.FromSeconds(20) };
        using SemaphoreSlim inFlight = new(64);
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1 / Math.Clamp(perSecond, 0.1, 200)));
        try
        {
            for (int sent = 0; requests == 0 || sent < requests; sent++)
            {
                await timer.WaitForNextTickAsync(cancel);
                if (sessions.Count == SessionsMax && random.Next(20) == 0) sessions.RemoveAt(random.Next(sessions.Count));
                if (sessions.Count < SessionsMax) sessions.Add(NewSession(random));
                Session session = sessions[random.Next(sessions.Count)];
                HttpRequestMessage request = NextRequest(random, session);

                if (!await inFlight.WaitAsync(0, cancel)) continue;   // A shop that hangs must not pile up customers here.
                _ = Send(browser, request, session, cancel).ContinueWith(_ => inFlight.Release(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            while (inFlight.CurrentCount < 64) await Task.Delay(50, cancel);
        }
        catch (OperationCanceledException)
        {
        }
        return 0;
    }

    private static Session NewSession(Random random)
    {
        int draw = random.Next(100);
        (string tenant, _, int users) = Tenants.First(candidate => (draw -= candidate.Weight) < 0);
        return new Session($"ses-{random.NextInt64():x16}", tenant, $"{tenant}-u{random.Next(users)}");
    }

    private static HttpRequestMessage NextRequest(Random random, Session session)
    {
        int draw = random.Next(100);
        HttpRequestMessage request = draw switch
        {
            < 50 => new(HttpMethod.Get, $"products/{Sku(random)}"),
            < 60 when session.LastOrder is not null => new(HttpMethod.Get, $"orders/{session.LastOrder}"),
            < 75 => new(HttpMethod.Get, "history"),
            _ => new(HttpMethod.Post, "checkout") { Content = JsonContent.Create(NewCart(random)) },
        };
        request.Headers.Add("x-tenant", session.Tenant);
        request.Headers.Add("x-user", session.User);
        request.Headers.Add("x-session", session.Id);
        return request;
    }

    private static Cart NewCart(Random random)
    {
        List<CartItem> items = [.. Enumerable.Range(0, 1 + random.Next(2) * random.Next(3)).Select(_ => Sku(random)).Distinct().Select(sku => new CartItem(sku, 1 + random.Next(2)))];
        return new Cart(items, random.Next(2) == 0 ? "WELCOME5" : null);
    }

    // Some goods sell often and most seldom: the square of a uniform number prefers the low ones.
    private static string Sku(Random random) => $"sku-{(int)(Math.Pow(random.NextDouble(), 2) * 64):00}";

    private static async Task Send(HttpClient browser, HttpRequestMessage request, Session session, CancellationToken cancel)
    {
        using (request)
            try
            {
                using HttpResponseMessage answer = await browser.SendAsync(request, cancel);
                if (answer.IsSuccessStatusCode && request.Method == HttpMethod.Post)
                    session.LastOrder = (await answer.Content.ReadFromJsonAsync<Order>(cancel))!.Id;
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                // A customer who gets no answer goes away. The gateway's telemetry, or its silence, is the evidence.
            }
    }
}
