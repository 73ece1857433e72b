using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Waybill.Spool;

namespace Waybill.SpoolWriter;

/// <summary>Closed loop: each appender waits for its acknowledgement before it appends again, while an inserter reads and deletes.</summary>
internal static class Measurement
{
    public static async Task<int> Run(string directory, int appenders, int recordBytes, double seconds, bool insert)
    {
        Directory.CreateDirectory(directory);
        SpoolOptions options = new() { Directory = directory };
        await using SpoolLog spool = SpoolLog.Open(options, TimeProvider.System, NullLogger.Instance);
        using CancellationTokenSource stop = new();
        Task inserting = insert ? Discard(spool, stop.Token) : Task.CompletedTask;
        await Append(spool, appenders, recordBytes, 1);   // warm up

        TimeSpan processor = Process.GetCurrentProcess().TotalProcessorTime;
        long allocated = GC.GetTotalAllocatedBytes();
        Stopwatch watch = Stopwatch.StartNew();
        List<double> milliseconds = await Append(spool, appenders, recordBytes, seconds);
        double elapsed = watch.Elapsed.TotalSeconds, gigabytes = (double)milliseconds.Count * recordBytes / 1e9;
        processor = Process.GetCurrentProcess().TotalProcessorTime - processor;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        milliseconds.Sort();
        SpoolStatus status = spool.Status;
        Console.WriteLine(FormattableString.Invariant(
            $"{appenders} appenders x {recordBytes} bytes: {gigabytes * 1000 / elapsed:F0} MB/s, ack p50 {milliseconds[milliseconds.Count / 2]:F2} ms p99 {milliseconds[milliseconds.Count * 99 / 100]:F2} ms, ") +
            FormattableString.Invariant($"fdatasync p50 {status.SyncP50!.Value.TotalMilliseconds:F2} ms p99 {status.SyncP99!.Value.TotalMilliseconds:F2} ms, ") +
            FormattableString.Invariant($"processor {processor.TotalSeconds / gigabytes:F2} s/GB, allocated {allocated / milliseconds.Count} bytes/append, peak {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:F0} MB"));
        await stop.CancelAsync();
        await inserting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static async Task<List<double>> Append(SpoolLog spool, int appenders, int recordBytes, double seconds)
    {
        long until = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        List<double>[] all = await Task.WhenAll(Enumerable.Range(0, appenders).Select(appender => Task.Run(async () =>
        {
            List<double> milliseconds = [];
            SpoolRecord record = new();
            byte[] payload = NumberedRecord.Run(appender, recordBytes - 74);
            for (long start; (start = Stopwatch.GetTimestamp()) < until;)
            {
                record.Begin((UInt128)start, (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
                record.BeginSection(1).Write(payload);
                record.EndSection(1);
                record.Complete();
                await spool.Append(record, CancellationToken.None);
                milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            return milliseconds;
        })));
        return [.. all.SelectMany(list => list)];
    }

    private static async Task Discard(SpoolLog spool, CancellationToken cancel)
    {
        while (true)
        {
            using SealedSegment segment = await spool.Take(cancel);
            foreach (byte table in segment.Tables) await segment.CopyTableTo(table, Stream.Null, cancel);
            await segment.Delete();
        }
    }
}
