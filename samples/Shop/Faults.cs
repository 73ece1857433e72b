using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop;

/// <summary>One way the Shop can break at run time.</summary>
/// <param name="Roles">The roles in which it is switched.</param>
/// <param name="Change">What someone would have announced when causing it (kind and text), or null when nobody would know.</param>
/// <param name="Repair">What would be announced when it is mended.</param>
public sealed record Fault(string Name, string[] Roles, string Summary, string Evidence, Announcement? Change = null, string Repair = "")
{
    /// <summary>What is announced when the fault is switched on or off.</summary>
    public Announcement? Announcement(bool active) => active ? Change : Change?.Undone(Repair);

    public static readonly IReadOnlyList<Fault> All =
    [
        new("payment-429", ["provider"],
            "The payment provider lowers its rate limit to one charge per second.",
            "payments: 'charge' spans with http.request.resend_count over CLIENT spans with 429; orders and gateway answer 502"),
        new("slow-query", ["orders"],
            "A schema migration drops the index that the fraud check needs.",
            "orders: SELECT spans 100 times slower, and a log record whose plan says SCAN orders",
            new("schema_migration", "orders", "Migration 8: drop index orders_by_user, unused according to the advisor", Subject: "orders",
                Before: """{"orders":{"indexes":["orders_by_user"]}}""", After: """{"orders":{"indexes":[]}}"""), "Migration 9: create index orders_by_user again"),
        new("lost-context", ["scheduler"],
            "The stock check publishes its messages without their trace context.",
            "inventory: 'process stock.replenish' spans start traces of their own and link to nothing",
            new("config", "scheduler", "Publisher: bulk instead of single", Before: """{"publisher":"single"}""", After: """{"publisher":"bulk"}"""), "Publisher: single instead of bulk"),
        new("bad-deploy", [],
            "Orders 1.4.1 goes out. Its new discount fails for carts with a coupon and one single item.",
            "orders: exceptions with stack traces in spans and logs, all with service.version 1.4.1",
            new("deployment", "orders", "Deploy 1.4.1: coupons spread over the items of the cart", "1.4.1", "1.4.0",
                Before: """{"image":"shop/orders:1.4.0","coupons":"whole-cart"}""", After: """{"image":"shop/orders:1.4.1","coupons":"by-item"}"""), "Roll back to 1.4.0"),
        new("cache-eviction", ["inventory"],
            "The stock cache shrinks from 256 to 16 entries, so that rarely sold goods are evicted before their next use.",
            "inventory: some GET /stock/{sku} have shop.cache.hit=false and a slow SELECT stock_movements; shop.cache.evictions grows",
            new("config", "inventory", "Cache capacity: 16 entries instead of 256, to save memory", Before: """{"cache":{"capacity":256}}""", After: """{"cache":{"capacity":16}}"""),
            "Cache capacity: 256 entries"),
        new("credential-rotation", ["provider", "payments"],
            "The provider's secret is rotated, but the payments of one zone (--zone, b if not said) keep the old one.",
            "payments in cloud.availability_zone b: CLIENT spans with 401; zone a is well",
            new("credential_rotation", "payments", "Rotate the payment provider's secret", Before: """{"provider":{"secret":"generation 7"}}""", After: """{"provider":{"secret":"generation 8"}}"""),
            "Reload the payment provider's secret in all zones"),
        new("runaway-job", ["scheduler"],
            "The stock check's schedule loses its pause: the job runs five times a second.",
            "scheduler: 'job stock-check' spans without end; inventory and queue are busy with nothing",
            new("scheduled_job", "scheduler", "Schedule of stock-check: PT0.2S instead of PT10S", Subject: "stock-check", Before: """{"every":"PT10S"}""", After: """{"every":"PT0.2S"}"""),
            "Schedule of stock-check: PT10S"),
    ];

    public static Fault? Find(string name) => All.FirstOrDefault(fault => fault.Name == name);
}

/// <summary>The switches of one service. What a fault does is in the service it breaks; here is only whether it is on.</summary>
public sealed class FaultSwitches
{
    private readonly ConcurrentDictionary<string, bool> on = new();
    private readonly ConcurrentDictionary<string, Action<bool, string?>> handlers = new();

    public bool IsOn(string fault) => on.ContainsKey(fault);

    /// <summary>Calls back with the new state and the zone it concerns: once per change, never twice with the same state.</summary>
    public void WhenSwitched(string fault, Action<bool, string?> handler) => handlers[fault] = handler;

    public void Switch(string fault, bool active, string? zone)
    {
        bool changed = active ? on.TryAdd(fault, true) : on.TryRemove(fault, out _);
        if (changed && handlers.TryGetValue(fault, out Action<bool, string?>? handler)) handler(active, zone);
    }
}

public static class FaultEndpoints
{
    /// <summary><c>PUT /faults/{name}?zone=</c> breaks the service, <c>DELETE</c> repairs it.</summary>
    public static void MapFaults(this WebApplication app)
    {
        app.MapPut("/faults/{name}", (string name, string? zone, FaultSwitches faults) => Switch(name, true, zone, faults));
        app.MapDelete("/faults/{name}", (string name, string? zone, FaultSwitches faults) => Switch(name, false, zone, faults));
    }

    private static Results<NoContent, NotFound<string>> Switch(string name, bool active, string? zone, FaultSwitches faults)
    {
        Telemetry.Untraced();
        if (Fault.Find(name) is null) return TypedResults.NotFound($"No fault is called '{name}'. Known: {string.Join(", ", Fault.All.Select(fault => fault.Name))}.");
        faults.Switch(name, active, zone);
        return TypedResults.NoContent();
    }
}
