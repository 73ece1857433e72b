using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Shop;

/// <summary>A small durable message queue over HTTP: topics, leases, redelivery, a dead-letter topic.</summary>
public static class QueueRole
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(30);
    private const int DeliveriesMax = 5;
    private const int MessagesMax = 100_000;

    public sealed record NewMessage(string Id, Dictionary<string, string> Headers, JsonElement Body);

    public static Task Run()
    {
        WebApplication app = Role.Create();
        Database db = new("queue", app.Logger);
        db.Execute("messages", """
            CREATE TABLE IF NOT EXISTS messages (
                seq INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, topic TEXT NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL,
                visible_at INTEGER NOT NULL, deliveries INTEGER NOT NULL DEFAULT 0)
            """);
        db.Execute("messages", "CREATE INDEX IF NOT EXISTS messages_ready ON messages (topic, visible_at)");
        ConcurrentDictionary<string, SemaphoreSlim> arrivals = new();
        SemaphoreSlim ArrivalsOf(string topic) => arrivals.GetOrAdd(topic, _ => new SemaphoreSlim(0, 1));

        Telemetry.Meter.CreateObservableGauge("shop.queue.depth", () => Depth(db), "{message}", "Messages waiting or leased, by topic");

        app.MapPost("/topics/{topic}/messages", (string topic, NewMessage message, TimeProvider clock) =>
        {
            long waiting = db.Query("messages", "SELECT count(*) FROM messages WHERE topic = $topic", row => row.GetInt64(0), ("$topic", topic))[0];
            if (waiting >= MessagesMax) return Results.Problem($"Topic {topic} is full: {MessagesMax} messages.", statusCode: 429);
            db.Execute("messages", "INSERT OR IGNORE INTO messages (id, topic, headers, body, visible_at) VALUES ($id, $topic, $headers, $body, $now)",
                ("$id", message.Id), ("$topic", topic), ("$headers", JsonSerializer.Serialize(message.Headers)), ("$body", message.Body.GetRawText()), ("$now", Milliseconds(clock)));
            SemaphoreSlim arrived = ArrivalsOf(topic);
            lock (arrived) if (arrived.CurrentCount == 0) arrived.Release();
            return Results.Accepted();
        });

        app.MapPost("/topics/{topic}/leases", async (string topic, int max, int waitSeconds, TimeProvider clock, CancellationToken cancel) =>
        {
            Telemetry.Untraced();
            using var quiet = OpenTelemetry.SuppressInstrumentationScope.Begin();
            List<Message> leased = Lease(db, topic, Math.Clamp(max, 1, 100), clock);
            if (leased.Count == 0 && await ArrivalsOf(topic).WaitAsync(TimeSpan.FromSeconds(Math.Clamp(waitSeconds, 0, 20)), cancel))
                leased = Lease(db, topic, Math.Clamp(max, 1, 100), clock);
            return leased;
        });

        app.MapPost("/topics/{topic}/settled", (string topic, List<string> ids) =>
        {
            Telemetry.Untraced();
            using var quiet = OpenTelemetry.SuppressInstrumentationScope.Begin();
            foreach (string id in ids) db.Execute("messages", "DELETE FROM messages WHERE topic = $topic AND id = $id", ("$topic", topic), ("$id", id));
            return Results.NoContent();
        });
        return app.RunAsync();
    }

    private static List<Message> Lease(Database db, string topic, int max, TimeProvider clock)
    {
        long now = Milliseconds(clock);
        db.Execute("messages", "UPDATE messages SET topic = topic || '.dead' WHERE topic = $topic AND visible_at <= $now AND deliveries >= $max",
            ("$topic", topic), ("$now", now), ("$max", DeliveriesMax));
        return db.Query("messages", """
            UPDATE messages SET visible_at = $until, deliveries = deliveries + 1
            WHERE seq IN (SELECT seq FROM messages WHERE topic = $topic AND visible_at <= $now ORDER BY seq LIMIT $max)
            RETURNING id, topic, headers, body, deliveries
            """,
            row => new Message(row.GetString(0), row.GetString(1), JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(2))!,
                JsonDocument.Parse(row.GetString(3)).RootElement, row.GetInt32(4)),
            ("$topic", topic), ("$now", now), ("$until", now + (long)LeaseTime.TotalMilliseconds), ("$max", max));
    }

    private static List<Measurement<long>> Depth(Database db)
    {
        using var quiet = OpenTelemetry.SuppressInstrumentationScope.Begin();
        return db.Query("messages", "SELECT topic, count(*) FROM messages GROUP BY topic",
            row => new Measurement<long>(row.GetInt64(1), new KeyValuePair<string, object?>("messaging.destination.name", row.GetString(0))));
    }

    private static long Milliseconds(TimeProvider clock) => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
