using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Batches;
using Waybill.Ingest;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Tempo;

/// <summary>A trace by id, in two versions and two encodings. It is sent as it is written, a part of a resource at a time.</summary>
internal static class TraceById
{
    private const int SpansMax = 100_000, FlushBytes = 64 * 1024;
    private const string Protobuf = "application/protobuf";

    public static void MapTraceById(this IEndpointRouteBuilder tempo)
    {
        tempo.MapGet("/api/traces/{id}", Version1);
        tempo.MapGet("/api/v2/traces/{id}", Version2);
    }

    /// <summary>OTLP's TracesData; in JSON its one member is called <c>batches</c>. It has no room for "in part", so a trace that is too large is refused.</summary>
    private static async Task Version1(HttpContext http, string id, TraceReader reader, TimeProvider clock)
    {
        if (await Read(http, id, reader, clock) is not { } found) return;
        if (found.Answer is not { } answer)
        {
            await Problems.NotFound(http, "trace not found");
            return;
        }
        if (IsCut(answer))
        {
            await Problems.TooMuch(http, $"The trace has more than {SpansMax} spans. /api/v2/traces answers the first {SpansMax} of them.");
            return;
        }
        if (WantsProtobuf(http))
        {
            http.Response.ContentType = Protobuf;
            await WriteProtobuf(http, answer, (part, _) => part);
            return;
        }
        await WriteJson(http, answer, begin: json => json.WriteStartArray("batches"u8), end: json => json.WriteEndArray());
    }

    /// <summary>TraceByIDResponse. What is not found is an empty trace, and what is incomplete says why.</summary>
    private static async Task Version2(HttpContext http, string id, TraceReader reader, TimeProvider clock)
    {
        if (await Read(http, id, reader, clock) is not { } found) return;
        string? message = found.Answer is { Reasons: { Count: > 0 } reasons } ? string.Join(' ', reasons.Select(reason => reason.Detail)) : null;
        if (WantsProtobuf(http))
        {
            // A message that comes in several pieces is the sum of them: each group of spans is a piece of field 1. The first is empty, so that the field is there in any case.
            http.Response.ContentType = Protobuf;
            http.Response.BodyWriter.Write(new ProtobufWriter().Message(1, new ProtobufWriter()).Written);
            if (found.Answer is { } answer) await WriteProtobuf(http, answer, (part, outer) => outer.Clear().Message(1, part));
            if (message is not null) http.Response.BodyWriter.Write(new ProtobufWriter().Int(3, 1).String(4, message).Written);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            return;
        }
        await WriteJson(http, found.Answer, begin: json =>
        {
            json.WriteStartObject("trace"u8);
            json.WriteStartArray("resourceSpans"u8);
        }, end: json =>
        {
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("metrics"u8);
            json.WriteEndObject();
            json.WriteString("status"u8, message is null ? "COMPLETE"u8 : "PARTIAL"u8);
            if (message is not null) json.WriteString("message"u8, message);
        });
    }

    private readonly record struct Found(TraceAnswer? Answer);

    /// <returns>Null when the request was wrong, and answered so.</returns>
    private static async Task<Found?> Read(HttpContext http, string id, TraceReader reader, TimeProvider clock)
    {
        // Leading zeros may be missing: Tempo's own search leaves them out.
        if (id.Length is 0 or > 2 * TraceId.Size || !TraceId.TryParse(id.PadLeft(2 * TraceId.Size, '0'), out TraceId traceId))
        {
            await Problems.BadRequest(http, "id", $"'{Problems.Shorten(id)}' is not a trace id: send up to 32 hexadecimal digits.");
            return null;
        }
        // Times are only a hint where to look, and the index knows that by itself; a wrong one is still told.
        if (TempoTime.Read(http, clock, wholeSeconds: true, out _) is { } bad)
        {
            await Problems.BadRequest(http, bad.Parameter, bad.Message);
            return null;
        }
        TraceAnswer? answer = traceId.IsZero ? null : await reader.Read(http.Tenant(), traceId, skeleton: false, SpansMax, logLimit: 0, http.RequestAborted);
        return new Found(answer is { Trace.Nodes.Length: > 0 } ? answer with { Reasons = [.. answer.Reasons.Where(reason => reason.Reason != "logs_over_limit")] } : null);
    }

    private static bool IsCut(TraceAnswer answer) => answer.Reasons.Any(reason => reason.Reason == "over_limit");

    private static bool WantsProtobuf(HttpContext http) => http.Request.Headers.Accept.ToString().Contains(Protobuf, StringComparison.OrdinalIgnoreCase);

    private static async Task WriteProtobuf(HttpContext http, TraceAnswer answer, Func<ProtobufWriter, ProtobufWriter, ProtobufWriter> wrap)
    {
        var spans = new ResourceSpansProtobuf(answer);
        ProtobufWriter part = new(), outer = new();
        foreach (ResourceSpans group in ResourceSpans.Of(answer))
        {
            http.Response.BodyWriter.Write(wrap(part.Clear().Message(1, spans.Write(group)), outer).Written);
            if (http.Response.BodyWriter.UnflushedBytes >= FlushBytes) await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }
    }

    private static async Task WriteJson(HttpContext http, TraceAnswer? answer, Action<Utf8JsonWriter> begin, Action<Utf8JsonWriter> end)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, StoredAttributes.Relaxed);
        json.WriteStartObject();
        begin(json);
        if (answer is not null) await new ResourceSpansJson(json, answer, OtlpForm.Protobuf).WriteAll(http.RequestAborted);
        end(json);
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }
}
