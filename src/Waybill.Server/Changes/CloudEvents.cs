using System.Text.Json;

namespace Waybill.Changes;

/// <summary>One event as CloudEvents 1.0 carries it, whatever the mode it came in. Texts are empty where the event says nothing.</summary>
/// <param name="Path">Where in the request its data stands, for messages.</param>
internal sealed record CloudEvent(string Id, string Source, string Type, string Subject, string Time, string TraceParent, JsonElement Data, string Path);

/// <summary>Tells the forms of a request to <c>/v1/changes</c> apart: CloudEvents in one of three modes, a CDEvent on its own, or our own JSON.</summary>
internal static class CloudEvents
{
    private const string Batch = "application/cloudevents-batch", Structured = "application/cloudevents";

    public static IReadOnlyList<ChangeReport> Read(ChangeRequest request)
    {
        using JsonDocument document = request.ReadJson();
        JsonElement body = document.RootElement;
        string type = request.ContentType ?? "";
        if (type.StartsWith(Batch, StringComparison.OrdinalIgnoreCase))
        {
            if (body.ValueKind != JsonValueKind.Array) throw new BadReportException("body", "a batch of CloudEvents is a JSON array.");
            if (body.GetArrayLength() > request.Options.ChangesPerRequestMax)
                throw new BadReportException("body", $"has {body.GetArrayLength()} events, at most {request.Options.ChangesPerRequestMax} fit in a request. Send several.");
            return [.. body.EnumerateArray().SelectMany((one, i) => ReadStructured(one, $"[{i}]", request))];
        }
        if (type.StartsWith(Structured, StringComparison.OrdinalIgnoreCase)) return ReadStructured(body, "", request);
        if (request.Headers.ContainsKey("ce-specversion")) return ReadBinary(body, request);
        if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty("specversion", out _) && body.TryGetProperty("type", out _)) return ReadStructured(body, "", request);
        if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty("context", out _)) return ReadEvent(new CloudEvent("", "", "", "", "", "", body, ""), request);
        return ChangeJson.Read(body, request.Headers["Idempotency-Key"].ToString(), "api", request.ReceivedUnixNano, request.Options, request.Remarks);
    }

    private static List<ChangeReport> ReadBinary(JsonElement data, ChangeRequest request)
    {
        CheckVersion(Header("ce-specversion"), "ce-specversion");
        return ReadEvent(new CloudEvent(Required("ce-id"), Required("ce-source"), Required("ce-type"), Header("ce-subject"), Header("ce-time"), Header("ce-traceparent"), data, ""), request);

        // Space, quote, percent and everything beyond ASCII are percent-encoded in headers.
        string Header(string name) => Uri.UnescapeDataString(request.Headers[name].ToString());
        string Required(string name) => Header(name) is { Length: > 0 } value ? value : throw new BadReportException(name, "is missing; CloudEvents in binary mode need it.");
    }

    private static List<ChangeReport> ReadStructured(JsonElement json, string path, ChangeRequest request)
    {
        var fields = new Fields(json, path, request.Options.TextCharsMax);
        CheckVersion(fields.Required("specversion"), fields.PathOf("specversion"));
        JsonElement data = json.TryGetProperty("data", out JsonElement plain) ? plain : default;
        if (fields.Has("data_base64"))
        {
            using JsonDocument inner = ChangeRequest.ReadJson(json.GetProperty("data_base64").TryGetBytesFromBase64(out byte[]? bytes) ? bytes
                : throw new BadReportException(fields.PathOf("data_base64"), "is not base64."));
            data = inner.RootElement.Clone();
        }
        return ReadEvent(new CloudEvent(fields.Required("id"), fields.Required("source"), fields.Required("type"), fields.Text("subject"), fields.Text("time"),
            fields.Text("traceparent"), data, fields.PathOf("data")), request);
    }

    private static void CheckVersion(string version, string field)
    {
        if (!version.StartsWith("1.", StringComparison.Ordinal)) throw new BadReportException(field, "is not 1.0, the version of CloudEvents that is understood here.");
    }

    private static List<ChangeReport> ReadEvent(CloudEvent cloud, ChangeRequest request)
    {
        bool isCdEvent = cloud.Type.Length == 0 || cloud.Type.StartsWith("dev.cdevents", StringComparison.Ordinal);
        if (isCdEvent)
        {
            if (cloud.Data.ValueKind != JsonValueKind.Object) return [CdEvents.Read(cloud, request)];   // throws what is wrong
            using JsonDocument redacted = ChangeRequest.ReadJson(request.Redaction.Redact(cloud.Data));
            return [CdEvents.Read(cloud with { Data = redacted.RootElement }, request)];
        }
        // Our own form, with CloudEvents around it.
        if (cloud.Data.ValueKind == JsonValueKind.Object && cloud.Data.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String && ChangeKind.All.Contains(kind.GetString()!))
            return ChangeJson.Read(cloud.Data, $"{cloud.Source}/{cloud.Id}", "api", request.ReceivedUnixNano, request.Options, request.Remarks);

        long time = Fields.TryParseTime(cloud.Time, out long said) ? said : request.ReceivedUnixNano;
        string data = cloud.Data.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "" : JsonSerializer.Serialize(cloud.Data);
        return
        [
            new ChangeReport
            {
                Id = ChangeReport.IdOf($"cloudevents/{cloud.Source}/{cloud.Id}"), Key = $"{cloud.Source}/{cloud.Id}", Kind = ChangeKind.Custom, Source = "api", Type = cloud.Type,
                Subject = cloud.Subject.Length > 0 ? cloud.Subject : cloud.Source, Summary = cloud.Type, TraceId = TraceOf(cloud.TraceParent),
                After = data.Length <= request.Options.TextCharsMax ? Secrets.Mask("", data).After : "", ReportedUnixNano = time, StartedUnixNano = time, FinishedUnixNano = time,
            },
        ];
    }

    /// <summary>The trace id of a <c>traceparent</c>; empty when it is none.</summary>
    internal static string TraceOf(string traceParent) =>
        traceParent.Split('-') is [_, { Length: 32 } id, ..] && id.All(char.IsAsciiHexDigit) && id.AsSpan().ContainsAnyExcept('0') ? id.ToLowerInvariant() : "";
}
