using System.Diagnostics.Metrics;

namespace Shop;

/// <summary>Keeps the stock of the most recently used goods. Least recently used goes first.</summary>
public sealed class StockCache
{
    public const int CapacityNormal = 256;
    public const int CapacityTooSmall = 16;

    private static readonly Counter<long> Evictions = Telemetry.Meter.CreateCounter<long>("shop.cache.evictions", "{entry}", "Entries that left the stock cache for want of room");

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Sku, long Available)>> entries = [];
    private readonly LinkedList<(string Sku, long Available)> recent = [];   // Most recent first.
    private int capacity = CapacityNormal;

    /// <summary>Shrinking evicts at once.</summary>
    public void SetCapacity(int entriesMax)
    {
        lock (gate)
        {
            capacity = entriesMax;
            Trim();
        }
    }

    public bool TryGet(string sku, out long available)
    {
        lock (gate)
        {
            bool hit = entries.TryGetValue(sku, out LinkedListNode<(string Sku, long Available)>? node);
            available = hit ? node!.Value.Available : 0;
            if (!hit) return false;
            recent.Remove(node!);
            recent.AddFirst(node!);
            return true;
        }
    }

    public void Put(string sku, long available)
    {
        lock (gate)
        {
            if (entries.Remove(sku, out LinkedListNode<(string Sku, long Available)>? old)) recent.Remove(old);
            entries[sku] = recent.AddFirst((sku, available));
            Trim();
        }
    }

    private void Trim()
    {
        while (entries.Count > capacity)
        {
            entries.Remove(recent.Last!.Value.Sku);
            recent.RemoveLast();
            Evictions.Add(1);
        }
    }
}
