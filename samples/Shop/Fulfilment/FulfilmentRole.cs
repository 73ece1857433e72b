namespace Shop;

/// <summary>A queue worker: packs paid orders, hands them to a courier, and says so.</summary>
public static class FulfilmentRole
{
    private static readonly string[] Couriers = ["red-van", "green-bike", "blue-drone"];

    public static Task Run()
    {
        WebApplication app = Role.Create();
        Database db = new("fulfilment", app.Logger);
        db.Execute("shipments", "CREATE TABLE IF NOT EXISTS shipments (order_id TEXT PRIMARY KEY, courier TEXT NOT NULL, shipped_at INTEGER NOT NULL)");
        Messaging messaging = app.Services.GetRequiredService<Messaging>();
        TimeProvider clock = app.Services.GetRequiredService<TimeProvider>();

        app.RunBeside(cancel => messaging.Receive<OrderEvent>("order.placed", async (order, stop) =>
        {
            string courier = Couriers[FeatureFlags.Bucket(order.OrderId) % Couriers.Length];
            using (Activity? span = Telemetry.Source.StartActivity("pack"))
            {
                span?.SetTag("shop.shipment.courier", courier).SetTag("shop.shipment.express", order.Express);
                await Task.Delay(TimeSpan.FromMilliseconds(order.Express ? 20 : 80), stop);
            }
            db.Execute("shipments", "INSERT OR REPLACE INTO shipments VALUES ($order, $courier, $at)",
                ("$order", order.OrderId), ("$courier", courier), ("$at", clock.GetUtcNow().ToUnixTimeMilliseconds()));
            await Messaging.Send("order.shipped", order with { Courier = courier }, stop);
            app.Logger.LogInformation("Order {order.id} left with {shop.shipment.courier}", order.OrderId, courier);
        }, cancel));
        return app.RunAsync();
    }
}
