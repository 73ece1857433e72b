using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.AspNetCore.Http;
using Waybill.Web;

namespace Waybill.Ingest.Grpc;

/// <summary>grpc.health.v1.Health, for load balancers and probes: Check, List and Watch.</summary>
internal sealed class GrpcHealth(Readiness readiness, TimeProvider clock)
{
    private enum Serving : byte { Unknown, Serving, NotServing, ServiceUnknown }

    // The empty name is the server as a whole.
    private static readonly string[] Services = ["", GrpcEdge.Traces, GrpcEdge.Logs, GrpcEdge.Metrics];
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private const int RequestBytesMax = 1_024;
    private const int WatchersMax = 100;

    private int _watchers;

    public async Task Check(HttpContext http)
    {
        if (await ReadService(http) is not { } service) return;
        if (!Services.Contains(service))
        {
            GrpcResponse.Refuse(http.Response, GrpcStatus.NotFound, "Health knows the empty name and the three services of OTLP.");
            return;
        }
        await GrpcResponse.WriteMessage(http.Response, Message(Now()));
        GrpcResponse.End(http.Response);
    }

    // HealthListResponse { map<string, HealthCheckResponse> statuses = 1 }
    public async Task List(HttpContext http)
    {
        if (await ReadService(http) is null) return;
        var list = new ProtobufWriter();
        foreach (string service in Services)
            list.Message(1, new ProtobufWriter().String(1, service).Message(2, new ProtobufWriter().Int(1, (byte)Now())));
        await GrpcResponse.WriteMessage(http.Response, list.Written.ToArray());
        GrpcResponse.End(http.Response);
    }

    /// <summary>Sends the status at once and whenever it changes, until the client leaves.</summary>
    public async Task Watch(HttpContext http)
    {
        if (await ReadService(http) is not { } service) return;
        if (Interlocked.Increment(ref _watchers) > WatchersMax)
        {
            Interlocked.Decrement(ref _watchers);
            GrpcResponse.Refuse(http.Response, GrpcStatus.ResourceExhausted, $"{WatchersMax} others watch already. Use Check.");
            return;
        }
        try
        {
            using var every = new PeriodicTimer(WatchEvery, clock);
            Serving? sent = null;
            do
            {
                var status = Services.Contains(service) ? Now() : Serving.ServiceUnknown;
                if (status == sent) continue;
                await GrpcResponse.WriteMessage(http.Response, Message(status));
                sent = status;
            }
            while (await every.WaitForNextTickAsync(http.RequestAborted));
        }
        catch (OperationCanceledException)
        {
            // The client left, which is how a watch ends.
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    private Serving Now() => readiness.IsReady ? Serving.Serving : Serving.NotServing;

    // HealthCheckResponse { ServingStatus status = 1 }
    private static ReadOnlyMemory<byte> Message(Serving status) => new ProtobufWriter().Int(1, (byte)status).Written.ToArray();

    // HealthCheckRequest { string service = 1 } in one uncompressed message: 00 <length:4> [0a <length:1> <name>]
    /// <returns>Null when it is not that; the call is answered then.</returns>
    private static async Task<string?> ReadService(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (!read.IsCompleted && read.Buffer.Length <= RequestBytesMax)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }
            byte[] frame = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, RequestBytesMax)).ToArray();
            reader.AdvanceTo(read.Buffer.End);
            if (frame.Length >= 5 && frame[0] == 0 && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(1)) == frame.Length - 5)
            {
                if (frame.Length == 5) return "";
                if (frame.Length >= 7 && frame[5] == 0x0a && frame[6] < 0x80 && frame[6] == frame.Length - 7) return Encoding.UTF8.GetString(frame, 7, frame[6]);
            }
            GrpcResponse.Refuse(http.Response, GrpcStatus.Internal, "The call must carry one whole, uncompressed HealthCheckRequest.");
            return null;
        }
    }
}
