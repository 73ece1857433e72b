using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Waybill.Batches;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Redaction;
using Waybill.Spans;

namespace Waybill.Ingest;

/// <summary>All that one request needs while it is taken in: its bytes, its columns, its rejections. Rented from <see cref="Receptions"/>.</summary>
public sealed class Reception : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal Reception(Signal signal)
    {
        Signal = signal;
        (Spans, Logs, Metrics) = (new(), new(), new());
        Text = signal switch
        {
            Signal.Traces => Spans.Text,
            Signal.Logs => Logs.Text,
            _ => Metrics.Text,
        };
    }

    public Signal Signal { get; }
    public SpanBatch Spans { get; }
    public LogBatch Logs { get; }
    public MetricBatch Metrics { get; }

    /// <summary>The batch's text: the body, decompressed; decoding appends behind it.</summary>
    public TextArena Text { get; }

    /// <summary>The body as it came, when it came compressed; empty otherwise.</summary>
    public TextArena Wire { get; } = new();

    public Rejections Rejections { get; } = new();

    /// <summary>What was sensitive in it and was changed.</summary>
    public FindingCounts Findings { get; } = new();

    /// <summary>Spans, log records or data points decoded.</summary>
    public int Items => Signal switch
    {
        Signal.Traces => Spans.Count,
        Signal.Logs => Logs.Count,
        _ => Metrics.PointCount,
    };

    /// <summary>Bytes of the decompressed body; set when it is complete.</summary>
    public int BodyBytes { get; internal set; }

    /// <summary>Bytes that this request has taken from <see cref="Admission"/>.</summary>
    internal long BytesAdmitted { get; set; }

    /// <summary>The identity of a request: the first 128 bits of the SHA-256 of kind, tenant and decompressed body. Call before decoding.</summary>
    /// <remarks>The kind keeps apart what has the same bytes but not the same meaning; the tenant's length keeps it apart from the body.</remarks>
    public UInt128 Hash(Protocol protocol, string tenant)
    {
        Span<byte> head = stackalloc byte[2 + 256];
        head[0] = protocol is Protocol.ZipkinJson or Protocol.ZipkinProtobuf ? (byte)'z' : (byte)('0' + (byte)Signal);
        int length = Encoding.UTF8.GetBytes(tenant, head[2..]);
        head[1] = (byte)length;
        _sha256.AppendData(head[..(2 + length)]);
        _sha256.AppendData(Text.Bytes[..BodyBytes]);
        Span<byte> digest = stackalloc byte[32];
        _sha256.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    internal long BytesHeld => Text.BytesHeld + Wire.BytesHeld;

    internal void Clear()
    {
        switch (Signal)
        {
            case Signal.Traces: Spans.Clear(); break;
            case Signal.Logs: Logs.Clear(); break;
            default: Metrics.Clear(); break;
        }
        Wire.Clear();
        Rejections.Clear();
        Findings.Clear();
        BodyBytes = 0;
    }

    public void Dispose() => _sha256.Dispose();
}
