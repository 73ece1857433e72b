using System.Globalization;
using System.Text.Json;
using Waybill.Api;

namespace Waybill.Waterfalls;

/// <summary>Reads the answer of <c>GET /api/traces/{id}</c> while it arrives, and keeps of each span what is shown.</summary>
internal sealed class TraceDocument
{
    private static readonly HashSet<string> Arrays = ["spans", "logs"];

    private readonly ShownTrace _trace = new();
    private readonly Dictionary<string, string> _names = [];   // A trace repeats few names in many spans.
    private readonly bool _attributes;
    private readonly int _spansMax;

    private TraceDocument(bool attributes, int spansMax) => (_attributes, _spansMax) = (attributes, spansMax);

    /// <param name="attributes">Whether to keep the attributes of spans.</param>
    /// <param name="spansMax">Spans to keep; the others are counted.</param>
    /// <exception cref="CommandFailure">It is not such an answer.</exception>
    public static async Task<ShownTrace> Read(Stream json, bool attributes, int spansMax, CancellationToken cancel)
    {
        var document = new TraceDocument(attributes, spansMax);
        try
        {
            await foreach ((string name, JsonElement value) in JsonParts.Read(json, Arrays, cancel)) document.Take(name, value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CommandFailure($"The server's answer is not a trace: {Terminal.Visible.Of(e.Message)} Does --server name a Waybill console? See 'waybill doctor'.");
        }
        return document._trace;
    }

    private void Take(string name, JsonElement value)
    {
        switch (name)
        {
            case "traceId": _trace.Id = value.ToText(); break;
            case "status": _trace.Status = value.ToText(); break;
            case "root": (_trace.RootService, _trace.RootName) = (value.Text("service"), value.Text("name")); break;
            case "startUnixNano": _trace.StartUnixNano = long.TryParse(value.ToText(), NumberStyles.None, CultureInfo.InvariantCulture, out long start) ? start : 0; break;
            case "durationNano": _trace.DurationNano = value.GetInt64(); break;
            case "spanCount": _trace.SpanCount = value.GetInt64(); break;
            case "errorCount": _trace.ErrorCount = value.GetInt64(); break;
            case "reasons": _trace.Reasons.AddRange(value.EnumerateArray().Select(reason => new ShownReason(reason.Text("reason"), reason.Text("detail")))); break;
            case "services": _trace.Services.AddRange(value.EnumerateArray().Select(s => new ShownService(s.Text("name"), s.Number("spanCount"), s.Number("errorCount")))); break;
            case "resources": TakeSkews(value); break;
            case "spans" when _trace.Spans.Count < _spansMax: _trace.Spans.Add(ReadSpan(value)); break;
            case "logs": TakeLog(value); break;
        }
    }

    private void TakeSkews(JsonElement resources)
    {
        foreach (JsonProperty resource in resources.EnumerateObject())
            if (resource.Value.TryGetProperty("clockSkew", out JsonElement skew))
                _trace.Skews[resource.Name] = new(resource.Value.Text("service"), skew.Number("offsetNano"), skew.Number("uncertaintyNano"));
    }

    private ShownSpan ReadSpan(JsonElement span)
    {
        List<ShownLog> events = [];
        string failure = "";
        foreach (JsonElement item in span.Items("events"))
        {
            string name = item.Text("name"), text = name;
            if (item.TryGetProperty("attributes", out JsonElement attributes))
            {
                if (name == "exception") failure = text = Join(": ", attributes.Text("exception.type"), attributes.Text("exception.message"));
                else if (Pairs(attributes) is { Count: > 0 } pairs) text = $"{name}  {string.Join("  ", pairs)}";
            }
            events.Add(new(item.Number("timeUnixNano"), 0, name == "exception" ? "exception" : "event", "", text));
        }
        bool isError = span.Text("status") == "error";
        if (failure.Length == 0) failure = span.Text("statusMessage");
        if (failure.Length == 0 && isError && span.TryGetProperty("attributes", out JsonElement own)) failure = ErrorOf(own);
        SpanDoubt doubt = (span.Flag("orphan") ? SpanDoubt.Orphan : 0) | (span.Flag("cycle") ? SpanDoubt.Cycle : 0)
            | (span.Flag("sharedId") ? SpanDoubt.SharedId : 0) | (span.Flag("quarantined") ? SpanDoubt.Quarantined : 0);
        return new((int)span.Number("depth"), Kept(span.Text("service")), Kept(span.Text("name")), span.Text("spanId"), span.Text("parentSpanId"), Kept(span.Text("resource")),
            span.Number("startUnixNano"), span.Number("durationNano"), isError, isError || failure.Length > 0 ? failure : "", doubt, events,
            _attributes && span.TryGetProperty("attributes", out JsonElement all) ? Pairs(all) : []);
    }

    /// <summary>The conventions' error.type, which is often only the HTTP status again.</summary>
    private static string ErrorOf(JsonElement attributes)
    {
        string type = attributes.Text("error.type");
        if (type.Length == 0) type = attributes.Text("http.response.status_code");
        return type.Length == 3 && type.All(char.IsAsciiDigit) ? $"HTTP {type}" : type;
    }

    private void TakeLog(JsonElement log)
    {
        string spanId = log.Text("spanId");
        int severity = (int)log.Number("severity");
        string text = log.Text("body");
        if (log.TryGetProperty("attributes", out JsonElement attributes))
        {
            string exception = Join(": ", attributes.Text("exception.type"), attributes.Text("exception.message"));
            if (exception.Length > 0) text = Join("  ", text, exception);
        }
        if (text.Length == 0) text = log.Text("eventName");
        if (!_trace.Logs.TryGetValue(spanId, out List<ShownLog>? logs)) _trace.Logs[spanId] = logs = [];
        logs.Add(new(log.Number("timeUnixNano"), severity, Level(severity, log.Text("severityText")), Kept(log.Text("service")), text));
    }

    /// <summary>The OTLP name of a severity number; a sender's own word when there is no number.</summary>
    private static string Level(int severity, string text) => severity switch
    {
        >= 1 and <= 24 => ((string[])["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])[(severity - 1) / 4],
        _ => text.Length > 0 ? text : "log",
    };

    private static List<string> Pairs(JsonElement attributes) => [.. attributes.EnumerateObject().Select(attribute => $"{attribute.Name}={attribute.Value.ToText()}")];

    private static string Join(string between, string first, string second) => first.Length == 0 ? second : second.Length == 0 ? first : first + between + second;

    private string Kept(string name)
    {
        if (_names.TryGetValue(name, out string? kept)) return kept;
        return _names[name] = name;
    }
}
