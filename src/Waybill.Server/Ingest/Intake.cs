using System.Collections.Concurrent;
using Waybill.Exceptions;
using Waybill.Graph;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Origins;
using Waybill.Redaction;
using Waybill.Spans;
using Waybill.Spool;
using Waybill.Traces;

namespace Waybill.Ingest;

/// <summary>What is known of a request besides its telemetry.</summary>
/// <param name="Hash">128 bits of the SHA-256 of signal, tenant and decompressed body: the identity of a retried request.</param>
/// <param name="Protocol">otlp-grpc, otlp-http-protobuf, otlp-http-json, zipkin-json or zipkin-protobuf.</param>
/// <param name="ReceivedUnixNano">When the server read the request.</param>
public sealed record IngestRequest(string Tenant, UInt128 Hash, string Protocol, string? Peer, string? UserAgent, long ReceivedUnixNano, int BodyBytes)
{
    /// <summary>What was found and changed in it; stored in the same record.</summary>
    public FindingCounts? Findings { get; init; }
}

/// <summary>From a decoded batch to an acknowledged record in the spool.</summary>
public sealed class Intake(SpoolLog spool, RecentTraces recent, IngestOptions options, AliasKeys aliasKeys, IngestCounters counters)
{
    private const int RecordBytesKeptMax = 4 * 1024 * 1024;

    private readonly KnownIdentities _known = new();
    private readonly KnownStacks _stacks = new();
    private readonly ConcurrentBag<RecordEncoder> _encoders = [];
    private readonly ConcurrentBag<SpoolRecord> _records = [];

    /// <summary>Completes when every span of the batch is durable. The batch may be reused afterwards.</summary>
    /// <exception cref="SpoolFullException">Nothing was stored; the sender should try again later.</exception>
    /// <exception cref="SpoolFailedException">The disk has failed and the server is about to stop.</exception>
    public ValueTask Accept(SpanBatch batch, IngestRequest request, CancellationToken cancel) =>
        Append(static (encoder, record, batch, request) => encoder.Encode(record, batch, request), batch, request, Signal.Traces, cancel);

    /// <inheritdoc cref="Accept(SpanBatch, IngestRequest, CancellationToken)"/>
    public ValueTask Accept(LogBatch batch, IngestRequest request, CancellationToken cancel) =>
        Append(static (encoder, record, batch, request) => encoder.Encode(record, batch, request), batch, request, Signal.Logs, cancel);

    /// <inheritdoc cref="Accept(SpanBatch, IngestRequest, CancellationToken)"/>
    public ValueTask Accept(MetricBatch batch, IngestRequest request, CancellationToken cancel) =>
        Append(static (encoder, record, batch, request) => encoder.Encode(record, batch, request), batch, request, Signal.Metrics, cancel);

    private async ValueTask Append<TBatch>(Action<RecordEncoder, SpoolRecord, TBatch, IngestRequest> encode, TBatch batch, IngestRequest request, Signal signal, CancellationToken cancel)
    {
        if (!_records.TryTake(out SpoolRecord? record)) record = spool.NewRecord();
        if (!_encoders.TryTake(out RecordEncoder? encoder)) encoder = new RecordEncoder(_known, _stacks, recent, options, aliasKeys);
        ulong[] written;
        int quarantined;
        try
        {
            encode(encoder, record, batch, request);
            written = encoder.Written.ToArray();
            quarantined = encoder.Quarantined;
        }
        finally
        {
            if (_encoders.Count < Environment.ProcessorCount * 2) _encoders.Add(encoder);
        }
        await spool.Append(record, cancel);
        foreach (ulong id in written) _known.Written(request.Tenant, id, request.ReceivedUnixNano / 1_000_000_000);
        if (quarantined > 0) counters.CountQuarantined(signal, quarantined);
        if (record.BytesHeld <= RecordBytesKeptMax && _records.Count < options.BatchesKept) _records.Add(record);
    }
}
