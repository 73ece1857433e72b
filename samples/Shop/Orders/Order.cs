namespace Shop;

public sealed record CartItem(string Sku, int Quantity);

public sealed record Cart(List<CartItem> Items, string? Coupon);

/// <summary>What the gateway hands to orders.</summary>
public sealed record NewOrder(string User, List<CartItem> Items, string? Coupon, bool Express);

public sealed record Order(string Id, string User, long TotalCents, string State, DateTimeOffset PlacedAt);

/// <summary>Message on <c>order.placed</c> and <c>order.shipped</c>.</summary>
public sealed record OrderEvent(string OrderId, string User, long TotalCents, bool Express, string? Courier = null);
