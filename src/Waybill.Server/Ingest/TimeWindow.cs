using Waybill.Batches;

namespace Waybill.Ingest;

/// <summary>The times that are stored where they belong; what lies outside is put in quarantine. Inclusive, nanoseconds since 1970.</summary>
internal readonly record struct TimeWindow(ulong From, ulong To)
{
    private const ulong Minute = 60_000_000_000;

    public static TimeWindow Around(long receivedUnixNano, IngestOptions options) =>
        new((ulong)receivedUnixNano - (ulong)options.PastDaysMax * 24 * 60 * Minute, (ulong)receivedUnixNano + (ulong)options.FutureMinutesMax * Minute);

    public bool Contains(ulong unixNano) => unixNano >= From && unixNano <= To;
}

/// <summary>Rows of a batch, parted by whether their time can be. Reused.</summary>
internal sealed class PartedRows
{
    private readonly Column<int> _inside = new(), _outside = new();

    public ReadOnlySpan<int> Inside => _inside.Span;
    public ReadOnlySpan<int> Outside => _outside.Span;

    public void Part(ReadOnlySpan<ulong> times, TimeWindow window)
    {
        Clear();
        for (int row = 0; row < times.Length; row++) Add(row, window.Contains(times[row]));
    }

    public void Clear()
    {
        _inside.Clear();
        _outside.Clear();
    }

    public void Add(int row, bool inside) => (inside ? _inside : _outside).Add(row);
}
