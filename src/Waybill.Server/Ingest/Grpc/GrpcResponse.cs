using System.Buffers.Binary;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Waybill.Ingest.Grpc;

/// <summary>Answers of gRPC: a framed message and trailers, or trailers alone in place of the headers.</summary>
internal static class GrpcResponse
{
    public const string ContentType = "application/grpc";

    /// <summary>What messages may be compressed with; names of gRPC, where deflate is zlib.</summary>
    public const string Encodings = "identity,gzip,deflate";

    /// <summary>Writes a message; the trailers follow with <see cref="End"/>.</summary>
    public static async Task WriteMessage(HttpResponse response, ReadOnlyMemory<byte> message)
    {
        if (!response.HasStarted) response.ContentType = ContentType;
        var frame = response.BodyWriter.GetMemory(5 + message.Length);
        frame.Span[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(frame.Span[1..], (uint)message.Length);
        message.Span.CopyTo(frame.Span[5..]);
        response.BodyWriter.Advance(5 + message.Length);
        await response.BodyWriter.FlushAsync();
    }

    /// <summary>Ends a call whose message was written.</summary>
    public static void End(HttpResponse response) => response.AppendTrailer("grpc-status", "0");

    /// <summary>Ends a call without a message: the status goes where the headers go.</summary>
    public static void Refuse(HttpResponse response, GrpcStatus status, string message, ReadOnlyMemory<byte> details = default)
    {
        response.ContentType = ContentType;
        response.Headers["grpc-status"] = ((int)status).ToString();
        response.Headers["grpc-message"] = PercentEncode(message);
        if (!details.IsEmpty) response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(details.Span).TrimEnd('=');
        if (status == GrpcStatus.Unimplemented) response.Headers["grpc-accept-encoding"] = Encodings;
    }

    public static void Refuse(HttpResponse response, Refusal refusal) => Refuse(response, refusal.GrpcStatus, refusal.Message,
        refusal.RetryAfter is null && refusal.Field is null ? default : Answers.StatusProtobuf(refusal));

    /// <summary>gRPC's percent-encoding: every byte outside 0x20 to 0x7E, and the percent sign.</summary>
    public static string PercentEncode(string message)
    {
        var encoded = new StringBuilder(message.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%') encoded.Append((char)b);
            else encoded.Append('%').Append(b.ToString("X2"));
        }
        return encoded.ToString();
    }
}
