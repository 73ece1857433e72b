using System.Security.Cryptography;
using System.Buffers.Binary;
using Waybill.Ingest;
using Waybill.Redaction;
using Waybill.Schema;
using Waybill.Spool;

namespace Waybill.Changes;

/// <summary>From reports to an acknowledged record in the spool.</summary>
public sealed class ChangeIntake(SpoolLog spool, ChangeRedaction redaction, TimeProvider clock)
{
    private readonly Dictionary<(string Source, string Kind), long> _taken = [];

    /// <summary>Reports taken since the start, by source and kind.</summary>
    public IReadOnlyList<(string Source, string Kind, long Reports)> Taken
    {
        get
        {
            lock (_taken) return [.. _taken.Select(pair => (pair.Key.Source, pair.Key.Kind, pair.Value))];
        }
    }

    /// <summary>Completes when all reports are durable; they can be read about a second later.</summary>
    /// <exception cref="SpoolFullException">Nothing was stored; to be tried again later.</exception>
    public async Task Accept(string tenant, IReadOnlyList<ChangeReport> reports, CancellationToken cancel)
    {
        if (reports.Count == 0) return;
        long received = clock.UnixNano();
        var record = spool.NewRecord();
        // Reports of one change are put together by its id, so a request need not be recognised when it comes again.
        record.Begin(BinaryPrimitives.ReadUInt128BigEndian(RandomNumberGenerator.GetBytes(16)), received);
        ChangeBlocks.Write(record.BeginSection((byte)StoredTable.Changes), tenant, [.. reports.Select(redaction.Redact)], received);
        record.EndSection(reports.Count);
        record.Complete();
        await spool.Append(record, cancel);
        lock (_taken)
            foreach (ChangeReport report in reports) _taken[(report.Source, report.Kind)] = _taken.GetValueOrDefault((report.Source, report.Kind)) + 1;
    }
}
