using Microsoft.AspNetCore.Http;

namespace Waybill.Ingest;

/// <summary>Answers a request on the port for telemetry that is refused before it reaches its edge, in the form its sender reads.</summary>
internal static class IngestRefusals
{
    public static async Task Write(HttpContext http, Refusal refusal)
    {
        HttpResponse response = http.Response;
        IngestHeaders.Refuse(response, refusal);
        if (http.Request.Path.StartsWithSegments("/api/v2"))   // Zipkin has no form for refusals
        {
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(refusal.Message + "\n", http.RequestAborted);
            return;
        }
        bool json = IngestHeaders.IsJson(http.Request.ContentType) ?? true;
        ReadOnlyMemory<byte> body = json ? Answers.StatusJson(refusal) : Answers.StatusProtobuf(refusal);
        response.ContentType = json ? IngestHeaders.Json : IngestHeaders.Protobuf;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }
}
