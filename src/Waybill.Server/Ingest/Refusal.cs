using Waybill.Ingest.Grpc;

namespace Waybill.Ingest;

/// <summary>Why a whole request was refused. Every value is a label of <c>waybill_ingest_refused_total</c>.</summary>
public enum RefusalReason : byte
{
    /// <summary>The body cannot be decoded at all.</summary>
    Malformed,
    /// <summary>The body does not inflate.</summary>
    Compression,
    /// <summary>Larger than a request may be, before or after decompression.</summary>
    TooLarge,
    /// <summary>As many requests or bytes are in flight as may be.</summary>
    Overloaded,
    /// <summary>The spool is at its bound: the engine does not keep up, or the disk is full.</summary>
    SpoolFull,
    /// <summary>The spool failed to make the request durable.</summary>
    NotStored,
    /// <summary>gRPC: not exactly one whole message.</summary>
    Framing,
    UnknownEncoding,
    ContentType,
    Method,
    Path,
    /// <summary>The sender's own deadline passed.</summary>
    Deadline,
    /// <summary>The body arrived slower than is allowed.</summary>
    SlowBody,
    /// <summary>The sender went away before its request had arrived.</summary>
    SenderGone,
    /// <summary>Its signature or token is missing or wrong.</summary>
    Signature,
    /// <summary>No credential, or none that is known.</summary>
    Unauthenticated,
    /// <summary>The credential does not allow this.</summary>
    Forbidden,
    /// <summary>The tenant sends more than it may.</summary>
    TenantLimit,
    /// <summary>Who may do what cannot be read.</summary>
    AccessUnknown,
    /// <summary>A defect of this program. Not to be retried: it would fail again.</summary>
    Defect,
}

/// <summary>A request that was not taken, said so that its sender can mend it. Holds nothing of the request's content.</summary>
/// <param name="Message">What is wrong and what to do about it.</param>
/// <param name="RetryAfter">When the same request may succeed; null when it never will.</param>
/// <param name="Field">The field or header at fault; null when it is none in particular.</param>
public sealed record Refusal(RefusalReason Reason, string Message, TimeSpan? RetryAfter = null, string? Field = null)
{
    public string Label => Labels[(int)Reason];

    internal static readonly string[] Labels = [.. Enum.GetNames<RefusalReason>().Select(SnakeCase)];

    internal static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>OTLP over HTTP: only 429, 502, 503 and 504 are retried by senders.</summary>
    public int HttpStatus => Reason switch
    {
        RefusalReason.Signature or RefusalReason.Unauthenticated => 401,
        RefusalReason.Forbidden => 403,
        RefusalReason.TooLarge => 413,
        RefusalReason.Overloaded or RefusalReason.TenantLimit => 429,
        RefusalReason.SpoolFull or RefusalReason.NotStored or RefusalReason.AccessUnknown => 503,
        RefusalReason.UnknownEncoding or RefusalReason.ContentType => 415,
        RefusalReason.Method => 405,
        RefusalReason.Path => 404,
        RefusalReason.Deadline => 504,
        RefusalReason.SlowBody => 408,
        RefusalReason.SenderGone => 499,
        RefusalReason.Defect => 500,
        _ => 400,
    };

    /// <summary>OTLP over gRPC: RESOURCE_EXHAUSTED is retried only with RetryInfo, which an oversize request does not get.</summary>
    public GrpcStatus GrpcStatus => Reason switch
    {
        RefusalReason.Malformed or RefusalReason.ContentType => GrpcStatus.InvalidArgument,
        RefusalReason.TooLarge or RefusalReason.TenantLimit => GrpcStatus.ResourceExhausted,
        RefusalReason.Overloaded or RefusalReason.SpoolFull or RefusalReason.NotStored or RefusalReason.AccessUnknown => GrpcStatus.Unavailable,
        RefusalReason.UnknownEncoding or RefusalReason.Path or RefusalReason.Method => GrpcStatus.Unimplemented,
        RefusalReason.Deadline or RefusalReason.SlowBody => GrpcStatus.DeadlineExceeded,
        RefusalReason.Signature or RefusalReason.Unauthenticated => GrpcStatus.Unauthenticated,
        RefusalReason.Forbidden => GrpcStatus.PermissionDenied,
        RefusalReason.SenderGone => GrpcStatus.Cancelled,
        _ => GrpcStatus.Internal,
    };

    internal static Refusal TooLarge(long bytesMax) => new(RefusalReason.TooLarge,
        $"The request is larger than {bytesMax} bytes, compressed or not. Send smaller batches, or raise Ingest:RequestBytesMax.");
}

/// <summary>The answer to a request that was understood: taken, with or without remarks, or refused.</summary>
/// <param name="Rejected">Items that were not taken; the others are durable.</param>
/// <param name="Remark">What was rejected or changed, and the fix; null when all is well.</param>
public readonly record struct Reply(Refusal? Refusal, int Rejected = 0, string? Remark = null)
{
    public static implicit operator Reply(Refusal refusal) => new(refusal);
}
