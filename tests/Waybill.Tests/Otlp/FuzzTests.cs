using System.Diagnostics;
using System.Globalization;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;
using Waybill.Zipkin;

namespace Waybill.Otlp;

/// <summary>
/// Damaged bodies: no exception, no hang, bounded memory; 100,000 in all, fewer of JSON, whose reader throws inside at each syntax error.
/// WAYBILL_FUZZ_COUNT sets the bodies per edge, WAYBILL_FUZZ_SEED repeats a run.
/// </summary>
public sealed class FuzzTests
{
    private static readonly int Seed = Setting("WAYBILL_FUZZ_SEED", Environment.TickCount);
    private const int AllocationFactorMax = 48;   // columns double and are wider than the smallest wire form; see the decoder's limits
    private static readonly TimeSpan SlowestAllowed = TimeSpan.FromMilliseconds(100);

    public static TheoryData<string> Edges => ["traces", "logs", "metrics", "traces-json", "logs-json", "metrics-json", "zipkin", "zipkin-json"];

    [Theory]
    [MemberData(nameof(Edges))]
    public void Damaged_bodies_never_throw_hang_or_swell(string edge)
    {
        int count = Setting("WAYBILL_FUZZ_COUNT", edge.EndsWith("json", StringComparison.Ordinal) ? 5_000 : 20_000);
        var random = new Random(Seed);
        byte[][] corpus = [.. Enumerable.Range(0, 24).Select(i => Valid(edge, Seed + i))];
        var spans = new SpanBatch();
        var logs = new LogBatch();
        var metrics = new MetricBatch();
        var rejected = new Rejections();
        for (int i = 0; i < count; i++)
        {
            byte[] body = Damage(random, corpus);
            spans.Clear();
            logs.Clear();
            metrics.Clear();
            rejected.Clear();
            long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
            try
            {
                var result = Run(edge, body, spans, logs, metrics, rejected);
                if (!result.Ok) Assert.Equal(0, spans.Count + logs.Count + metrics.Count);
                AssertTexts(spans, logs, metrics);
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{edge}, WAYBILL_FUZZ_SEED={Seed}, body {i}: {Convert.ToBase64String(body)}\n{error}");
            }
            var elapsed = Stopwatch.GetElapsedTime(start);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024 + (long)body.Length * AllocationFactorMax);
            // A body takes microseconds. What seems slow is run again: a busy machine is slow once, a slow body every time.
            for (int again = 0; again < 20 && elapsed > SlowestAllowed; again++) elapsed = Time(edge, body);
            Assert.InRange(elapsed, TimeSpan.Zero, SlowestAllowed);
        }
    }

    private static TimeSpan Time(string edge, byte[] body)
    {
        long start = Stopwatch.GetTimestamp();
        Run(edge, body, new SpanBatch(), new LogBatch(), new MetricBatch(), new Rejections());
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Every text lies in the arena and is UTF-8, and every nested value is JSON.</summary>
    private static void AssertTexts(SpanBatch spans, LogBatch logs, MetricBatch metrics)
    {
        foreach (var name in spans.Name.Span) AssertUtf8(spans.Text[name]);
        foreach (var body in logs.Body.Span) AssertValue(logs.Text, body);
        foreach (var name in metrics.Name.Span) AssertUtf8(metrics.Text[name]);
        AssertAttributes(spans.Text, spans.Attributes);
        AssertAttributes(spans.Text, spans.Events.Attributes);
        AssertAttributes(spans.Text, spans.Links.Attributes);
        AssertAttributes(spans.Text, spans.Resources.Attributes);
        AssertAttributes(logs.Text, logs.Attributes);
        AssertAttributes(metrics.Text, metrics.Numbers.Point.Attributes);
        AssertAttributes(metrics.Text, metrics.Histograms.Exemplars.Attributes);
    }

    private static void AssertAttributes(TextArena arena, AttributeColumns attributes)
    {
        foreach (var key in attributes.Key.Span) AssertUtf8(arena[key]);
        foreach (var value in attributes.Value.Span) AssertValue(arena, value);
    }

    private static void AssertValue(TextArena arena, AnyValue value)
    {
        if (!value.HasText) return;
        AssertUtf8(arena[value.Text]);
        if (value.Type != Batches.ValueType.Json) return;
        var json = new System.Text.Json.Utf8JsonReader(arena[value.Text]);
        while (json.Read()) { }
    }

    private static void AssertUtf8(ReadOnlySpan<byte> text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text)) Assert.Fail($"Not UTF-8: {Convert.ToHexString(text)}");
    }

    private static DecodeResult Run(string edge, byte[] body, SpanBatch spans, LogBatch logs, MetricBatch metrics, Rejections rejected)
    {
        var limits = DecodeLimits.Default;
        var arena = edge.StartsWith("logs", StringComparison.Ordinal) ? logs.Text : edge.StartsWith("metrics", StringComparison.Ordinal) ? metrics.Text : spans.Text;
        arena.Append(body);
        return edge switch
        {
            "traces" => OtlpProtobuf.DecodeTraces(spans, limits, rejected),
            "logs" => OtlpProtobuf.DecodeLogs(logs, limits, rejected),
            "metrics" => OtlpProtobuf.DecodeMetrics(metrics, limits, rejected),
            "traces-json" => OtlpJson.DecodeTraces(spans, limits, rejected),
            "logs-json" => OtlpJson.DecodeLogs(logs, limits, rejected),
            "metrics-json" => OtlpJson.DecodeMetrics(metrics, limits, rejected),
            "zipkin" => ZipkinProtobuf.Decode(spans, limits, rejected),
            _ => ZipkinJson.Decode(spans, limits, rejected),
        };
    }

    private static byte[] Valid(string edge, int seed)
    {
        var samples = new Samples(seed);
        return edge switch
        {
            "traces" => samples.Traces().ToProtobuf(),
            "logs" => samples.Logs().ToProtobuf(),
            "metrics" => samples.Metrics().ToProtobuf(),
            "traces-json" => samples.Traces().ToJson(samples.Random),
            "logs-json" => samples.Logs().ToJson(samples.Random),
            "metrics-json" => samples.Metrics().ToJson(samples.Random),
            "zipkin" => Zipkin.ZipkinSamples.Protobuf(),
            _ => System.Text.Encoding.UTF8.GetBytes(Zipkin.ZipkinSamples.Json),
        };
    }

    private static byte[] Damage(Random random, byte[][] corpus)
    {
        byte[] body = [.. corpus[random.Next(corpus.Length)]];
        for (int damages = random.Next(1, 4); damages > 0 && body.Length > 0; damages--)
        {
            int at = random.Next(body.Length);
            switch (random.Next(6))
            {
                case 0: body[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: body = body[..at]; break;
                case 2: body = [.. body[..at], (byte)random.Next(256), .. body[at..]]; break;
                case 3: body = [.. body[..at], .. corpus[random.Next(corpus.Length)].AsSpan()[random.Next(1)..], .. body[at..]]; break;
                case 4: body[at] = (byte)(random.Next(3) switch { 0 => 0xff, 1 => 0x7f, _ => 0 }); break;
                default: body = [.. body[..at], 0xff, 0xff, 0xff, 0xff, 0x07, .. body[at..]]; break;   // a length of 0x7fffffff
            }
        }
        return body;
    }

    private static int Setting(string name, int absent) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : absent;
}
