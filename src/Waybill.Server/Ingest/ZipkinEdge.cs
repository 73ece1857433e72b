using Microsoft.AspNetCore.Http;

namespace Waybill.Ingest;

/// <summary>Zipkin v2: <c>POST /api/v2/spans</c>, answered 202. Zipkin has no form for remarks and refusals, so they are plain text.</summary>
internal sealed class ZipkinEdge(Receiver receiver, BrowserOrigins origins)
{
    public async Task Post(HttpContext http)
    {
        if (origins.Answered(http)) return;

        Reply reply;
        if (IngestHeaders.Check(http.Request, out bool json, out var encoding) is { } refusal)
        {
            receiver.Refused(Receiver.CallerOf(http, json ? Protocol.ZipkinJson : Protocol.ZipkinProtobuf), refusal);
            reply = refusal;
        }
        else reply = await receiver.Receive(http, Signal.Traces, json ? Protocol.ZipkinJson : Protocol.ZipkinProtobuf, encoding, http.RequestAborted);

        if (reply.Refusal is { Reason: RefusalReason.SenderGone }) return;
        if (reply.Refusal is { } refused) IngestHeaders.Refuse(http.Response, refused);
        else http.Response.StatusCode = StatusCodes.Status202Accepted;

        if ((reply.Refusal?.Message ?? reply.Remark) is not { } text) return;
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(text + "\n");
    }
}
