using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Waybill.Batches;

namespace Waybill.Ingest;

/// <summary>Reads a request's body from the connection's buffers straight into a reception, within the bound and what is admitted.</summary>
internal static class BodyReader
{
    // gRPC's message prefix: one byte compressed flag (0 or 1), four bytes length, big-endian.
    private const int PrefixBytes = 5;

    /// <summary>Waits until something of the body is there, so that a sender that is slow to begin holds no buffers.</summary>
    public static async ValueTask WaitForFirstByte(PipeReader body, CancellationToken cancel)
    {
        var read = await body.ReadAsync(cancel);
        body.AdvanceTo(read.Buffer.Start);
    }

    /// <summary>Reads a whole HTTP body.</summary>
    public static async ValueTask<Refusal?> ReadHttp(PipeReader body, Reception reception, ContentEncoding encoding, IngestOptions options, Receptions receptions, Admission admission, CancellationToken cancel)
    {
        var target = encoding == ContentEncoding.Identity ? reception.Text : reception.Wire;
        while (true)
        {
            var read = await body.ReadAsync(cancel);
            var buffer = read.Buffer;
            long length = target.Length + buffer.Length;
            if (length > options.RequestBytesMax) return Stop(body, buffer, Refusal.TooLarge(options.RequestBytesMax));
            if (!receptions.TryHold(reception, length)) return Stop(body, buffer, Inflate.Full(admission));
            buffer.CopyTo(target.Reserve((int)buffer.Length));
            body.AdvanceTo(buffer.End);
            if (read.IsCompleted) break;
        }
        return encoding == ContentEncoding.Identity ? null : Inflate.Body(reception, encoding, options, receptions, admission);
    }

    /// <summary>Reads the one message of a unary gRPC call, and the end behind it.</summary>
    public static async ValueTask<Refusal?> ReadGrpc(PipeReader body, Reception reception, ContentEncoding encoding, IngestOptions options, Receptions receptions, Admission admission, CancellationToken cancel)
    {
        TextArena? target = null;
        long left = 0;
        while (true)
        {
            var read = await body.ReadAsync(cancel);
            var buffer = read.Buffer;
            var rest = buffer;
            if (target is null)
            {
                if (rest.Length < PrefixBytes)
                {
                    if (read.IsCompleted) return Stop(body, buffer, Framing(rest.IsEmpty ? "The call carries no message." : "The message's prefix is cut off."));
                    body.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }
                (byte flag, left) = Prefix(rest);
                if (flag > 1) return Stop(body, buffer, Framing($"The message's compressed flag is {flag}; it is 0 or 1."));
                if (flag == 1 && encoding == ContentEncoding.Identity) return Stop(body, buffer, Framing("The message is flagged as compressed, but the call names no grpc-encoding."));
                if (left > options.RequestBytesMax) return Stop(body, buffer, Refusal.TooLarge(options.RequestBytesMax));
                if (!receptions.TryHold(reception, left)) return Stop(body, buffer, Inflate.Full(admission));
                target = flag == 1 ? reception.Wire : reception.Text;
                rest = rest.Slice(PrefixBytes);
            }
            if (rest.Length > left) return Stop(body, buffer, Framing("More follows the message; a unary call carries exactly one."));
            rest.CopyTo(target.Reserve((int)rest.Length));
            left -= rest.Length;
            body.AdvanceTo(buffer.End);
            if (!read.IsCompleted) continue;

            if (left > 0) return Framing($"The message is cut off: {left} bytes are missing.");
            return target == reception.Wire ? Inflate.Body(reception, encoding, options, receptions, admission) : null;
        }
    }

    private static (byte Flag, long Length) Prefix(ReadOnlySequence<byte> buffer)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        return (prefix[0], BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]));
    }

    private static Refusal Stop(PipeReader body, ReadOnlySequence<byte> buffer, Refusal refusal)
    {
        body.AdvanceTo(buffer.End);
        return refusal;
    }

    private static Refusal Framing(string message) => new(RefusalReason.Framing, message + " Check the sender's gRPC framing, and any proxy between.");
}
