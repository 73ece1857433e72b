using System.Text.Json;
using Waybill.Durability;
using Waybill.Processes;

namespace Waybill.Graph;

/// <summary>Spans made by hand, and sent as OTLP/JSON.</summary>
internal sealed class SentTrace(string? id = null)
{
    private readonly List<(Dictionary<string, string> Resource, object Span)> _spans = [];

    public string Id { get; } = id ?? Guid.NewGuid().ToString("n");

    /// <param name="kind">OTLP SpanKind.</param>
    public SentTrace Span(string service, string name, int kind, string span, string parent, DateTimeOffset start, TimeSpan duration, bool failed = false, string? version = null,
        (string Key, string Value)[]? attributes = null, (string Trace, string Span)[]? links = null, string? exception = null, string? environment = null)
    {
        var resource = new Dictionary<string, string> { ["service.name"] = service };
        if (version is not null) resource["service.version"] = version;
        if (environment is not null) resource["deployment.environment.name"] = environment;
        _spans.Add((resource, new
        {
            traceId = Id, spanId = span, parentSpanId = parent, name, kind, startTimeUnixNano = Nano(start), endTimeUnixNano = Nano(start + duration),
            status = failed ? new { code = 2 } : new { code = 0 },
            attributes = (attributes ?? []).Select(Attribute),
            links = (links ?? []).Select(link => new { traceId = link.Trace, spanId = link.Span }),
            events = exception is null ? [] : new[] { new { timeUnixNano = Nano(start), name = "exception", attributes = new[] { Attribute(("exception.type", exception)), Attribute(("exception.message", "It broke")) } } },
        }));
        return this;
    }

    public Task Send(WaybillServer server) => Send(server, [this]);

    public static Task Send(WaybillServer server, IEnumerable<SentTrace> traces) => server.Post("/v1/traces", JsonSerializer.SerializeToUtf8Bytes(new
    {
        resourceSpans = traces.SelectMany(trace => trace._spans).GroupBy(span => string.Join('|', span.Resource.Values)).Select(group => new
        {
            resource = new { attributes = group.First().Resource.Select(pair => Attribute((pair.Key, pair.Value))) },
            scopeSpans = new[] { new { spans = group.Select(span => span.Span) } },
        }),
    }), "application/json");

    private static object Attribute((string Key, string Value) attribute) => new { key = attribute.Key, value = new { stringValue = attribute.Value } };

    private static string Nano(DateTimeOffset time) => $"{(time - DateTimeOffset.UnixEpoch).Ticks * 100}";
}
