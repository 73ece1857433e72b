namespace Shop;

/// <summary>The nightly batch: settles what was paid. "Night" comes every <c>SHOP_BATCH_SECONDS</c>, 60 by default.</summary>
public static class BatchRole
{
    /// <summary>As many links as the SDK keeps on one span by default.</summary>
    private const int PaymentsPerSpan = 128;
    private const int SpansPerRun = 20;

    public static Task Run()
    {
        WebApplication app = Role.Create();
        Database db = new("settlements", app.Logger);
        db.Execute("settlements", """
            CREATE TABLE IF NOT EXISTS settlements (id TEXT PRIMARY KEY, zone TEXT NOT NULL, payments INTEGER NOT NULL, amount_cents INTEGER NOT NULL, settled_at INTEGER NOT NULL)
            """);
        TimeProvider clock = app.Services.GetRequiredService<TimeProvider>();
        TimeSpan night = TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("SHOP_BATCH_SECONDS"), out int seconds) ? Math.Clamp(seconds, 1, 86_400) : 60);

        app.RunBeside(async cancel =>
        {
            using PeriodicTimer timer = new(night, clock);
            while (await timer.WaitForNextTickAsync(cancel)) await SettleAll(db, clock, app.Logger, cancel);
        });
        return app.RunAsync();
    }

    private static async Task SettleAll(Database db, TimeProvider clock, ILogger log, CancellationToken cancel)
    {
        using Activity? span = Telemetry.Source.StartActivity("batch nightly-settlement");
        span?.SetTag("shop.job.name", "nightly-settlement");
        foreach (string zone in new[] { "a", "b" })
            try
            {
                Uri payments = Role.Peer($"payments_{zone}");
                for (int part = 0; part < SpansPerRun; part++)
                {
                    List<Payment> unsettled = await Role.Http.GetFromJsonAsync<List<Payment>>(new Uri(payments, $"payments/unsettled?max={PaymentsPerSpan}"), cancel) ?? [];
                    if (unsettled.Count == 0) break;
                    await Settle(zone, payments, unsettled, db, clock, log, cancel);
                }
            }
            catch (HttpRequestException error)
            {
                span.Fail(error);
                log.LogError(error, "Settlement of zone {cloud.availability_zone} failed; the next night takes it", zone);
            }
    }

    // Many orders flow into one settlement. A span has one parent, so the orders' traces are its links.
    private static async Task Settle(string zone, Uri payments, List<Payment> unsettled, Database db, TimeProvider clock, ILogger log, CancellationToken cancel)
    {
        string id = $"set-{Guid.CreateVersion7():n}"[..20];
        IEnumerable<ActivityLink> orders = unsettled
            .Where(payment => ActivityContext.TryParse(payment.TraceParent, null, isRemote: true, out _))
            .Select(payment => new ActivityLink(ActivityContext.Parse(payment.TraceParent!, null), new ActivityTagsCollection { ["order.id"] = payment.OrderId, ["shop.payment.id"] = payment.Id }));
        using Activity? span = Telemetry.Source.StartActivity("settle payments", ActivityKind.Internal, default(ActivityContext), tags: null, orders);
        long total = unsettled.Sum(payment => payment.AmountCents);
        span?.SetTag("shop.settlement.id", id).SetTag("shop.settlement.payments", unsettled.Count).SetTag("shop.settlement.amount_cents", total);

        db.Execute("settlements", "INSERT INTO settlements VALUES ($id, $zone, $payments, $amount, $at)",
            ("$id", id), ("$zone", zone), ("$payments", unsettled.Count), ("$amount", total), ("$at", clock.GetUtcNow().ToUnixTimeMilliseconds()));
        using HttpResponseMessage settled = await Role.Http.PostAsJsonAsync(new Uri(payments, "payments/settled"), unsettled.Select(payment => payment.Id), cancel);
        settled.EnsureSuccessStatusCode();
        log.LogInformation("Settlement {shop.settlement.id} of zone {cloud.availability_zone}: {shop.settlement.payments} payments, {shop.settlement.amount_cents} cents", id, zone, unsettled.Count, total);
    }
}
