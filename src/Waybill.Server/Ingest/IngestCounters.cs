using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Ingest;

/// <summary>What arrived and what was refused since the start, counted.</summary>
public sealed class IngestCounters
{
    private static readonly int Cells = Names.Signals.Length * Names.Protocols.Length;
    private static readonly int Rejections = Enum.GetValues<Rejection>().Length;
    private static readonly int Reasons = Enum.GetValues<RefusalReason>().Length;

    /// <summary>Upper bounds of the answer times' buckets, in seconds; from a request without disk to one that waits for it badly.</summary>
    internal static readonly double[] SecondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly long[] _requests = new long[Cells];
    private readonly long[] _items = new long[Cells];
    private readonly long[] _bytes = new long[Cells];
    private readonly long[] _rejected = new long[Names.Signals.Length * Rejections];
    private readonly long[] _refused = new long[Names.Protocols.Length * Reasons];
    private readonly long[] _took = new long[Names.Protocols.Length * (SecondsBounds.Length + 1)];
    private readonly long[] _tookTicks = new long[Names.Protocols.Length];
    private readonly long[] _quarantined = new long[Names.Signals.Length];
    private readonly long[] _changed = new long[Changes.Length];
    private long _duplicates;

    /// <summary>What was changed in items that were kept, by name.</summary>
    internal static readonly (string Name, Func<DecodeCounts, int> Count)[] Changes =
    [
        ("truncated_values", changed => changed.TruncatedValues),
        ("dropped_attributes", changed => changed.DroppedAttributes),
        ("dropped_events", changed => changed.DroppedEvents),
        ("dropped_links", changed => changed.DroppedLinks),
        ("dropped_exemplars", changed => changed.DroppedExemplars),
        ("repaired_texts", changed => changed.RepairedTexts),
        ("ignored_ids", changed => changed.IgnoredIds),
        ("unknown_enums", changed => changed.UnknownEnums),
    ];

    /// <summary>Requests acknowledged without being stored, because they were stored before.</summary>
    public long DuplicateRequests => Volatile.Read(ref _duplicates);

    public long Requests(Signal signal, Protocol protocol) => Volatile.Read(ref _requests[Cell(signal, protocol)]);
    public long Items(Signal signal, Protocol protocol) => Volatile.Read(ref _items[Cell(signal, protocol)]);

    /// <summary>Bytes after decompression.</summary>
    public long Bytes(Signal signal, Protocol protocol) => Volatile.Read(ref _bytes[Cell(signal, protocol)]);

    public long Rejected(Signal signal, Rejection reason) => Volatile.Read(ref _rejected[(int)signal * Rejections + (int)reason]);
    public long Refused(Protocol protocol, RefusalReason reason) => Volatile.Read(ref _refused[(int)protocol * Reasons + (int)reason]);
    internal long Changed(int change) => Volatile.Read(ref _changed[change]);
    internal long Took(Protocol protocol, int bucket) => Volatile.Read(ref _took[(int)protocol * (SecondsBounds.Length + 1) + bucket]);
    internal double TookSeconds(Protocol protocol) => TimeSpan.FromTicks(Volatile.Read(ref _tookTicks[(int)protocol])).TotalSeconds;

    internal void Accepted(Reception reception, Protocol protocol, in DecodeCounts changed)
    {
        int cell = Cell(reception.Signal, protocol);
        Interlocked.Increment(ref _requests[cell]);
        Interlocked.Add(ref _items[cell], reception.Items);
        Interlocked.Add(ref _bytes[cell], reception.BodyBytes);
        if (changed != default)
            for (int i = 0; i < Changes.Length; i++) Interlocked.Add(ref _changed[i], Changes[i].Count(changed));
        if (reception.Rejections.Count == 0) return;
        for (int i = 0; i < Rejections; i++) Interlocked.Add(ref _rejected[(int)reception.Signal * Rejections + i], reception.Rejections[(Rejection)i]);
    }

    /// <summary>Items stored in quarantine, because their time cannot be right.</summary>
    public long Quarantined(Signal signal) => Volatile.Read(ref _quarantined[(int)signal]);

    internal void CountQuarantined(Signal signal, int items) => Interlocked.Add(ref _quarantined[(int)signal], items);

    internal void Duplicate() => Interlocked.Increment(ref _duplicates);

    internal void CountRefused(Protocol protocol, RefusalReason reason) => Interlocked.Increment(ref _refused[(int)protocol * Reasons + (int)reason]);

    internal void Took(Protocol protocol, TimeSpan elapsed)
    {
        int bucket = 0;
        while (bucket < SecondsBounds.Length && elapsed.TotalSeconds > SecondsBounds[bucket]) bucket++;
        Interlocked.Increment(ref _took[(int)protocol * (SecondsBounds.Length + 1) + bucket]);
        Interlocked.Add(ref _tookTicks[(int)protocol], elapsed.Ticks);
    }

    private static int Cell(Signal signal, Protocol protocol) => (int)signal * Names.Protocols.Length + (int)protocol;
}
