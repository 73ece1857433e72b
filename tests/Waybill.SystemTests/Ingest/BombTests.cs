using System.Diagnostics;
using System.IO.Compression;
using System.Net;

namespace Waybill.Ingest;

/// <summary>Tests of time and memory, which others would disturb.</summary>
[CollectionDefinition(nameof(AloneOnTheMachine), DisableParallelization = true)]
public sealed class AloneOnTheMachine;

/// <summary>2 GiB that came as 2 MB: refused in 50 ms, at most 64 MiB of memory, and not to be tried again.</summary>
[Collection(nameof(AloneOnTheMachine))]
public sealed class BombTests(ITestOutputHelper output)
{
    private const long MemoryBytesMax = 64 * 1024 * 1024;

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_bomb_is_refused_quickly_and_without_its_memory(string encoding)
    {
        byte[] bomb = Bomb(encoding);
        await using var server = await IngestServer.Start();
        byte[] frame = GrpcClient.Frame(bomb, flag: 1);
        byte[] small = IngestServer.Compress(new byte[100_000_000], encoding); // Warms the code up and refuses like the large one.
        using (await server.Post("/v1/traces", small, encoding: encoding)) { }
        await server.Grpc.Call(IngestServer.TracePath, GrpcClient.Frame(small, 1), ("grpc-encoding", encoding));

        await Measure($"HTTP {encoding} {bomb.Length:N0} bytes", async () =>
        {
            using var response = await server.Post("/v1/traces", bomb, encoding: encoding);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            Assert.Null(response.Headers.RetryAfter);
        });
        await Measure($"gRPC {encoding} {bomb.Length:N0} bytes", async () =>
        {
            var answer = await server.Grpc.Call(IngestServer.TracePath, frame, ("grpc-encoding", encoding));
            Assert.Equal("8", answer.Status);
            Assert.Null(answer.Details);
        });
        await IngestServer.Until(() => server.Admission is { Requests: 0, Bytes: 0 });
    }

    [Fact]
    public async Task A_bomb_of_many_members_is_refused_too()
    {
        byte[] member = IngestServer.Compress(new byte[16 * 1024 * 1024], "gzip");
        byte[] bomb = [.. Enumerable.Repeat(member, 8).SelectMany(bytes => bytes)];
        await using var server = await IngestServer.Start();
        using var response = await server.Post("/v1/traces", bomb, encoding: "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    private async Task Measure(string name, Func<Task> send)
    {
        var times = new List<TimeSpan>();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long before = Environment.WorkingSet, peak = before;
        using var done = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                peak = Math.Max(peak, Environment.WorkingSet);
                Thread.Sleep(1);
            }
        });
        watch.Start();
        for (int i = 0; i < 5; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await send();
            times.Add(Stopwatch.GetElapsedTime(began));
        }
        await done.CancelAsync();
        watch.Join();
        output.WriteLine($"{name}: {string.Join(", ", times.Select(t => $"{t.TotalMilliseconds:F0} ms"))}; memory +{(peak - before) / 1048576.0:F0} MiB");
        Assert.True(times.Min() <= TimeSpan.FromMilliseconds(50), "Slower than 50 ms.");
        Assert.True(peak - before <= MemoryBytesMax, "More than 64 MiB.");
    }

    private static byte[] Bomb(string encoding)
    {
        var target = new MemoryStream();
        byte[] zeros = new byte[1024 * 1024];
        using (Stream stream = encoding == "gzip" ? new GZipStream(target, CompressionLevel.Optimal) : new ZLibStream(target, CompressionLevel.Optimal))
            for (int i = 0; i < 2048; i++) stream.Write(zeros);
        return target.ToArray();
    }
}
