using System.Diagnostics;
using System.Net;
using Waybill.Ingest;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.Fuzz;

/// <summary>
/// Spoiled requests at every edge, over real connections. WAYBILL_FUZZ_COUNT for more than the 100,000 of an ordinary run (2,000,000 for each of the eleven edges
/// is 22,000,000), WAYBILL_SEED to repeat one.
/// </summary>
[Collection(nameof(OneServerAtATime))]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Pipelined = 32, Connections = 4;
    private const long MemoryBytesMax = 700L * 1024 * 1024;
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(20);   // of 32 requests, on processors shared with others

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>One way in: where to, in what encoding, with what requests to spoil.</summary>
    private sealed record Edge(string Path, string ContentType, byte[][] Corpus)
    {
        public bool IsJson => ContentType == "application/json";
    }

    [Fact]
    public async Task Spoiled_requests_never_make_the_server_fail_hang_grow_or_end()
    {
        int count = Switches.Number("WAYBILL_FUZZ_COUNT", 100_000), seed = Switches.Seed(output);
        await using var server = await WaybillServer.Start();
        Edge[] edges = EdgesOf(seed);
        int share = count / (edges.Length + 3);   // gRPC has three
        var statuses = new Dictionary<string, int>();

        foreach (Edge edge in edges)
        {
            long began = Stopwatch.GetTimestamp();
            var found = (await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection =>
                Task.Run(() => Spoil(server.At.OtlpUri, edge, new Random(seed + connection * 7919), share / Connections))))).SelectMany(all => all).ToArray();
            Report(edge.Path + " " + edge.ContentType, found, began);
            Assert.True(server.IsRunning, server.Log);
            Assert.True(found.Length > 0 && found.Any(status => status == 400), "Nothing was refused, so nothing was spoiled.");
            Assert.True(found.All(status => status is 200 or 202 or 400 or 413 or 415 or 429), $"{edge.Path}: {string.Join(", ", found.CountBy(status => status))}\n{server.Log}");
        }
        foreach (Signal signal in Enum.GetValues<Signal>())
        {
            long began = Stopwatch.GetTimestamp();
            var found = await SpoilGrpc(server, signal, seed, share);
            Report("gRPC " + signal, found, began);
            Assert.True(server.IsRunning, server.Log);
            int[] allowed = [0, 3, 8, 12, 13];   // OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED, and INTERNAL for wrong framing
            Assert.True(found.All(status => allowed.Contains(status)), $"gRPC {signal}: {string.Join(", ", found.CountBy(status => status))}\n{server.Log}");
        }

        await StillWorks(server);
        long peak = ProcFile.Memory(server.ProcessId, "VmHWM");
        output.WriteLine($"server's memory at most {peak / 1048576} MiB");
        Assert.True(peak < MemoryBytesMax, $"The server grew to {peak / 1048576} MiB.");
        var status = await server.Status();
        var reasons = status.GetProperty("refused").EnumerateArray().Select(refused => refused.GetProperty("reason").GetString()).ToArray();
        Assert.DoesNotContain("defect", reasons);
        Assert.DoesNotContain("not_stored", reasons);
        var inserts = status.GetProperty("spool").GetProperty("inserts");
        Assert.Equal(0, inserts.GetProperty("setAside").GetInt64());
        Assert.Equal(0, inserts.GetProperty("retries").GetInt64());
    }

    private static Edge[] EdgesOf(int seed)
    {
        const string Protobuf = "application/x-protobuf", Json = "application/json";
        return
        [
            new("/v1/traces", Protobuf, Corpora.Protobuf(samples => samples.Traces(), seed)), new("/v1/traces", Json, Corpora.Json(samples => samples.Traces(), seed)),
            new("/v1/logs", Protobuf, Corpora.Protobuf(samples => samples.Logs(), seed)), new("/v1/logs", Json, Corpora.Json(samples => samples.Logs(), seed)),
            new("/v1/metrics", Protobuf, Corpora.Protobuf(samples => samples.Metrics(), seed)), new("/v1/metrics", Json, Corpora.Json(samples => samples.Metrics(), seed)),
            new("/api/v2/spans", Protobuf, Corpora.ZipkinProtobuf), new("/api/v2/spans", Json, Corpora.ZipkinJson),
        ];
    }

    private static async Task<List<int>> Spoil(Uri server, Edge edge, Random random, int count)
    {
        var mutation = new Mutation(random, edge.Corpus);
        using var client = new PipelinedClient(server);
        var statuses = new List<int>(count);
        while (statuses.Count < count)
        {
            var requests = new List<RawRequest>();
            for (int i = 0; i < Pipelined; i++)
            {
                byte[] body = mutation.Next(edge.IsJson);
                // Every sixteenth claims a compression that it may not have.
                requests.Add(random.Next(16) > 0 ? new(edge.Path, edge.ContentType, body)
                    : new(edge.Path, edge.ContentType, random.Next(2) == 0 ? body : IngestServer.Compress(body, "gzip"), random.Next(3) == 0 ? "deflate" : "gzip"));
            }
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            limit.CancelAfter(AnswerMax);
            int[] answered = await client.Send(requests, limit.Token);
            Assert.DoesNotContain(0, answered);
            statuses.AddRange(answered);
        }
        return statuses;
    }

    private static async Task<int[]> SpoilGrpc(WaybillServer server, Signal signal, int seed, int count)
    {
        const int AtATime = 32;
        var (name, make) = signal switch
        {
            Signal.Traces => ("trace.v1.Trace", (Func<Samples, Message>)(samples => samples.Traces())),
            Signal.Logs => ("logs.v1.Logs", samples => samples.Logs()),
            _ => ("metrics.v1.Metrics", samples => samples.Metrics()),
        };
        byte[][] corpus = Corpora.Protobuf(make, seed);
        var statuses = await Task.WhenAll(Enumerable.Range(0, AtATime).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller * 7919);
            var mutation = new Mutation(random, corpus);
            int[] found = new int[count / AtATime];
            for (int i = 0; i < found.Length; i++)
            {
                byte[] frame = GrpcClient.Frame(mutation.Next(json: false), flag: random.Next(20) == 0 ? (byte)random.Next(4) : (byte)0);
                if (random.Next(10) == 0) frame[random.Next(1, 5)] ^= (byte)(1 << random.Next(8));   // a length that is not so
                if (random.Next(20) == 0) frame = frame[..random.Next(frame.Length)];
                var answer = await server.At.Grpc.Call($"/opentelemetry.proto.collector.{name}Service/Export", frame).WaitAsync(AnswerMax, Cancel);
                Assert.Equal(HttpStatusCode.OK, answer.HttpStatus);
                found[i] = int.Parse(answer.Status ?? "-1");
            }
            return found;
        })));
        return [.. statuses.SelectMany(all => all)];
    }

    private static async Task StillWorks(WaybillServer server)
    {
        var request = new Crash.SpanRequest(1, 1, 1, (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        using var answer = await IngestServer.Send(server.At.Otlp, "/v1/traces", new ByteArrayContent(request.Body), "application/x-protobuf");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await server.Stored();
        using var trace = await server.Trace(request.TraceId);
        Assert.Equal(Crash.SpanRequest.Spans, trace!.RootElement.GetProperty("spanCount").GetInt32());
    }

    private void Report(string edge, int[] statuses, long began) =>
        output.WriteLine($"{edge}: {statuses.Length:N0} in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s: {string.Join(", ", statuses.CountBy(status => status).OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} x {pair.Value:N0}"))}");
}
