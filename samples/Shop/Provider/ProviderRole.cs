using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting;

namespace Shop;

/// <summary>The payment provider: another company's system. No telemetry, its own rules, and no idea of our traces.</summary>
public static class ProviderRole
{
    public sealed record NewCharge(string PaymentId, long AmountCents);

    public static Task Run()
    {
        FaultSwitches faults = new();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Role.Setting("SHOP_URL"));
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(faults);
        WebApplication app = builder.Build();
        app.MapGet("/healthz", () => "ok");
        app.MapFaults();
        Role.WhenParentEnds(app.Lifetime.StopApplication);

        string secret = File.ReadAllText(ProviderSecret.FilePath);
        faults.WhenSwitched("credential-rotation", (rotated, _) =>
        {
            if (!rotated) return;
            secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            File.WriteAllText(ProviderSecret.FilePath, secret);
        });

        long lastSecond = 0;
        app.MapPost("/charges", async (NewCharge charge, HttpContext http, TimeProvider clock, CancellationToken cancel) =>
        {
            if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(http.Request.Headers.Authorization.ToString()), Encoding.ASCII.GetBytes($"Bearer {secret}")))
                return Results.Json(new { error = "invalid_api_key" }, statusCode: 401);

            long second = clock.GetUtcNow().ToUnixTimeSeconds();
            if (faults.IsOn("payment-429") && Interlocked.Exchange(ref lastSecond, second) == second)
            {
                http.Response.Headers.RetryAfter = "1";
                return Results.Json(new { error = "rate_limited", limit_per_second = 1 }, statusCode: 429);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20 + charge.AmountCents % 40), cancel);
            return Results.Json(new { chargeId = $"ch_{Guid.CreateVersion7():n}" });
        });
        return app.RunAsync();
    }
}
