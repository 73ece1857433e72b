namespace Waybill.Causes;

/// <summary>A way in which the Shop breaks, and what is true of it.</summary>
/// <param name="Instance">How the instance's name begins where one instance holds it; empty for the whole service.</param>
/// <param name="Change">Of which kind the change is that led to it; empty when nobody announces one.</param>
/// <param name="Parts">Words of which one must stand in the suspect's operation, dependency or sentence; none when the service is all that can be said.</param>
internal sealed record ShopFault(string Name, string Service, string Instance, string Change, params string[] Parts)
{
    public static readonly ShopFault None = new("", "", "", "");

    public static readonly ShopFault[] All =
    [
        None, new("payment-429", "payments", "", ""), new("slow-query", "orders", "", "schema_migration", "sqlite", "SELECT orders"), new("lost-context", "scheduler", "", "config", "context"),
        new("bad-deploy", "orders", "", "deployment", "POST", "place", "orders-"), new("cache-eviction", "inventory", "", "config", "sqlite", "stock"),
        new("credential-rotation", "payments", "payments-b", "credential_rotation"), new("runaway-job", "scheduler", "", "scheduled_job", "job stock-check"),
    ];
}
