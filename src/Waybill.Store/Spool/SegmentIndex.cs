using Microsoft.Win32.SafeHandles;
using Waybill.Encryption;

namespace Waybill.Spool;

/// <summary>What a sealed segment holds, from reading and checking all of it.</summary>
internal sealed class SegmentIndex
{
    private readonly List<Record> _records = [];
    private readonly SortedDictionary<byte, (long Rows, long Bytes)> _tables = [];
    private readonly List<Extent> _damage = [];

    /// <param name="TableBits">Bit (table mod 64) is set when the record has a section of the table: others need not be read for it.</param>
    public readonly record struct Record(uint Offset, uint Length, ulong TableBits, RecentRequest Request);

    public IReadOnlyList<Record> Records => _records;

    public IReadOnlyDictionary<byte, (long Rows, long Bytes)> Tables => _tables;

    /// <summary>Stretches that are no record, an end torn off included: a sealed segment has no unfinished writes.</summary>
    public IReadOnlyList<Extent> Damage => _damage;

    public static SegmentIndex Read(SafeFileHandle file, SegmentId id, Sealer? sealer = null)
    {
        SegmentIndex index = new();
        using SegmentReader reader = new(file, id, verify: true, sealer);
        while (reader.Next(out Extent extent))
        {
            if (extent.Kind == ExtentKind.Record) index.Add(extent, reader.Sections);
            else index._damage.Add(extent);
        }
        return index;
    }

    private void Add(Extent extent, IReadOnlyList<SegmentReader.Section> sections)
    {
        ulong bits = 0;
        foreach (SegmentReader.Section section in sections)
        {
            bits |= Bit(section.Table);
            _tables.TryGetValue(section.Table, out (long Rows, long Bytes) total);
            _tables[section.Table] = (total.Rows + section.Rows, total.Bytes + section.Bytes);
        }
        _records.Add(new((uint)extent.Offset, (uint)extent.Length, bits, new(extent.RequestHash, extent.ReceivedUnixNano)));
    }

    public static ulong Bit(byte table) => 1UL << (table & 63);
}
