namespace Shop;

/// <summary>Payment as the nightly batch sees it.</summary>
/// <param name="TraceParent">W3C traceparent of the span that took the money: the batch links to it.</param>
public sealed record Payment(string Id, string OrderId, long AmountCents, string ChargeId, string? TraceParent);

/// <summary>The payments of one zone.</summary>
public sealed class PaymentTable
{
    private readonly Database db;

    public PaymentTable(ILogger log)
    {
        db = new Database($"payments-{Environment.GetEnvironmentVariable("SHOP_ZONE") ?? "a"}", log);
        db.Execute("payments", """
            CREATE TABLE IF NOT EXISTS payments (
                id TEXT PRIMARY KEY, order_id TEXT NOT NULL, amount_cents INTEGER NOT NULL, charge_id TEXT NOT NULL, trace_parent TEXT, paid_at INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0)
            """);
        db.Execute("payments", "CREATE INDEX IF NOT EXISTS payments_unsettled ON payments (paid_at) WHERE settled = 0");
    }

    public void Insert(string id, PaymentsRole.NewPayment payment, string chargeId, string? traceParent, DateTimeOffset now) =>
        db.Execute("payments", "INSERT INTO payments (id, order_id, amount_cents, charge_id, trace_parent, paid_at) VALUES ($id, $order, $amount, $charge, $trace, $at)",
            ("$id", id), ("$order", payment.OrderId), ("$amount", payment.AmountCents), ("$charge", chargeId), ("$trace", traceParent), ("$at", now.ToUnixTimeMilliseconds()));

    /// <summary>Oldest first.</summary>
    public List<Payment> Unsettled(int max) =>
        db.Query("payments", "SELECT id, order_id, amount_cents, charge_id, trace_parent FROM payments WHERE settled = 0 ORDER BY paid_at LIMIT $max",
            row => new Payment(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4)), ("$max", max));

    public void Settle(List<string> ids) =>
        db.Execute("payments", "UPDATE payments SET settled = 1 WHERE id IN (SELECT value FROM json_each($ids))", ("$ids", System.Text.Json.JsonSerializer.Serialize(ids)));
}
