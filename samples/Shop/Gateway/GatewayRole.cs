using System.Net.Sockets;

namespace Shop;

/// <summary>The public edge: it says who asks (tenant, user, session), gives every request an id, and decides feature flags.</summary>
public static class GatewayRole
{
    private sealed class Upstreams
    {
        public Uri Orders { get; set; } = Role.Peer("orders");
        public Uri Inventory { get; } = Role.Peer("inventory");
    }

    public static Task Run()
    {
        WebApplication app = Role.Create();
        Upstreams upstreams = new();
        app.UseWhen(http => !http.Request.Path.StartsWithSegments("/upstreams"), branch => branch.Use(Identify));

        app.MapGet("/products/{sku}", (string sku, HttpContext http) => Forward(http, new Uri(upstreams.Inventory, $"stock/{sku}")));
        app.MapGet("/orders/{id}", (string id, HttpContext http) => Forward(http, new Uri(upstreams.Orders, $"orders/{id}")));
        app.MapGet("/history", (HttpContext http) => Forward(http, new Uri(upstreams.Orders, $"users/{http.Request.Headers["x-user"]}/orders")));
        app.MapPost("/checkout", async (Cart cart, HttpContext http) =>
        {
            string user = http.Request.Headers["x-user"].ToString();
            bool express = FeatureFlags.IsOn("express-checkout", user, app.Logger);
            Activity.Current?.SetTag("shop.cart.items", cart.Items.Count).SetTag("shop.cart.coupon", cart.Coupon);
            await Forward(http, new Uri(upstreams.Orders, "orders"), JsonContent.Create(new NewOrder(user, cart.Items, cart.Coupon, express)));
        });

        // A rolling deploy starts the new version beside the old one and then moves the traffic here.
        app.MapPut("/upstreams/orders", (string address) =>
        {
            upstreams.Orders = new Uri(address);
            app.Logger.LogInformation("Orders are now at {server.address}", address);
            return Results.NoContent();
        });
        return app.RunAsync();
    }

    private static Task Identify(HttpContext http, RequestDelegate next)
    {
        // In a real shop these come out of a checked token. Baggage that a stranger sends is overwritten, not believed.
        string requestId = Guid.CreateVersion7().ToString("n");
        Activity.Current?.SetTag("http.request.header.x-request-id", new[] { requestId });
        foreach ((string header, string key) in new[] { ("x-tenant", "tenant.id"), ("x-user", "user.id"), ("x-session", "session.id") })
            if (http.Request.Headers[header].ToString() is { Length: > 0 and <= 64 } value) Telemetry.Carry(key, value);

        http.Response.Headers["x-request-id"] = requestId;
        if (Activity.Current is { } span) http.Response.Headers["server-timing"] = $"trace;desc=00-{span.TraceId}-{span.SpanId}-01";   // Trace Context Level 2
        return next(http);
    }

    private static async Task Forward(HttpContext http, Uri address, HttpContent? body = null)
    {
        using HttpRequestMessage request = new(body is null ? HttpMethod.Get : HttpMethod.Post, address) { Content = body };
        try
        {
            using HttpResponseMessage answer = await Role.Http.SendAsync(request, http.RequestAborted);
            http.Response.StatusCode = (int)answer.StatusCode;
            http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (TaskCanceledException error) when (!http.RequestAborted.IsCancellationRequested)
        {
            Activity.Current.Fail(error);
            await Results.Problem($"{address.Host}:{address.Port} takes too long.", statusCode: 504).ExecuteAsync(http);
        }
        catch (HttpRequestException error) when (error.InnerException is SocketException)
        {
            Activity.Current.Fail(error);
            await Results.Problem($"{address.Host}:{address.Port} does not answer.", statusCode: 502).ExecuteAsync(http);
        }
    }
}
