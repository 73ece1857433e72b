using System.Diagnostics.Metrics;
using System.Net;

namespace Shop;

/// <summary>Takes orders: checks for fraud, reserves stock, takes the money, tells the others.</summary>
public static class OrdersRole
{
    private static readonly Counter<long> Placed = Telemetry.Meter.CreateCounter<long>("shop.orders.placed", "{order}", "Orders that were paid");
    private static readonly Counter<long> Failed = Telemetry.Meter.CreateCounter<long>("shop.orders.failed", "{order}", "Orders that ended otherwise, by error.type");

    public static Task Run()
    {
        WebApplication app = Role.Create();
        OrderTable orders = new(app.Logger);
        Pricing pricing = new(Version.Parse(Role.Setting("SHOP_VERSION")));
        app.Services.GetRequiredService<FaultSwitches>().WhenSwitched("slow-query", (dropped, _) => { if (dropped) orders.DropIndex(); else orders.CreateIndex(); });

        app.MapGet("/orders/{id}", (string id) => orders.Find(id) is { } order ? Results.Ok(order) : Results.NotFound());
        app.MapGet("/users/{user}/orders", (string user) => orders.LatestOf(user));
        app.MapPost("/orders", (NewOrder order, TimeProvider clock, CancellationToken cancel) =>
            Place(order, orders, pricing, app.Logger, clock, cancel));
        return app.RunAsync();
    }

    private sealed record Reservation(List<ReservedLine> Lines);

    private sealed record ReservedLine(string Sku, int Quantity, long PriceCents);

    private static async Task<IResult> Place(
        NewOrder wanted, OrderTable orders, Pricing pricing, ILogger log, TimeProvider clock, CancellationToken cancel)
    {
        string id = $"ord-{Guid.CreateVersion7():n}"[..20];
        Telemetry.Carry("order.id", id);
        if (orders.SpentSince(wanted.User, clock.GetUtcNow().AddDays(-1)) > 100_000_00) return Refuse(log, id, "spending_limit", "The user spent too much in one day.", 409);

        using HttpResponseMessage reserved = await Role.Http.PostAsJsonAsync(new Uri(Role.Peer("inventory"), "reservations"), new { orderId = id, wanted.Items }, cancel);
        if (reserved.StatusCode == HttpStatusCode.Conflict) return Refuse(log, id, "out_of_stock", "Something in the cart is sold out.", 409);
        reserved.EnsureSuccessStatusCode();
        Reservation reservation = (await reserved.Content.ReadFromJsonAsync<Reservation>(cancel))!;
        try
        {
            long total = pricing.TotalCents([.. reservation.Lines.Select(line => (line.PriceCents, line.Quantity))], wanted.Coupon);
            Order order = new(id, wanted.User, total, "placed", clock.GetUtcNow());
            orders.Insert(order);
            Activity.Current?.SetTag("shop.order.total_cents", total);

            // Users belong to zones, so that trouble in one zone hits some users always and others never.
            Uri payments = Role.Peer(FeatureFlags.Bucket($"zone/{wanted.User}") < 50 ? "payments_a" : "payments_b");
            using HttpResponseMessage paid = await Role.Http.PostAsJsonAsync(new Uri(payments, "payments"), new { orderId = id, amountCents = total }, cancel);
            if (!paid.IsSuccessStatusCode)
            {
                await Release(id, cancel);
                orders.SetState(id, "payment_failed");
                return Refuse(log, id, "payment_failed", "The payment did not go through.", 502);
            }

            orders.SetState(id, "paid");
            await Messaging.Send("order.placed", new OrderEvent(id, wanted.User, total, wanted.Express), cancel);
            Placed.Add(1);
            log.LogInformation("Order {order.id} over {shop.order.total_cents} cents is paid", id, total);
            return Results.Created($"/orders/{id}", order with { State = "paid" });
        }
        catch (ArithmeticException)
        {
            Failed.Add(1, new KeyValuePair<string, object?>("error.type", "pricing"));
            await Release(id, cancel);
            throw;
        }
    }

    private static async Task Release(string id, CancellationToken cancel)
    {
        using HttpResponseMessage released = await Role.Http.DeleteAsync(new Uri(Role.Peer("inventory"), $"reservations/{id}"), cancel);
        released.EnsureSuccessStatusCode();
    }

    private static IResult Refuse(ILogger log, string id, string reason, string detail, int status)
    {
        Failed.Add(1, new KeyValuePair<string, object?>("error.type", reason));
        Activity.Current?.SetTag("error.type", reason);
        log.Log(status >= 500 ? LogLevel.Error : LogLevel.Warning, "Order {order.id} failed: {error.type}", id, reason);
        return Results.Problem(detail, statusCode: status, title: reason);
    }
}
