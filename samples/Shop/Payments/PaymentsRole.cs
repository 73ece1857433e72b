using System.Net.Http.Headers;

namespace Shop;

/// <summary>Takes money through an external provider, with retries; one process per availability zone.</summary>
public static class PaymentsRole
{
    private const int AttemptsMax = 3;

    // The provider is a stranger: it gets neither our trace ids nor our baggage, only its own headers.
    private static readonly HttpClient Provider = new(new SocketsHttpHandler { ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator() })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    public sealed record NewPayment(string OrderId, long AmountCents);

    private sealed record Charge(string ChargeId);

    public static Task Run()
    {
        WebApplication app = Role.Create();
        PaymentTable payments = new(app.Logger);
        ProviderSecret secret = new(app.Logger);
        app.Services.GetRequiredService<FaultSwitches>().WhenSwitched("credential-rotation", secret.Rotated);

        app.MapPost("/payments", async (NewPayment payment, TimeProvider clock, CancellationToken cancel) =>
        {
            string id = $"pay-{Guid.CreateVersion7():n}"[..20];
            Activity.Current?.SetTag("shop.payment.id", id).SetTag("shop.payment.amount_cents", payment.AmountCents);
            using HttpResponseMessage answer = await ChargeWithRetry(id, payment, secret, app.Logger, cancel);
            if (!answer.IsSuccessStatusCode)
            {
                int status = (int)answer.StatusCode;
                Activity.Current?.SetTag("error.type", $"provider_{status}");
                app.Logger.LogError("Payment {shop.payment.id} of order {order.id} failed: provider answered {http.response.status_code} {reason}",
                    id, payment.OrderId, status, await answer.Content.ReadAsStringAsync(cancel));
                return Results.Problem($"The payment provider answered {status}.", statusCode: 502);
            }
            Charge charge = (await answer.Content.ReadFromJsonAsync<Charge>(cancel))!;
            payments.Insert(id, payment, charge.ChargeId, Activity.Current?.Id, clock.GetUtcNow());
            return Results.Created($"/payments/{id}", new { id, charge.ChargeId });
        });
        app.MapGet("/payments/unsettled", (int max) => payments.Unsettled(Math.Clamp(max, 1, 1000)));
        app.MapPost("/payments/settled", (List<string> ids) => { payments.Settle(ids); return Results.NoContent(); });
        return app.RunAsync();
    }

    private static async Task<HttpResponseMessage> ChargeWithRetry(string id, NewPayment payment, ProviderSecret secret, ILogger log, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            using Activity? span = Telemetry.Source.StartActivity("charge");
            if (attempt > 1) span?.SetTag("http.request.resend_count", attempt - 1);
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri(Role.Peer("provider"), "charges"))
            {
                Content = JsonContent.Create(new { paymentId = id, payment.AmountCents }),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", secret.Current) },
            };
            request.Headers.Add("idempotency-key", id);

            HttpResponseMessage answer = await Provider.SendAsync(request, cancel);
            if ((int)answer.StatusCode != 429 || attempt == AttemptsMax)
            {
                if (!answer.IsSuccessStatusCode) span?.SetTag("error.type", $"{(int)answer.StatusCode}").SetStatus(ActivityStatusCode.Error);
                return answer;
            }
            TimeSpan wait = TimeSpan.FromMilliseconds(150 * attempt);
            log.LogWarning("Provider limits our rate; attempt {attempt} of payment {shop.payment.id} waits {wait_ms} ms", attempt, id, wait.TotalMilliseconds);
            span?.SetTag("error.type", "429").SetStatus(ActivityStatusCode.Error, "rate limited");
            answer.Dispose();
            await Task.Delay(wait, cancel);
        }
    }
}
