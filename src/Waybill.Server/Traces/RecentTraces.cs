using System.Numerics;
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

    private record struct Entry(TraceId Id, uint First, uint Last);

    /// <param name="tracesMax">Traces remembered, 24 bytes each. Default 1 Mi (24 MB): ten million spans of the usual size.</param>
    public RecentTraces(int tracesMax = 1024 * 1024)
    {
        _groups = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(LockCount, tracesMax / Ways));
        _entries = new Entry[_groups * Ways];
    }

    /// <summary>Notes that spans of the trace started in these seconds (Unix, inclusive).</summary>
    public void Note(TraceId id, uint first, uint last)
    {
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

    public (uint First, uint Last)? Find(TraceId id)
    {
        int group = id.GetHashCode() & (_groups - 1);
        Span<Entry> entries = _entries.AsSpan(group * Ways, Ways);
        lock (_locks[group % LockCount])
        {
            int at = Find(entries, id);
            return at < 0 ? null : (entries[at].First, entries[at].Last);
        }
    }

    private static int Find(Span<Entry> entries, TraceId id)
    {
        for (int i = 0; i < entries.Length; i++)
            if (entries[i].Id == id) return i;
        return -1;
    }
}
