using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Waybill.Batches;

namespace Waybill.Traces;

/// <summary>
/// When the traces that arrived of late were, as far as this server saw them. Only a hint: it lets spans be read while the index is still
/// being asked, and what the index adds is read afterwards. Bounded; the oldest of a group is forgotten first.
/// </summary>
public sealed class RecentTraces
{
    private const int Ways = 4, LockCount = 64;

    private readonly Entry[] _entries;
    private readonly Lock[] _locks = [.. Enumerable.Range(0, LockCount).Select(_ => new Lock())];
    private readonly int _groups;
    private readonly ConcurrentDictionary<string, TraceId> _masks = new(StringComparer.Ordinal);

    private record struct Entry(TraceId Id, uint First, uint Last);

    /// <param name="tracesMax">Traces remembered, 24 bytes each. Default 1 Mi (24 MB): ten million spans of the usual size.</param>
    public RecentTraces(int tracesMax = 1024 * 1024)
    {
        _groups = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(LockCount, tracesMax / Ways));
        _entries = new Entry[_groups * Ways];
    }

    /// <summary>Notes that spans of the trace started in these seconds (Unix, inclusive).</summary>
    public void Note(string tenant, TraceId id, uint first, uint last)
    {
        id = Of(tenant, id);
        int group = id.GetHashCode() & (_groups - 1);
        Span<Entry> entries = _entries.AsSpan(group * Ways, Ways);
        lock (_locks[group % LockCount])
        {
            int at = Find(entries, id);
            var entry = at < 0 ? new Entry(id, first, last) : entries[at] with { First = Math.Min(entries[at].First, first), Last = Math.Max(entries[at].Last, last) };
            // Newest first: the last of the group falls out.
            entries[..(at < 0 ? Ways - 1 : at)].CopyTo(entries[1..]);
            entries[0] = entry;
        }
    }

    /// <summary>Traces that can be remembered.</summary>
    public int Capacity => _entries.Length;

    public (uint First, uint Last)? Find(string tenant, TraceId id)
    {
        id = Of(tenant, id);
        int group = id.GetHashCode() & (_groups - 1);
        Span<Entry> entries = _entries.AsSpan(group * Ways, Ways);
        lock (_locks[group % LockCount])
        {
            int at = Find(entries, id);
            return at < 0 ? null : (entries[at].First, entries[at].Last);
        }
    }

    // Tenants may have the same ids. Each has bits of its own, which nobody can guess, so that none can ask for another's.
    private TraceId Of(string tenant, TraceId id)
    {
        TraceId mask = _masks.GetOrAdd(tenant, static _ => new TraceId(RandomNumberGenerator.GetBytes(TraceId.Size)));
        Span<ulong> bits = stackalloc ulong[2], others = stackalloc ulong[2];
        id.CopyTo(MemoryMarshal.AsBytes(bits));
        mask.CopyTo(MemoryMarshal.AsBytes(others));
        bits[0] ^= others[0];
        bits[1] ^= others[1];
        return new TraceId(MemoryMarshal.AsBytes(bits));
    }

    private static int Find(Span<Entry> entries, TraceId id)
    {
        for (int i = 0; i < entries.Length; i++)
            if (entries[i].Id == id) return i;
        return -1;
    }
}
