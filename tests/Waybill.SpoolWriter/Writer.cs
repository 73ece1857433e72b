using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Waybill.Spool;

namespace Waybill.SpoolWriter;

/// <summary>Behaves as the edge and the inserter do: a request that is already known is acknowledged without being stored, an insert with a known token is skipped.</summary>
internal static class Writer
{
    public static async Task<int> Run(string directory, string sink, long first, long count, int appenders, int? runBytes)
    {
        SpoolOptions options = new() { Directory = directory, SegmentBytesMax = 64 * 1024, SegmentAgeMax = TimeSpan.FromMilliseconds(5), BallastBytes = 0 };
        await using SpoolLog spool = SpoolLog.Open(options, TimeProvider.System, NullLogger.Instance);
        HashSet<UInt128> known = [.. spool.TakeRecentRequests().Select(request => request.Hash)];
        using Stream output = Console.OpenStandardOutput();
        using CancellationTokenSource stop = new();
        Task inserting = sink == "-" ? Task.CompletedTask : Insert(spool, sink, stop.Token);

        long next = first - 1;
        Task[] appending = [.. Enumerable.Range(0, appenders).Select(_ => Task.Run(Append))];
        async Task Append()
        {
            SpoolRecord record = new();
            for (long number; (number = Interlocked.Increment(ref next)) < first + count;)
            {
                if (!known.Contains((UInt128)number)) await AppendUntilTaken(spool, record, number, runBytes);
                lock (output) output.Write(Encoding.ASCII.GetBytes($"ack {number}\n"));
            }
        }

        try
        {
            await Task.WhenAll(appending);
        }
        catch (SpoolFailedException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 3;
        }
        await stop.CancelAsync();
        await inserting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static async Task AppendUntilTaken(SpoolLog spool, SpoolRecord record, long number, int? runBytes)
    {
        NumberedRecord.Fill(record, number, TimeProvider.System, runBytes);
        while (true)
        {
            try
            {
                await spool.Append(record, CancellationToken.None);
                return;
            }
            catch (SpoolFullException)
            {
                await Task.Delay(20);
            }
        }
    }

    private static async Task Insert(SpoolLog spool, string sink, CancellationToken cancel)
    {
        while (true)
        {
            using SealedSegment segment = await spool.Take(cancel);
            foreach (byte table in segment.Tables)
            {
                string path = Path.Combine(sink, $"{segment.Id}-{table}"), partial = path + ".partial";
                if (File.Exists(path)) continue;   // the engine knows the token
                await using (FileStream rows = File.Create(partial)) await segment.CopyTableTo(table, rows, CancellationToken.None);
                File.Move(partial, path);
            }
            await segment.Delete();
        }
    }
}
