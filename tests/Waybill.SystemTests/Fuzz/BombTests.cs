using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using Waybill.Ingest;
using Waybill.Processes;

namespace Waybill.Fuzz;

/// <summary>2 GiB that came as 2 MB, sent to the real server: refused, quickly, within memory, and not to be tried again.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class BombTests(ITestOutputHelper output)
{
    private const long GrowthMax = 64L * 1024 * 1024;

    /// <summary>The best of five has to be within the promise; what else runs on the machine may not fail it.</summary>
    private static readonly TimeSpan BestMax = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan EachMax = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_bomb_is_refused_quickly_and_without_its_memory(string encoding)
    {
        byte[] bomb = Bomb(encoding);
        byte[] frame = GrpcClient.Frame(bomb, flag: 1);
        await using var server = await WaybillServer.Start();

        await Measure(server, $"HTTP {encoding}", async () =>
        {
            using var answer = await IngestServer.Send(server.At.Otlp, "/v1/traces", new ByteArrayContent(bomb), "application/x-protobuf", encoding);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            Assert.Null(answer.Headers.RetryAfter);
        });
        await Measure(server, $"gRPC {encoding}", async () =>
        {
            var answer = await server.At.Grpc.Call(IngestServer.TracePath, frame, ("grpc-encoding", encoding));
            Assert.Equal("8", answer.Status);   // RESOURCE_EXHAUSTED
            Assert.Null(answer.Details);        // without RetryInfo: never to be tried again
        });
        Assert.True(server.IsRunning);
    }

    private async Task Measure(WaybillServer server, string what, Func<Task> send)
    {
        for (int i = 0; i < 3; i++) await send();   // code compiled, buffers there
        ProcFile.ResetPeak(server.ProcessId);
        long before = ProcFile.Memory(server.ProcessId);
        var times = new List<TimeSpan>();
        for (int i = 0; i < 5; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await send();
            times.Add(Stopwatch.GetElapsedTime(began));
        }
        long growth = ProcFile.Memory(server.ProcessId, "VmHWM") - before;
        output.WriteLine($"{what}: {string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:F0} ms"))}; memory +{growth / 1048576} MiB");
        Assert.True(times.Min() <= BestMax, $"The quickest answer took {times.Min().TotalMilliseconds:F0} ms.");
        Assert.True(times.Max() <= EachMax, $"An answer took {times.Max().TotalSeconds:F1} s.");
        Assert.True(growth <= GrowthMax, $"The server grew by {growth / 1048576} MiB.");
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
