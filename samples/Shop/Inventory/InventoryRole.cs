namespace Shop;

/// <summary>Knows what is in stock, holds it for orders, and takes in new goods.</summary>
public static class InventoryRole
{
    public sealed record NewReservation(string OrderId, List<CartItem> Items);

    public sealed record Replenishment(string Sku, int Quantity);

    public static Task Run()
    {
        WebApplication app = Role.Create();
        StockTable stock = new(app.Logger);
        StockCache cache = new();
        foreach (StockLevel level in stock.All()) cache.Put(level.Sku, level.Available);
        Lock ledger = new();   // Check and take are one step.
        app.Services.GetRequiredService<FaultSwitches>().WhenSwitched("cache-eviction", (small, _) =>
        {
            int capacity = small ? StockCache.CapacityTooSmall : StockCache.CapacityNormal;
            cache.SetCapacity(capacity);
            app.Logger.LogInformation("Stock cache holds at most {shop.cache.capacity} entries", capacity);
        });

        app.MapGet("/stock/{sku}", (string sku) => stock.Find(sku) is { } product
            ? Results.Ok(new { product.Sku, product.Name, product.PriceCents, Available = Available(sku, stock, cache) })
            : Results.NotFound());
        app.MapGet("/stock/low", (int below) => stock.Below(below));
        app.MapPost("/reservations", (NewReservation wanted) =>
        {
            lock (ledger)
            {
                foreach (CartItem item in wanted.Items)
                    if (Available(item.Sku, stock, cache) < item.Quantity)
                    {
                        app.Logger.LogWarning("Order {order.id} wants {quantity} of {shop.sku}, which is sold out", wanted.OrderId, item.Quantity, item.Sku);
                        return Results.Problem($"{item.Sku} is sold out.", statusCode: 409);
                    }
                foreach (CartItem item in wanted.Items) Move(item.Sku, -item.Quantity, wanted.OrderId, stock, cache);
            }
            return Results.Ok(new { Lines = wanted.Items.Select(item => new { item.Sku, item.Quantity, stock.Find(item.Sku)!.PriceCents }) });
        });
        app.MapDelete("/reservations/{orderId}", (string orderId) =>
        {
            lock (ledger)
                foreach (StockLevel taken in stock.TakenBy(orderId)) Move(taken.Sku, taken.Available, orderId, stock, cache);
            return Results.NoContent();
        });

        Messaging messaging = app.Services.GetRequiredService<Messaging>();
        app.RunBeside(cancel => messaging.ReceiveBatch<Replenishment>("stock.replenish", 20, (goods, _) =>
        {
            // The same product may be asked for twice before its goods arrive; it is filled up once.
            lock (ledger)
                foreach (Replenishment arrival in goods.DistinctBy(arrival => arrival.Sku)) Move(arrival.Sku, arrival.Quantity, "replenishment", stock, cache);
            app.Logger.LogInformation("{count} products were filled up", goods.Count);
            return Task.CompletedTask;
        }, cancel));
        return app.RunAsync();
    }

    private static long Available(string sku, StockTable stock, StockCache cache)
    {
        bool hit = cache.TryGet(sku, out long available);
        Activity.Current?.SetTag("shop.sku", sku).SetTag("shop.cache.hit", hit);
        if (hit) return available;
        available = stock.Available(sku);
        cache.Put(sku, available);
        return available;
    }

    private static void Move(string sku, long delta, string reason, StockTable stock, StockCache cache)
    {
        stock.Move(sku, delta, reason);
        if (cache.TryGet(sku, out long available)) cache.Put(sku, available + delta);
    }
}
