using System.Net.Sockets;

namespace Waybill.Engine;

/// <summary>A body that may end in an <see cref="ExceptionFrame"/>: the frame is withheld from the reader and thrown instead.</summary>
internal sealed class ExceptionAwareStream(Stream source, string? tag) : Stream
{
    private const int FrameBytesMax = ExceptionFrame.MessageBytesMax + 256;

    private readonly byte[] _head = tag is null ? [] : ExceptionFrame.Head(tag);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;    // bytes _start.._safe may be handed out, _safe.._end may be the beginning of a frame
    private int _safe;
    private int _end;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancel = default)
    {
        if (target.Length == 0) return 0;
        while (_start == _safe)
        {
            if (_ended) return 0;
            await Fill(cancel);
        }

        int count = Math.Min(target.Length, _safe - _start);
        _buffer.AsMemory(_start, count).CopyTo(target);
        _start += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private async ValueTask Fill(CancellationToken cancel)
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _safe, _end) = (0, 0, _end - _start);
        int read = await ReadSource(_buffer.AsMemory(_end), cancel);
        _end += read;
        _ended = read == 0;

        int frame = _head.Length == 0 ? -1 : _buffer.AsSpan(0, _end).IndexOf(_head);
        if (frame >= 0 && frame > 0) _safe = frame;                    // what comes before the frame is data; the frame is next
        else if (frame == 0) throw await ReadFrame(cancel);
        else _safe = _ended ? _end : _end - PartialHead();
    }

    private async ValueTask<EngineException> ReadFrame(CancellationToken cancel)
    {
        try
        {
            while (!_ended && _end < FrameBytesMax)
            {
                int read = await ReadSource(_buffer.AsMemory(_end), cancel);
                _end += read;
                _ended = read == 0;
            }
        }
        catch (EngineException)
        {
            // Servers may close right behind the frame; what has arrived of the message is better than "connection broken".
        }

        _ended = true;
        var error = EngineException.Parse(ExceptionFrame.ReadMessage(_buffer.AsSpan(0, _end), tag!));
        (_start, _safe, _end) = (0, 0, 0);
        return error;
    }

    // Bytes at the end that begin like a frame.
    private int PartialHead()
    {
        var tail = _buffer.AsSpan(0, _end);
        for (int length = Math.Min(_head.Length - 1, _end); length > 0; length--)
            if (tail[^length..].SequenceEqual(_head.AsSpan(0, length))) return length;
        return 0;
    }

    private async ValueTask<int> ReadSource(Memory<byte> target, CancellationToken cancel)
    {
        try
        {
            return await source.ReadAsync(target, cancel);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or SocketException)
        {
            throw new EngineException(EngineError.NetworkError, "NETWORK_ERROR", $"The connection to the engine broke before the answer was complete: {error.Message}", error);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously: the engine's answer comes over a socket.");

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose();
        base.Dispose(disposing);
    }
}
