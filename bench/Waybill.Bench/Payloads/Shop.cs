namespace Waybill.Payloads;

/// <summary>An HTTP route a service answers.</summary>
/// <param name="Path">With markers for ids: <c>/orders/&lt;order&gt;</c>.</param>
internal sealed record Route(string Service, string Method, string Template, string Path);

internal sealed record Statement(string Service, string System, string Operation, string Collection, int Port);

internal sealed record Topic(string System, string Destination, string Producer, string Consumer);

internal sealed record Step(string Service, string Name);

/// <summary>The system the payloads come from: 12 services of a shop, 36 routes, 17 statements, 6 topics (sent and processed), 12 inner steps.</summary>
internal static class Shop
{
    public static readonly string[] Services =
        ["gateway", "storefront", "catalog", "search", "cart", "checkout", "payment", "inventory", "shipping", "orders", "accounts", "notifier"];

    public static readonly string[] Languages =
        ["go", "nodejs", "java", "java", "dotnet", "dotnet", "java", "go", "python", "dotnet", "java", "python"];

    public static readonly Route[] Routes =
    [
        new("gateway", "GET", "/", "/"), new("gateway", "GET", "/p/{id}", "/p/<product>"), new("gateway", "POST", "/cart", "/cart"),
        new("gateway", "POST", "/checkout", "/checkout"), new("gateway", "GET", "/orders/{id}", "/orders/<order>"), new("gateway", "GET", "/search", "/search"),
        new("storefront", "GET", "/home", "/home"), new("storefront", "GET", "/product/{id}", "/product/<product>"), new("storefront", "GET", "/basket", "/basket"),
        new("catalog", "GET", "/items/{id}", "/items/<product>"), new("catalog", "GET", "/items", "/items"), new("catalog", "GET", "/prices/{id}", "/prices/<product>"),
        new("search", "GET", "/query", "/query"), new("search", "GET", "/suggest", "/suggest"),
        new("cart", "GET", "/carts/{id}", "/carts/<user>"), new("cart", "POST", "/carts/{id}/lines", "/carts/<user>/lines"), new("cart", "DELETE", "/carts/{id}", "/carts/<user>"),
        new("checkout", "POST", "/checkouts", "/checkouts"), new("checkout", "GET", "/checkouts/{id}", "/checkouts/<order>"), new("checkout", "POST", "/quotes", "/quotes"),
        new("payment", "POST", "/charges", "/charges"), new("payment", "POST", "/refunds", "/refunds"), new("payment", "GET", "/charges/{id}", "/charges/<order>"),
        new("inventory", "GET", "/stock/{id}", "/stock/<product>"), new("inventory", "POST", "/reservations", "/reservations"),
        new("inventory", "DELETE", "/reservations/{id}", "/reservations/<order>"),
        new("shipping", "POST", "/parcels", "/parcels"), new("shipping", "GET", "/rates", "/rates"), new("shipping", "GET", "/parcels/{id}", "/parcels/<order>"),
        new("orders", "POST", "/orders", "/orders"), new("orders", "GET", "/orders/{id}", "/orders/<order>"), new("orders", "PUT", "/orders/{id}/state", "/orders/<order>/state"),
        new("accounts", "GET", "/users/{id}", "/users/<user>"), new("accounts", "POST", "/sessions", "/sessions"), new("accounts", "GET", "/users/{id}/addresses", "/users/<user>/addresses"),
        new("notifier", "POST", "/mails", "/mails"),
    ];

    public static readonly Statement[] Statements =
    [
        new("catalog", "postgresql", "SELECT", "items", 5432), new("catalog", "postgresql", "SELECT", "prices", 5432), new("catalog", "redis", "GET", "item", 6379),
        new("search", "elasticsearch", "search", "items", 9200), new("cart", "redis", "HGETALL", "cart", 6379), new("cart", "redis", "HSET", "cart", 6379),
        new("checkout", "postgresql", "INSERT", "checkouts", 5432), new("payment", "postgresql", "INSERT", "charges", 5432),
        new("payment", "postgresql", "SELECT", "charges", 5432), new("inventory", "mysql", "SELECT", "stock", 3306), new("inventory", "mysql", "UPDATE", "stock", 3306),
        new("shipping", "mongodb", "find", "parcels", 27017), new("orders", "postgresql", "INSERT", "orders", 5432), new("orders", "postgresql", "SELECT", "orders", 5432),
        new("accounts", "postgresql", "SELECT", "users", 5432), new("accounts", "redis", "GET", "session", 6379), new("storefront", "redis", "GET", "page", 6379),
    ];

    public static readonly Topic[] Topics =
    [
        new("kafka", "orders.placed", "orders", "shipping"), new("kafka", "orders.placed", "checkout", "notifier"), new("kafka", "payments", "payment", "orders"),
        new("kafka", "stock", "inventory", "search"), new("rabbitmq", "mail", "accounts", "notifier"), new("kafka", "carts", "cart", "catalog"),
    ];

    public static readonly Step[] Steps =
    [
        new("gateway", "authorize"), new("gateway", "route"), new("storefront", "render"), new("catalog", "rank"), new("search", "parse"), new("cart", "total"),
        new("checkout", "validate"), new("payment", "score risk"), new("inventory", "allocate"), new("shipping", "pick carrier"), new("orders", "price"), new("accounts", "hash"),
    ];

    /// <summary>Which services a service calls over HTTP.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Calls = new Dictionary<string, string[]>
    {
        ["gateway"] = ["storefront", "cart", "checkout", "orders", "search", "accounts"],
        ["storefront"] = ["catalog", "cart", "accounts", "search"], ["catalog"] = ["inventory"], ["search"] = ["catalog"], ["cart"] = ["catalog", "inventory"],
        ["checkout"] = ["payment", "inventory", "shipping", "orders", "cart"], ["payment"] = ["accounts"], ["inventory"] = ["catalog"], ["shipping"] = ["accounts"],
        ["orders"] = ["payment", "inventory", "accounts"], ["accounts"] = ["notifier"], ["notifier"] = ["accounts"],
    };

    public static int IndexOf(string service) => Array.IndexOf(Services, service);
}
