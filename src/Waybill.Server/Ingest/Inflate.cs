using System.IO.Compression;
using Waybill.Batches;

namespace Waybill.Ingest;

/// <summary>How a body may be compressed: what .NET itself can undo.</summary>
internal enum ContentEncoding : byte { Identity, Gzip, Deflate, Brotli }

/// <summary>
/// Undoes compression, from the bytes as received into the batch's text, within a bound. What is large is measured first, through a small
/// window, and only then written, in a buffer of exactly its size: a bomb costs the time to count to the bound, and no memory.
/// </summary>
internal static class Inflate
{
    // Most bodies end below this and are inflated once; larger ones are inflated twice, which costs less than growing a buffer by copies.
    private const int DirectBytes = 2 * 1024 * 1024;
    private const int WindowBytes = 64 * 1024;

    /// <summary>Inflates <see cref="Reception.Wire"/> to the end of <see cref="Reception.Text"/>.</summary>
    /// <returns>Null when done; a refusal when it is too large, broken, or does not fit in what is in flight.</returns>
    public static Refusal? Body(Reception reception, ContentEncoding encoding, IngestOptions options, Receptions receptions, Admission admission)
    {
        try
        {
            var text = reception.Text;
            long bytesMax = options.RequestBytesMax;
            using (var inflater = Open(reception.Wire, encoding))
            {
                int direct = (int)Math.Min(DirectBytes, bytesMax);
                long held = reception.Wire.Length;
                for (int room = 32 * 1024; ; room = Math.Min(room * 2, 512 * 1024))
                {
                    if (!receptions.TryHold(reception, held + text.Length + room)) return Full(admission);
                    int before = text.Length;
                    int read = inflater.ReadAtLeast(text.Reserve(room), room, throwOnEndOfStream: false);
                    text.Truncate(before + read);
                    if (read < room) return text.Length > bytesMax ? Refusal.TooLarge(bytesMax) : null;
                    if (text.Length >= direct) break;
                }
            }

            text.Clear();
            long length = Measure(reception.Wire, encoding, bytesMax);
            if (length > bytesMax) return Refusal.TooLarge(bytesMax);
            if (!receptions.TryHold(reception, reception.Wire.Length + length)) return Full(admission);
            using var again = Open(reception.Wire, encoding);
            again.ReadExactly(text.Reserve((int)length));
            return null;
        }
        catch (InvalidDataException)
        {
            return new(RefusalReason.Compression, $"The body does not decompress as {Name(encoding)}: it is damaged or cut off. Check what stands between sender and server.", Field: "Content-Encoding");
        }
    }

    /// <summary>Bytes that the compressed body inflates to; anything above <paramref name="bytesMax"/> when it is more than that.</summary>
    private static long Measure(TextArena wire, ContentEncoding encoding, long bytesMax)
    {
        using var inflater = Open(wire, encoding);
        byte[] window = System.Buffers.ArrayPool<byte>.Shared.Rent(WindowBytes);
        try
        {
            long length = 0;
            while (length <= bytesMax && inflater.Read(window) is > 0 and var read) length += read;
            return length;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(window);
        }
    }

    private static Stream Open(TextArena wire, ContentEncoding encoding)
    {
        var source = new ArenaStream(wire);
        return encoding switch
        {
            ContentEncoding.Gzip => new GZipStream(source, CompressionMode.Decompress),
            ContentEncoding.Brotli => new BrotliStream(source, CompressionMode.Decompress),
            _ => IsZlib(wire.Bytes) ? new ZLibStream(source, CompressionMode.Decompress) : new DeflateStream(source, CompressionMode.Decompress),
        };
    }

    // "deflate" is zlib (RFC 9110, 8.4.1.2), but some senders leave its two-byte header out.
    private static bool IsZlib(ReadOnlySpan<byte> body) => body.Length >= 2 && (body[0] & 0x0f) == 8 && (body[0] << 8 | body[1]) % 31 == 0;

    internal static string Name(ContentEncoding encoding) => encoding switch
    {
        ContentEncoding.Gzip => "gzip",
        ContentEncoding.Deflate => "deflate",
        ContentEncoding.Brotli => "br",
        _ => "identity",
    };

    internal static Refusal Full(Admission admission) => new(RefusalReason.Overloaded,
        "The server holds as many requests as it may. Send again after the given delay.", admission.RetryAfter());

    /// <summary>Reads an arena from its start.</summary>
    private sealed class ArenaStream(TextArena arena) : Stream
    {
        private int _position;

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, arena.Length - _position);
            arena.Bytes.Slice(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => arena.Length;
        public override long Position { get => _position; set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
