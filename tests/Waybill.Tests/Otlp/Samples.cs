namespace Waybill.Otlp;

/// <summary>Random OTLP requests that any receiver must take whole.</summary>
public sealed class Samples(int seed)
{
    public Random Random { get; } = new(seed);

    private static readonly string[] Words = ["", "a", "service.name", "http.request.method", "GET /cart/{id}", "größe", "日本語", "😀 ok", "\"quoted\\\"", "$bytes", "$x", "tab\tline\n\u0001", new('x', 300)];

    public Message Traces() => Request("resourceSpans", "scopeSpans", "spans", Span);
    public Message Logs() => Request("resourceLogs", "scopeLogs", "logRecords", LogRecord);
    public Message Metrics() => Request("resourceMetrics", "scopeMetrics", "metrics", Metric);

    private Message Request(string resources, string scopes, string items, Func<Message> item) => new Message().AddAll(1, resources, Some(3, () => new Message()
        .Add(1, "resource", Wire.Message, Maybe(() => Attributes(new Message(), 1, "attributes").Add(2, "droppedAttributesCount", Wire.Varint, Maybe(U32))))
        .AddAll(2, scopes, Some(3, () => new Message()
            .Add(1, "scope", Wire.Message, Maybe(() => Attributes(new Message().Add(1, "name", Wire.Text, Text()).Add(2, "version", Wire.Text, Maybe(Text)), 3, "attributes")))
            .AddAll(2, items, Some(4, item))
            .Add(3, "schemaUrl", Wire.Text, Maybe(Text))))
        .Add(3, "schemaUrl", Wire.Text, Maybe(Text))));

    public Message Span() => Attributes(new Message()
            .Add(1, "traceId", Wire.Id, Bytes(16)).Add(2, "spanId", Wire.Id, Bytes(8)).Add(3, "traceState", Wire.Text, Maybe(Text))
            .Add(4, "parentSpanId", Wire.Id, Maybe(() => Bytes(8))).Add(5, "name", Wire.Text, Text()).Add(6, "kind", Wire.Varint, (ulong)Random.Next(6))
            .Add(7, "startTimeUnixNano", Wire.Fixed64, U64()).Add(8, "endTimeUnixNano", Wire.Fixed64, U64()), 9, "attributes")
        .Add(10, "droppedAttributesCount", Wire.Varint, Maybe(U32))
        .AddAll(11, "events", Some(3, () => Attributes(new Message().Add(1, "timeUnixNano", Wire.Fixed64, 1 + U64() / 2).Add(2, "name", Wire.Text, Text()), 3, "attributes")))
        .AddAll(13, "links", Some(3, () => Attributes(new Message().Add(1, "traceId", Wire.Id, Bytes(16)).Add(2, "spanId", Wire.Id, Bytes(8))
            .Add(3, "traceState", Wire.Text, Maybe(Text)), 4, "attributes").Add(6, "flags", Wire.Fixed32, Maybe(() => (uint)Random.Next()))))
        .Add(15, "status", Wire.Message, Maybe(() => new Message().Add(2, "message", Wire.Text, Maybe(Text)).Add(3, "code", Wire.Varint, (ulong)Random.Next(3))))
        .Add(16, "flags", Wire.Fixed32, Maybe(() => (uint)Random.Next()));

    public Message LogRecord() => Attributes(new Message()
            .Add(1, "timeUnixNano", Wire.Fixed64, U64()).Add(2, "severityNumber", Wire.Varint, (ulong)Random.Next(25)).Add(3, "severityText", Wire.Text, Maybe(Text))
            .Add(5, "body", Wire.Message, Maybe(() => Value(0))), 6, "attributes")
        .Add(8, "flags", Wire.Fixed32, Maybe(() => (uint)Random.Next())).Add(9, "traceId", Wire.Id, Maybe(() => Bytes(16))).Add(10, "spanId", Wire.Id, Maybe(() => Bytes(8)))
        .Add(11, "observedTimeUnixNano", Wire.Fixed64, U64()).Add(12, "eventName", Wire.Text, Maybe(Text));

    public Message Metric()
    {
        var metric = new Message().Add(1, "name", Wire.Text, "m" + Text()).Add(2, "description", Wire.Text, Maybe(Text)).Add(3, "unit", Wire.Text, Maybe(Text));
        var (number, name, point) = Random.Next(5) switch
        {
            0 => (5, "gauge", (Func<Message>)NumberPoint),
            1 => (7, "sum", NumberPoint),
            2 => (9, "histogram", HistogramPoint),
            3 => (10, "exponentialHistogram", ExponentialPoint),
            _ => (11, "summary", SummaryPoint),
        };
        var data = new Message().AddAll(1, "dataPoints", Some(3, point));
        if (number is 7 or 9 or 10) data.Add(2, "aggregationTemporality", Wire.Varint, (ulong)Random.Next(3));
        if (number == 7) data.Add(3, "isMonotonic", Wire.Bool, Maybe(() => true));
        return Attributes(metric.Add(number, name, Wire.Message, data), 12, "metadata");
    }

    private Message NumberPoint() => Attributes(Number(Times(), 4, 6).AddAll(5, "exemplars", Some(2, Exemplar)), 7, "attributes").Add(8, "flags", Wire.Varint, Maybe(U32));

