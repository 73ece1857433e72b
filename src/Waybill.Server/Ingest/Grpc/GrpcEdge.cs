using Microsoft.AspNetCore.Http;

namespace Waybill.Ingest.Grpc;

/// <summary>OTLP over gRPC: unary calls on HTTP/2, framed by ourselves.</summary>
internal sealed class GrpcEdge(Receiver receiver, GrpcHealth health, TimeProvider clock)
{
    public const string Traces = "opentelemetry.proto.collector.trace.v1.TraceService";
    public const string Logs = "opentelemetry.proto.collector.logs.v1.LogsService";
    public const string Metrics = "opentelemetry.proto.collector.metrics.v1.MetricsService";

    public Task Call(HttpContext http)
    {
        var (request, response) = (http.Request, http.Response);
        if (!IsGrpc(request.ContentType))
        {
            // Not gRPC at all, so no gRPC status; the text is for who looks with a browser or curl.
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            receiver.Refused(Receiver.CallerOf(http, Protocol.OtlpGrpc), NotGrpc);
            return response.WriteAsync(NotGrpc.Message + "\n");
        }
        if (!HttpMethods.IsPost(request.Method)) return Refuse(http, new(RefusalReason.Method, "gRPC calls are POST requests."));
        return request.Path.Value switch
        {
            "/" + Traces + "/Export" => Export(http, Signal.Traces),
            "/" + Logs + "/Export" => Export(http, Signal.Logs),
            "/" + Metrics + "/Export" => Export(http, Signal.Metrics),
            "/grpc.health.v1.Health/Check" => health.Check(http),
            "/grpc.health.v1.Health/List" => health.List(http),
            "/grpc.health.v1.Health/Watch" => health.Watch(http),
            _ => Refuse(http, new(RefusalReason.Path, "There is no such method. This server has the Export methods of OTLP's trace, logs and metrics services, and grpc.health.v1.Health.")),
        };
    }

    private async Task Export(HttpContext http, Signal signal)
    {
        var headers = http.Request.Headers;
        ContentEncoding? encoding = headers["grpc-encoding"].ToString() switch
        {
            "" or "identity" => ContentEncoding.Identity,
            "gzip" => ContentEncoding.Gzip,
            "deflate" => ContentEncoding.Deflate,
            _ => null,
        };
        if (encoding is null)
        {
            await Refuse(http, new(RefusalReason.UnknownEncoding, $"grpc-encoding must be one of {GrpcResponse.Encodings}. Set the exporter's compression to gzip or none.", Field: "grpc-encoding"));
            return;
        }
        if (!GrpcTimeout.TryParse(headers["grpc-timeout"].Count == 0 ? null : headers["grpc-timeout"].ToString(), out var timeout))
        {
            await Refuse(http, new(RefusalReason.Framing, "grpc-timeout must be one to eight digits and one of the units H, M, S, m, u, n."));
            return;
        }

        Reply reply;
        if (timeout is null) reply = await receiver.Receive(http, signal, Protocol.OtlpGrpc, encoding.Value, http.RequestAborted);
        else
        {
            using var deadline = new CancellationTokenSource(timeout.Value, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, http.RequestAborted);
            reply = await receiver.Receive(http, signal, Protocol.OtlpGrpc, encoding.Value, either.Token);
        }

        if (reply.Refusal is { Reason: RefusalReason.SenderGone }) return;
        if (reply.Refusal is { } refusal) GrpcResponse.Refuse(http.Response, refusal);
        else
        {
            await GrpcResponse.WriteMessage(http.Response, Answers.ResponseProtobuf(reply));
            GrpcResponse.End(http.Response);
        }
    }

    private Task Refuse(HttpContext http, Refusal refusal)
    {
        receiver.Refused(Receiver.CallerOf(http, Protocol.OtlpGrpc), refusal);
        GrpcResponse.Refuse(http.Response, refusal);
        return Task.CompletedTask;
    }

    private static readonly Refusal NotGrpc = new(RefusalReason.ContentType,
        "This port speaks gRPC only: Content-Type must be application/grpc. OTLP over HTTP has a port of its own, 4318 unless set otherwise.", Field: "Content-Type");

    // application/grpc, optionally +proto, optionally with parameters. grpc-web and +json are other protocols.
    private static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(GrpcResponse.ContentType, StringComparison.OrdinalIgnoreCase)) return false;
        var rest = contentType.AsSpan(GrpcResponse.ContentType.Length);
        if (rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase)) rest = rest["+proto".Length..];
        return rest.IsEmpty || rest[0] is ';' or ' ';
    }
}
