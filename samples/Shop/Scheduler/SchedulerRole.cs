namespace Shop;

/// <summary>A scheduled job: looks for scarce products and asks for more of them.</summary>
public static class SchedulerRole
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RunawayPause = TimeSpan.FromMilliseconds(200);
    private const int Low = 20;
    private const int FillUp = 60;

    public static Task Run()
    {
        WebApplication app = Role.Create();
        FaultSwitches faults = app.Services.GetRequiredService<FaultSwitches>();
        SemaphoreSlim rescheduled = new(0);
        faults.WhenSwitched("runaway-job", (_, _) => rescheduled.Release());

        app.RunBeside(async cancel =>
        {
            while (!cancel.IsCancellationRequested)
            {
                TimeSpan pause = faults.IsOn("runaway-job") ? RunawayPause : Pause;
                await rescheduled.WaitAsync(pause, cancel);   // A new schedule counts at once, not after the old pause.
                await CheckStock(pause, faults, app.Logger, cancel);
            }
        });
        return app.RunAsync();
    }

    private static async Task CheckStock(TimeSpan pause, FaultSwitches faults, ILogger log, CancellationToken cancel)
    {
        using Activity? span = Telemetry.Source.StartActivity("job stock-check");
        span?.SetTag("shop.job.name", "stock-check").SetTag("shop.job.schedule", System.Xml.XmlConvert.ToString(pause));
        try
        {
            List<StockLevel> low = await Role.Http.GetFromJsonAsync<List<StockLevel>>(new Uri(Role.Peer("inventory"), $"stock/low?below={Low}"), cancel) ?? [];
            foreach (StockLevel product in low)
                await Messaging.Send("stock.replenish", new InventoryRole.Replenishment(product.Sku, FillUp), cancel, withContext: !faults.IsOn("lost-context"));
            span?.SetTag("shop.job.items", low.Count);
            log.LogInformation("Job {shop.job.name} asked for {shop.job.items} products", "stock-check", low.Count);
        }
        catch (HttpRequestException error)
        {
            span.Fail(error);
            log.LogError(error, "Job {shop.job.name} failed", "stock-check");
        }
    }
}
