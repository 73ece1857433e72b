using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Waybill.Connect;

/// <summary>
/// A small order at a shop that does not exist: five spans of two services with one error, a log record and a metric, as OTLP/JSON.
/// <code>{"resourceSpans":[{"resource":{...},"scopeSpans":[{"scope":{...},"spans":[{"traceId":"...","startTimeUnixNano":"..."}]}]}]}</code>
/// </summary>
public sealed class TestTrace
{
    private const long Millisecond = 1_000_000;
    private const int Server = 2, Client = 3, Internal = 1, Error = 2, Cumulative = 2, Warn = 13;

    private readonly long _begin;
    private readonly string[] _spanIds = [.. Enumerable.Range(0, 5).Select(_ => Hex(8))];

    /// <param name="nowUnixNano">The trace ends now.</param>
    public TestTrace(long nowUnixNano) => _begin = nowUnixNano - 200 * Millisecond;

    public string Id { get; } = Hex(16);

    /// <summary>Spans in the trace.</summary>
    public int Spans => _spanIds.Length;

    public byte[] Traces() => Json("resourceSpans", json =>
    {
        Resource(json, "waybill-send", "scopeSpans", () =>
        {
            json.WriteStartArray("spans");
            Span(json, 0, -1, "POST /orders", Server, 0, 180, ("http.request.method", "POST"), ("http.route", "/orders"), ("order.id", "test-1"));
            Span(json, 1, 0, "reserve stock", Internal, 5, 40, ("shop.items", "2"));
            Span(json, 2, 0, "POST", Client, 50, 120, ("http.request.method", "POST"), ("server.address", "payments"));
            json.WriteEndArray();
        });
        Resource(json, "waybill-send-payments", "scopeSpans", () =>
        {
            json.WriteStartArray("spans");
            Span(json, 3, 2, "POST /charges", Server, 55, 110, ("http.request.method", "POST"), ("http.route", "/charges"));
            Span(json, 4, 3, "charge card", Internal, 60, 95, ("error.type", "CardDeclined"));
            json.WriteEndArray();
        });
    });

    public byte[] Logs() => Json("resourceLogs", json => Resource(json, "waybill-send-payments", "scopeLogs", () =>
    {
        json.WriteStartArray("logRecords");
        json.WriteStartObject();
        json.WriteString("timeUnixNano", Time(150));
        json.WriteString("observedTimeUnixNano", Time(150));
        json.WriteNumber("severityNumber", Warn);
        json.WriteString("severityText", "WARN");
        json.WriteStartObject("body");
        json.WriteString("stringValue", "The card was declined; the order waits for another one.");
        json.WriteEndObject();
        json.WriteString("traceId", Id);
        json.WriteString("spanId", _spanIds[4]);
        json.WriteEndObject();
        json.WriteEndArray();
    }));

    public byte[] Metrics() => Json("resourceMetrics", json => Resource(json, "waybill-send", "scopeMetrics", () =>
    {
        json.WriteStartArray("metrics");
        json.WriteStartObject();
        json.WriteString("name", "waybill.send.orders");
        json.WriteString("unit", "{order}");
        json.WriteStartObject("sum");
        json.WriteNumber("aggregationTemporality", Cumulative);
        json.WriteBoolean("isMonotonic", true);
        json.WriteStartArray("dataPoints");
        json.WriteStartObject();
        json.WriteString("startTimeUnixNano", Time(0));
        json.WriteString("timeUnixNano", Time(200));
        json.WriteString("asInt", "1");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }));

    private static byte[] Json(string name, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray(name);
            write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Resource(Utf8JsonWriter json, string service, string scopes, Action write)
    {
        json.WriteStartObject();
        json.WriteStartObject("resource");
        Attributes(json, ("service.name", service), ("service.version", "1.0.0"), ("deployment.environment.name", "test"));
        json.WriteEndObject();
        json.WriteStartArray(scopes);
        json.WriteStartObject();
        json.WriteStartObject("scope");
        json.WriteString("name", "waybill.send");
        json.WriteEndObject();
        write();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Span(Utf8JsonWriter json, int index, int parent, string name, int kind, int startMilliseconds, int milliseconds, params (string Key, string Value)[] attributes)
    {
        json.WriteStartObject();
        json.WriteString("traceId", Id);
        json.WriteString("spanId", _spanIds[index]);
        if (parent >= 0) json.WriteString("parentSpanId", _spanIds[parent]);
        json.WriteString("name", name);
        json.WriteNumber("kind", kind);
        json.WriteString("startTimeUnixNano", Time(startMilliseconds));
        json.WriteString("endTimeUnixNano", Time(startMilliseconds + milliseconds));
        Attributes(json, attributes);
        if (attributes.Any(attribute => attribute.Key == "error.type"))
        {
            json.WriteStartObject("status");
            json.WriteNumber("code", Error);
            json.WriteString("message", "The card was declined (this is a test)");
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Attributes(Utf8JsonWriter json, params (string Key, string Value)[] attributes)
    {
        json.WriteStartArray("attributes");
        foreach ((string key, string value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteStartObject("value");
            json.WriteString("stringValue", value);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private string Time(int milliseconds) => (_begin + milliseconds * Millisecond).ToString(CultureInfo.InvariantCulture);

    private static string Hex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
