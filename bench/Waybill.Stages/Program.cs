using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Waybill.Batches;
using Waybill.Blocks;
using Waybill.Decoding;
using Waybill.Engine;
using Waybill.Graph;
using Waybill.Ingest;
using Waybill.Origins;
using Waybill.Otlp;
using Waybill.Payloads;
using Waybill.Schema;
using Waybill.Spans;
using Waybill.Spool;
using Waybill.Traces;

// waybill-stages [spans]: CPU microseconds a span of each stage of ingest, alone and warm, over the payloads of waybill-bench.
int spans = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 350_000;
const int PerRequest = 500;
int requests = spans / PerRequest;
var plan = PayloadPlan.Over(TimeSpan.FromMinutes(10), TimeProvider.System.GetUtcNow(), requests, 20261122, 128, PerRequest);
var stream = new PayloadStream(plan);
byte[][] bodies = [.. Enumerable.Range(0, Math.Min(requests, 200)).Select(i =>
{
    byte[] body = new byte[stream.BodyBytesMax];
    return body[..stream.Write(i, body)];
})];
double bytesPerSpan = bodies.Average(body => body.Length) / PerRequest;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bodies.Length} requests of {PerRequest} spans, {bytesPerSpan:F0} B a span as OTLP"));

var reception = new Reception(Signal.Traces);
var limits = new DecodeLimits();
var options = new IngestOptions();
var encoder = new RecordEncoder(new KnownIdentities(), new RecentTraces(), options, new GraphOptions().Keys);
var record = new SpoolRecord();
long received = (TimeProvider.System.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
var request = new IngestRequest("default", 1, "otlp-http-protobuf", null, null, received, 0);
long recordBytes = 0;

Measure("copy body into the batch", body => Load(body));
Measure("hash (SHA-256)", body => { Load(body); reception.BodyBytes = body.Length; reception.Hash(Protocol.OtlpHttpProtobuf, "default"); });
Measure("decode", body => { Load(body); Decode(); });
Measure("decode and encode", body => { Load(body); Decode(); encoder.Encode(record, reception.Spans, request); recordBytes += record.Length; });

string directory = Path.Combine(Path.GetTempPath(), $"waybill-stages-{Environment.ProcessId}");
Directory.CreateDirectory(directory);
try
{
    await using (var spool = SpoolLog.Open(new SpoolOptions { Directory = Path.Combine(directory, "spool") }, TimeProvider.System, NullLogger.Instance))
    {
        Measure("decode, encode, append to the spool", body =>
        {
            Load(body);
            Decode();
            encoder.Encode(record, reception.Spans, request);
            spool.Append(record, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }, rounds: 1);
        await MeasureEngine(spool);
    }
}
finally
{
    Directory.Delete(directory, recursive: true);
}
return 0;

void Load(byte[] body)
{
    reception.Spans.Clear();
    reception.Text.Append(body);
}

void Decode()
{
    var rejected = reception.Rejections;
    rejected.Clear();
    if (!OtlpProtobuf.DecodeTraces(reception.Spans, limits, rejected).Ok || reception.Spans.Count != PerRequest) throw new InvalidOperationException("The payload does not decode.");
}

void Measure(string stage, Action<byte[]> work, int rounds = 5)
{
    if (rounds > 1) for (int i = 0; i < 3; i++) foreach (byte[] body in bodies) work(body);
    double best = double.MaxValue;
    recordBytes = 0;
    long allocated = GC.GetAllocatedBytesForCurrentThread();
    for (int round = 0; round < rounds; round++)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        foreach (byte[] body in bodies) work(body);
        best = Math.Min(best, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMicroseconds / bodies.Length / PerRequest);
    }
    allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / rounds / bodies.Length;
    string native = recordBytes > 0 ? $", {recordBytes / rounds / bodies.Length / PerRequest} B a span in the spool" : "";
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stage,-40} {best,6:F2} us/span, {allocated} B allocated a request{native}"));
}

async Task MeasureEngine(SpoolLog spool)
{
    await using var process = EngineProcess.Start(new EngineHostOptions
    {
        DataDirectory = Path.Combine(directory, "engine"), SocketPath = Path.Combine(directory, "s"), PartitionsPerInsertMax = 400,
    }, NullLogger.Instance, TimeProvider.System);
    await process.WaitUntilReady(CancellationToken.None);
    await new Migrator(process.Client, null, NullLogger.Instance).Migrate(TimeProvider.System, CancellationToken.None);
    using Process engine = Process.GetProcessById(process.State.ProcessId);
    int rows = bodies.Length * PerRequest;
    using SealedSegment segment = await spool.Take(CancellationToken.None);
    for (int round = 0; round < 4; round++)
    {
        foreach (byte table in segment.Tables)
        {
            TimeSpan before = Cpu(engine);
            TimeSpan ours = Process.GetCurrentProcess().TotalProcessorTime;
            var watch = Stopwatch.StartNew();
            string name = StoredTables.NameOf((StoredTable)table);
            await process.Client.Insert(name, $"r{round}:{name}", (to, cancel) => round == 0 ? segment.CopyTableTo(table, to, cancel) : Merge(segment, table, to, cancel), CancellationToken.None);
            ours = Process.GetCurrentProcess().TotalProcessorTime - ours;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"engine insert {round + 1}: {name,-26} {(Cpu(engine) - before).TotalMicroseconds / rows,6:F2} us/span in the engine, {ours.TotalMicroseconds / rows,5:F2} here, {watch.ElapsedMilliseconds} ms"));
        }
    }
    TimeSpan merging = Cpu(engine);
    await process.Client.Execute("OPTIMIZE TABLE spans FINAL");
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one merge of all                         {(Cpu(engine) - merging).TotalMicroseconds / rows / 4,6:F2} us/span"));
}

static async Task Merge(SealedSegment segment, byte table, Stream to, CancellationToken cancel)
{
    var merger = new BlockMerger();
    foreach (ReadOnlyMemory<byte> section in segment.Sections(table))
    {
        merger.TryAdd(section.Span);
        if (merger.Rows >= 65_536) await merger.WriteTo(to, cancel);
    }
    await merger.WriteTo(to, cancel);
}

static TimeSpan Cpu(Process process)
{
    process.Refresh();
    return process.TotalProcessorTime;
}
