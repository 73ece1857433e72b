using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Ingest;
using Waybill.Schema;
using Waybill.Spool;

namespace Waybill.Redaction;

/// <summary>Stores what was found in the texts of other rooms, every few seconds and at the end. Findings in telemetry are stored with it, see RecordEncoder.</summary>
public sealed partial class OtherFindingsLoop(Redactor redactor, RedactionTally tally, SpoolLog spool, IngestOptions ingest, TimeProvider clock, ILogger<OtherFindingsLoop> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await Store();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Store();
    }

    private async Task Store()
    {
        var findings = new FindingCounts();
        redactor.TakeElsewhere((finding, count, shapes) => findings.Add(finding, count, shapes));
        if (findings.Kinds == 0) return;
        tally.Add(findings);
        UInt128 name = BinaryPrimitives.ReadUInt128LittleEndian(RandomNumberGenerator.GetBytes(16));
        long now = clock.UnixNano();
        var record = spool.NewRecord();
        record.Begin(name, now);
        new FindingBlocks().Write(record.BeginSection((byte)StoredTable.RedactionFindings), Encoding.UTF8.GetBytes(ingest.Tenant), findings, (ulong)name, (uint)(now / 1_000_000_000));
        record.EndSection(findings.Kinds);
        record.Complete();
        try
        {
            await spool.Append(record, CancellationToken.None);
        }
        catch (Exception e) when (e is SpoolFullException or SpoolFailedException)
        {
            LogLost(findings.Total, e.GetType().Name);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Counts of {Findings} findings are not kept: {Error}")]
    private partial void LogLost(long findings, string error);
}
