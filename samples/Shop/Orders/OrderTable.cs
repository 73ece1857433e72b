namespace Shop;

/// <summary>The orders database, and the migrations that the fault slow-query runs on it.</summary>
public sealed class OrderTable
{
    /// <summary>Years of old orders, so that a scan costs what it costs in life.</summary>
    private const int SeededOrders = 600_000;

    private readonly Database db;
    private readonly ILogger log;

    public OrderTable(ILogger log)
    {
        this.log = log;
        db = new Database("orders", log);
        db.Execute("orders", """
            CREATE TABLE IF NOT EXISTS orders (
                id TEXT PRIMARY KEY, user_id TEXT NOT NULL, total_cents INTEGER NOT NULL, state TEXT NOT NULL, placed_at INTEGER NOT NULL, address TEXT NOT NULL)
            """);
        if (db.Query("orders", "SELECT 1 FROM orders LIMIT 1", row => row.GetInt32(0)).Count == 0)
            db.Load("""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
                INSERT INTO orders SELECT printf('old-%07d', i), 'u' || (1000 + i % 100000), 1000 + i % 9000, 'shipped', 1600000000 + i * 60,
                    i % 200 || ' Long Street, a town in a county of a country, second floor, ring twice' FROM n
                """, ("$rows", SeededOrders));
        CreateIndex();
    }

    public void Insert(Order order) =>
        db.Execute("orders", "INSERT INTO orders (id, user_id, total_cents, state, placed_at, address) VALUES ($id, $user, $total, $state, $at, '1 Demo Road')",
            ("$id", order.Id), ("$user", order.User), ("$total", order.TotalCents), ("$state", order.State), ("$at", order.PlacedAt.ToUnixTimeSeconds()));

    public void SetState(string id, string state) =>
        db.Execute("orders", "UPDATE orders SET state = $state WHERE id = $id", ("$state", state), ("$id", id));

    public Order? Find(string id) =>
        db.Query("orders", "SELECT id, user_id, total_cents, state, placed_at FROM orders WHERE id = $id", Read, ("$id", id)).FirstOrDefault();

    /// <summary>The latest orders of one user, newest first.</summary>
    public List<Order> LatestOf(string user) =>
        db.Query("orders", "SELECT id, user_id, total_cents, state, placed_at FROM orders WHERE user_id = $user ORDER BY placed_at DESC LIMIT 20", Read, ("$user", user));

    /// <summary>What the fraud check asks: how much one user spent since then, in cents.</summary>
    public long SpentSince(string user, DateTimeOffset since) =>
        db.Query("orders", "SELECT coalesce(sum(total_cents), 0) FROM orders WHERE user_id = $user AND placed_at >= $since", row => row.GetInt64(0),
            ("$user", user), ("$since", since.ToUnixTimeSeconds()))[0];

    public void CreateIndex()
    {
        db.Execute("orders", "CREATE INDEX IF NOT EXISTS orders_by_user ON orders (user_id, placed_at)");
        log.LogInformation("Schema of {db.namespace}: index orders_by_user is there", "orders");
    }

    public void DropIndex()
    {
        db.Execute("orders", "DROP INDEX IF EXISTS orders_by_user");
        log.LogInformation("Schema of {db.namespace}: migration 8 dropped index orders_by_user", "orders");
    }

    private static Order Read(Microsoft.Data.Sqlite.SqliteDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(4)));
}
