using System.Net.Sockets;
using System.Text;

namespace Waybill.Fuzz;

/// <summary>One request as it goes over the wire.</summary>
internal sealed record RawRequest(string Path, string ContentType, byte[] Body, string? Encoding = null);

/// <summary>HTTP/1.1 on one connection, several requests on their way at a time: quick, and it shows how a server cuts its input.</summary>
internal sealed class PipelinedClient(Uri server) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;
    private int _start, _end;

    /// <summary>Sends all and reads as many answers, in order.</summary>
    /// <returns>Status codes; 0 from where on the server closed the connection.</returns>
    public async Task<int[]> Send(IReadOnlyList<RawRequest> requests, CancellationToken cancel)
    {
        if (_socket is null)
        {
            _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await _socket.ConnectAsync(server.Host, server.Port, cancel);
            _start = _end = 0;
        }
        Task sending = SendAll(_socket, requests, cancel);
        int[] statuses = new int[requests.Count];
        for (int i = 0; i < statuses.Length; i++)
        {
            (statuses[i], bool closes) = await ReadAnswer(_socket, cancel);
            if (!closes) continue;
            _socket.Dispose();
            _socket = null;
            break;
        }
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return statuses;
    }

    private async Task SendAll(Socket socket, IReadOnlyList<RawRequest> requests, CancellationToken cancel)
    {
        var bytes = new MemoryStream();
        foreach (var request in requests)
        {
            string encoding = request.Encoding is null ? "" : $"Content-Encoding: {request.Encoding}\r\n";
            bytes.Write(Encoding.ASCII.GetBytes($"POST {request.Path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: {request.ContentType}\r\n{encoding}Content-Length: {request.Body.Length}\r\n\r\n"));
            bytes.Write(request.Body);
        }
        await socket.SendAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancel);
    }

    private async Task<(int Status, bool Closes)> ReadAnswer(Socket socket, CancellationToken cancel)
    {
        int head;
        while ((head = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
            if (!await Fill(socket, cancel)) return (0, true);
        string text = Encoding.ASCII.GetString(_buffer, _start, head).ToLowerInvariant();
        Assert.StartsWith("http/1.1 ", text, StringComparison.Ordinal);
        int status = int.Parse(text.AsSpan(9, 3));
        _start += head + 4;

        bool whole = text.Contains("transfer-encoding: chunked", StringComparison.Ordinal) ? await SkipChunks(socket, cancel) : await Skip(socket, Length(text), cancel);
        return (status, !whole || text.Contains("connection: close", StringComparison.Ordinal));
    }

    // 7f\r\n ...127 bytes... \r\n 0\r\n \r\n
    private async Task<bool> SkipChunks(Socket socket, CancellationToken cancel)
    {
        while (true)
        {
            int line;
            while ((line = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
                if (!await Fill(socket, cancel)) return false;
            int length = Convert.ToInt32(Encoding.ASCII.GetString(_buffer, _start, line), 16);
            if (!await Skip(socket, line + 2 + length + 2, cancel)) return false;
            if (length == 0) return true;
        }
    }

    private async Task<bool> Skip(Socket socket, int count, CancellationToken cancel)
    {
        while (count > _end - _start)
        {
            count -= _end - _start;
            _start = _end;
            if (!await Fill(socket, cancel)) return false;
        }
        _start += count;
        return true;
    }

    private static int Length(string head)
    {
        const string Name = "content-length: ";
        int at = head.IndexOf(Name, StringComparison.Ordinal);
        if (at < 0) return 0;
        int end = head.IndexOf('\r', at);
        return int.Parse(end < 0 ? head[(at + Name.Length)..] : head[(at + Name.Length)..end]);
    }

    private async Task<bool> Fill(Socket socket, CancellationToken cancel)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        int read = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancel);
        _end += read;
        return read > 0;
    }

    public void Dispose() => _socket?.Dispose();
}
