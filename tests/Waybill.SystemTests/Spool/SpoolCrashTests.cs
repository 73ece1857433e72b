using System.Buffers.Binary;

namespace Waybill.Spool;

public sealed class SpoolCrashTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Set WAYBILL_CRASH_RUNS to kill more often than the few times of an ordinary run, WAYBILL_CRASH_SEED to repeat one.</summary>
    [Fact]
    public async Task Killed_at_any_moment_the_spool_loses_nothing_acknowledged_and_doubles_nothing()
    {
        int runs = int.Parse(Environment.GetEnvironmentVariable("WAYBILL_CRASH_RUNS") ?? "6");
        int seed = int.Parse(Environment.GetEnvironmentVariable("WAYBILL_CRASH_SEED") ?? $"{Environment.TickCount & 0xffff}");
        output.WriteLine($"WAYBILL_CRASH_SEED={seed}");
        Random random = new(seed);
        using SpoolDirectory directory = new();
        string sink = Directory.CreateDirectory(Path.Combine(directory.Path, "sink")).FullName;
        HashSet<long> acknowledged = [];
        long first = 0;

        for (int run = 0; run < runs; run++)
        {
            using WriterProcess writer = WriterProcess.Start([], directory.Path, sink, first, 1_000_000, appenders: 8);
            await FirstAcknowledgement(writer);
            await Task.Delay(random.Next(400), Cancel);
            writer.Kill();
            await writer.End(Cancel);
            acknowledged.UnionWith(writer.Acknowledged);
            while (acknowledged.Contains(first)) first++;   // the client sends again what was not acknowledged, and some of what was
            first = Math.Max(0, first - 20);
        }
        using (WriterProcess last = WriterProcess.Start([], directory.Path, sink, first, acknowledged.Max() + 1 - first, appenders: 8))
        {
            Assert.Equal(0, await last.End(Cancel));
            acknowledged.UnionWith(last.Acknowledged);
        }

        List<long> stored = Inserted(sink);
        int inserted = stored.Count;
        await using SpoolLog spool = directory.Open();
        Assert.Equal(0, spool.Status.DamagedRecords);
        stored.AddRange(await DrainInto(spool, sink));
        output.WriteLine($"{runs} kills, {acknowledged.Count} acknowledged, {inserted} inserted by the writers, {stored.Count} in all");
        Assert.True(acknowledged.Count > runs);
        Assert.Empty(acknowledged.Except(stored));
        Assert.Empty(stored.GroupBy(number => number).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    private static async Task FirstAcknowledgement(WriterProcess writer)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(TimeSpan.FromSeconds(60));
        while (writer.Acknowledged.Length == 0)
        {
            if (writer.Errors.IsCompleted) Assert.Fail($"The writer ended: {await writer.Errors}");
            await Task.Delay(5, late.Token);
        }
    }

    private static List<long> Inserted(string sink) => [.. Directory.GetFiles(sink, "*-1").SelectMany(path => Split(File.ReadAllBytes(path)))];

    private static async Task<List<long>> DrainInto(SpoolLog spool, string sink)
    {
        List<long> numbers = [];
        while (spool.Status.SegmentsWaiting > 0)
        {
            using SealedSegment segment = await spool.Take(Cancel);
            if (!File.Exists(Path.Combine(sink, $"{segment.Id}-1"))) numbers.AddRange(await SpoolDirectory.Numbers(segment));   // else the engine knows the token
            await segment.Delete();
        }
        return numbers;
    }

    private static IEnumerable<long> Split(byte[] bytes) => Enumerable.Range(0, bytes.Length / 8).Select(i => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * 8)));
}
