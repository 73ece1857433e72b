using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Waybill.Ingest;

/// <summary>HTTP/1.1 by hand: sends what is given and no more, and reads the answer. HttpClient would wait until its body is sent.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<RawHttp> Post(int port, string path, string headers, byte[] body)
    {
        var raw = new RawHttp();
        await raw._client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await raw.Send(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n"));
        await raw.Send(body);
        return raw;
    }

    public async Task Send(byte[] bytes) => await _client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>The answer's head and the part of its body that came with it.</summary>
    public async Task<string> Answer()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        byte[] buffer = new byte[64 * 1024];
        var text = new StringBuilder();
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = await _client.GetStream().ReadAsync(buffer, patience.Token);
            if (read == 0) break;
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        return text.ToString();
    }

    public void Dispose() => _client.Dispose();
}
