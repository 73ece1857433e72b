namespace Waybill.Ingest.Grpc;

/// <summary>The status codes of gRPC, which are also those of google.rpc.Status.</summary>
public enum GrpcStatus : byte
{
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}
