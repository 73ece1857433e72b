using Microsoft.AspNetCore.Http;

namespace Waybill.Ingest;

/// <summary>OTLP over HTTP: protobuf or JSON in, the same out.</summary>
internal sealed class OtlpHttpEdge(Receiver receiver, BrowserOrigins origins)
{
    public async Task Post(HttpContext http, Signal signal)
    {
        if (origins.Answered(http)) return;

        bool json;
        Reply reply;
        if (IngestHeaders.Check(http.Request, out json, out var encoding) is { } refusal)
        {
            receiver.Refused(Receiver.CallerOf(http, json ? Protocol.OtlpHttpJson : Protocol.OtlpHttpProtobuf), refusal);
            reply = refusal;
        }
        else reply = await receiver.Receive(http, signal, json ? Protocol.OtlpHttpJson : Protocol.OtlpHttpProtobuf, encoding, http.RequestAborted);

        await Answer(http.Response, signal, json, reply);
    }

    /// <summary>Says what there is, to whoever asks for what there is not.</summary>
    public Task NotFound(HttpContext http)
    {
        if (origins.Answered(http)) return Task.CompletedTask;
        var refusal = new Refusal(RefusalReason.Path, "There is nothing at this path. OTLP goes to /v1/traces, /v1/logs and /v1/metrics, Zipkin v2 to /api/v2/spans, changes to /v1/changes; gRPC has a port of its own.");
        bool json = IngestHeaders.IsJson(http.Request.ContentType) ?? true;
        receiver.Refused(Receiver.CallerOf(http, json ? Protocol.OtlpHttpJson : Protocol.OtlpHttpProtobuf), refusal);
        return Answer(http.Response, Signal.Traces, json, refusal);
    }

    private static async Task Answer(HttpResponse response, Signal signal, bool json, Reply reply)
    {
        if (reply.Refusal is { Reason: RefusalReason.SenderGone }) return;

        ReadOnlyMemory<byte> body;
        if (reply.Refusal is { } refusal)
        {
            IngestHeaders.Refuse(response, refusal);
            body = json ? Answers.StatusJson(refusal) : Answers.StatusProtobuf(refusal);
        }
        else body = json ? Answers.ResponseJson(signal, reply) : Answers.ResponseProtobuf(reply);

        response.ContentType = json ? IngestHeaders.Json : IngestHeaders.Protobuf;
        response.ContentLength = body.Length;
        if (body.Length > 0) await response.BodyWriter.WriteAsync(body);
    }
}