    private Message HistogramPoint()
    {
        int buckets = Random.Next(4);
        return Attributes(Times().Add(4, "count", Wire.Fixed64, U64()).Add(5, "sum", Wire.Double, Maybe(Real))
            .Add(6, "bucketCounts", Wire.PackedFixed64, buckets == 0 ? null : Numbers(buckets))
            .Add(7, "explicitBounds", Wire.PackedDouble, buckets == 0 ? null : Enumerable.Range(0, buckets - 1).Select(i => i * 2.5).ToArray())
            .AddAll(8, "exemplars", Some(2, Exemplar)), 9, "attributes").Add(11, "min", Wire.Double, Maybe(Real)).Add(12, "max", Wire.Double, Maybe(Real));
    }

    private Message ExponentialPoint() => Attributes(new Message(), 1, "attributes").Add(2, "startTimeUnixNano", Wire.Fixed64, U64()).Add(3, "timeUnixNano", Wire.Fixed64, U64())
        .Add(4, "count", Wire.Fixed64, U64()).Add(5, "sum", Wire.Double, Maybe(Real)).Add(6, "scale", Wire.SInt32, Random.Next(-10, 20)).Add(7, "zeroCount", Wire.Fixed64, U64())
        .Add(8, "positive", Wire.Message, Maybe(Buckets)).Add(9, "negative", Wire.Message, Maybe(Buckets)).AddAll(11, "exemplars", Some(2, Exemplar))
        .Add(12, "min", Wire.Double, Maybe(Real)).Add(13, "max", Wire.Double, Maybe(Real)).Add(14, "zeroThreshold", Wire.Double, Maybe(Real));

    private Message SummaryPoint() => Attributes(Times().Add(4, "count", Wire.Fixed64, U64()).Add(5, "sum", Wire.Double, Real())
        .AddAll(6, "quantileValues", Some(3, () => new Message().Add(1, "quantile", Wire.Double, Random.NextDouble()).Add(2, "value", Wire.Double, Real()))), 7, "attributes");

    private Message Buckets() => new Message().Add(1, "offset", Wire.SInt32, Random.Next(-1000, 1000)).Add(2, "bucketCounts", Wire.PackedVarint, Numbers(Random.Next(4)));
    private Message Exemplar() => Attributes(Number(new Message().Add(2, "timeUnixNano", Wire.Fixed64, U64()), 3, 6)
        .Add(4, "spanId", Wire.Id, Maybe(() => Bytes(8))).Add(5, "traceId", Wire.Id, Maybe(() => Bytes(16))), 7, "filteredAttributes");
    private Message Times() => new Message().Add(2, "startTimeUnixNano", Wire.Fixed64, U64()).Add(3, "timeUnixNano", Wire.Fixed64, U64());
    private Message Number(Message message, int real, int whole) =>
        Random.Next(2) == 0 ? message.Add(real, "asDouble", Wire.Double, Real()) : message.Add(whole, "asInt", Wire.SFixed64, (long)U64());

    private Message Attributes(Message message, int number, string name) =>
        message.AddAll(number, name, Some(6, () => Pair(0, "k")));

    private Message Pair(int depth, string prefix) => new Message().Add(1, "key", Wire.Text, prefix + Text()).Add(2, "value", Wire.Message, Maybe(() => Value(depth)));

    public Message Value(int depth) => Random.Next(depth > 3 ? 6 : 8) switch
    {
        0 => new Message(),
        1 => new Message().Add(1, "stringValue", Wire.Text, Text()),
        2 => new Message().Add(2, "boolValue", Wire.Bool, Random.Next(2) == 0),
        3 => new Message().Add(3, "intValue", Wire.Int64, (long)U64()),
        4 => new Message().Add(4, "doubleValue", Wire.Double, Real()),
        5 => new Message().Add(7, "bytesValue", Wire.Bytes, Bytes(Random.Next(9))),
        6 => new Message().Add(5, "arrayValue", Wire.Message, new Message().AddAll(1, "values", Some(4, () => Value(depth + 1)))),
        _ => new Message().Add(6, "kvlistValue", Wire.Message, new Message().AddAll(1, "values", Some(4, () => Pair(depth + 1, "")))),
    };

    private T? Maybe<T>(Func<T> make) where T : class => Random.Next(3) == 0 ? null : make();
    private object? Maybe<T>(Func<T> make, T _ = default) where T : struct => Random.Next(3) == 0 ? null : make();
    private Message[] Some(int max, Func<Message> make) => [.. Enumerable.Range(0, Random.Next(max + 1)).Select(_ => make())];
    private string Text() => Words[Random.Next(Words.Length)];
    private ulong U64() => Random.Next(3) switch { 0 => (ulong)Random.Next(200), 1 => (ulong)Random.NextInt64(), _ => ulong.MaxValue - (ulong)Random.Next(100) };
    private ulong U32() => (ulong)Random.Next(100_000);
    private double Real() => Random.Next(8) switch { 0 => double.NaN, 1 => double.NegativeInfinity, 2 => -0.0, 3 => 1, 4 => 1e300, 5 => 5e-324, _ => Random.NextDouble() * 1000 };
    private ulong[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => U64())];
    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        Random.NextBytes(bytes);
        if (count > 0) bytes[0] |= 1;   // ids are never all zero
        return bytes;
    }
}
