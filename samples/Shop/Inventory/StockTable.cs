namespace Shop;

public sealed record Product(string Sku, string Name, long PriceCents);

public sealed record StockLevel(string Sku, long Available);

/// <summary>Stock as a ledger of movements: what there is of a product is the sum of all that came and went.</summary>
public sealed class StockTable
{
    private const int Products = 64;
    private const int SeededMovements = 80_000;

    private readonly Database db;

    public StockTable(ILogger log)
    {
        db = new Database("inventory", log);
        db.Execute("products", "CREATE TABLE IF NOT EXISTS products (sku TEXT PRIMARY KEY, name TEXT NOT NULL, price_cents INTEGER NOT NULL)");
        db.Execute("stock_movements", "CREATE TABLE IF NOT EXISTS stock_movements (id INTEGER PRIMARY KEY, sku TEXT NOT NULL, delta INTEGER NOT NULL, reason TEXT NOT NULL)");
        if (db.Query("products", "SELECT 1 FROM products LIMIT 1", row => row.GetInt32(0)).Count > 0) return;
        db.Execute("products", "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $last) INSERT INTO products SELECT printf('sku-%02d', i), 'Product ' || i, 900 + i * 137 % 5000 FROM n",
            ("$last", Products - 1));
        db.Load("""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
            INSERT INTO stock_movements (sku, delta, reason) SELECT printf('sku-%02d', i % $products), i / $products % 2 * 2 - 1, 'history of an earlier year' FROM n
            """, ("$rows", SeededMovements), ("$products", Products));
        db.Execute("stock_movements", "INSERT INTO stock_movements (sku, delta, reason) SELECT sku, 40, 'opening stock' FROM products");
        db.Execute("stock_movements", "CREATE INDEX IF NOT EXISTS stock_movements_by_sku ON stock_movements (sku, delta)");
        db.Execute("stock_movements", "CREATE INDEX IF NOT EXISTS stock_movements_by_reason ON stock_movements (reason, sku, delta)");
    }

    public Product? Find(string sku) =>
        db.Query("products", "SELECT sku, name, price_cents FROM products WHERE sku = $sku", row => new Product(row.GetString(0), row.GetString(1), row.GetInt64(2)), ("$sku", sku))
            .FirstOrDefault();

    /// <summary>Adds up the ledger of one product: right, and slow. NOCASE, because partners spell SKUs as they like, keeps SQLite from using an index.</summary>
    public long Available(string sku) =>
        db.Query("stock_movements", "SELECT coalesce(sum(delta), 0) FROM stock_movements WHERE sku = $sku COLLATE NOCASE AND reason <> 'void'", row => row.GetInt64(0), ("$sku", sku))[0];

    public void Move(string sku, long delta, string reason) =>
        db.Execute("stock_movements", "INSERT INTO stock_movements (sku, delta, reason) VALUES ($sku, $delta, $reason)", ("$sku", sku), ("$delta", delta), ("$reason", reason));

    /// <summary>What one order took, per product.</summary>
    public List<StockLevel> TakenBy(string orderId) =>
        db.Query("stock_movements", "SELECT sku, -sum(delta) FROM stock_movements WHERE reason = $order GROUP BY sku HAVING sum(delta) < 0",
            row => new StockLevel(row.GetString(0), row.GetInt64(1)), ("$order", orderId));

    /// <summary>The stock of everything, in one pass over the index.</summary>
    public List<StockLevel> All() =>
        db.Query("stock_movements", "SELECT sku, sum(delta) FROM stock_movements GROUP BY sku", row => new StockLevel(row.GetString(0), row.GetInt64(1)));

    /// <summary>The scarcest products below a level.</summary>
    public List<StockLevel> Below(long level) =>
        db.Query("stock_movements", "SELECT sku, sum(delta) AS available FROM stock_movements GROUP BY sku HAVING available < $level ORDER BY available LIMIT 10",
            row => new StockLevel(row.GetString(0), row.GetInt64(1)), ("$level", level));
}
