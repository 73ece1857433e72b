using System.Net;
using System.Net.Http.Headers;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.Durability;

/// <summary>Small requests made by hand, and the posting of them.</summary>
internal static class Requests
{
    public static ulong Now => (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static byte[] NewTraceId() => Guid.NewGuid().ToByteArray();

    /// <param name="id">0 for none.</param>
    public static byte[] SpanId(ulong id)
    {
        byte[] bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        return bytes;
    }

    public static Message Span(byte[] traceId, ulong id, ulong parent, ulong start, string name = "op") => new Message()
        .Add(1, "traceId", Wire.Id, traceId).Add(2, "spanId", Wire.Id, SpanId(id)).Add(4, "parentSpanId", Wire.Id, parent == 0 ? null : SpanId(parent)).Add(5, "name", Wire.Text, name)
        .Add(6, "kind", Wire.Varint, 2UL).Add(7, "startTimeUnixNano", Wire.Fixed64, start).Add(8, "endTimeUnixNano", Wire.Fixed64, unchecked(start + 1_000));

    public static Message Traces(params IEnumerable<Message> spans) => Request("resourceSpans", "scopeSpans", "spans", spans);

    public static Message Log(byte[] traceId, string body) => new Message().Add(1, "timeUnixNano", Wire.Fixed64, Now).Add(9, "traceId", Wire.Id, traceId)
        .Add(5, "body", Wire.Message, new Message().Add(1, "stringValue", Wire.Text, body));

    public static Message Logs(params IEnumerable<Message> records) => Request("resourceLogs", "scopeLogs", "logRecords", records);

    public static Message Gauge(string name, long value) => new Message().Add(1, "name", Wire.Text, name).Add(5, "gauge", Wire.Message,
        new Message().AddAll(1, "dataPoints", [new Message().Add(3, "timeUnixNano", Wire.Fixed64, Now).Add(6, "asInt", Wire.SFixed64, value)]));

    public static Message Metrics(params IEnumerable<Message> metrics) => Request("resourceMetrics", "scopeMetrics", "metrics", metrics);

    public static async Task Post(this WaybillServer server, string path, byte[] body, string type = "application/x-protobuf")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await server.At.Otlp.PostAsync(path, content, TestContext.Current.CancellationToken);
        string said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted, $"{(int)answer.StatusCode}: {said}");
        if (path.StartsWith("/v1/", StringComparison.Ordinal) && type == "application/x-protobuf") Assert.Equal("", said);   // no partial success: all were taken
    }

    private static Message Request(string resources, string scopes, string items, IEnumerable<Message> all) => new Message().AddAll(1, resources, [new Message()
        .Add(1, "resource", Wire.Message, new Message().AddAll(1, "attributes", [new Message().Add(1, "key", Wire.Text, "service.name")
            .Add(2, "value", Wire.Message, new Message().Add(1, "stringValue", Wire.Text, "by-hand"))]))
        .AddAll(2, scopes, [new Message().AddAll(2, items, all)])]);
}
