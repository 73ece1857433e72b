using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Waybill.Tls;

/// <summary>Clients that believe one authority, and may show a certificate.</summary>
internal static class TlsClient
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Asks for a host by name and reaches this machine.</summary>
    public static HttpClient Http(int port, Authority trusted, string host = "localhost", X509Certificate2? shown = null, SslProtocols versions = SslProtocols.None, bool keep = true, Version? http = null) =>
        new(new SocketsHttpHandler
        {
            UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = keep ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            SslOptions = Options(host, trusted, shown, versions),
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri($"https://{host}:{port}"), Timeout = TimeSpan.FromSeconds(30),
            DefaultRequestVersion = http ?? HttpVersion.Version20, DefaultVersionPolicy = http is null ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact,
        };

    /// <summary>A handshake alone.</summary>
    public static async Task<SslStream> Shake(int port, Authority trusted, string host = "localhost", X509Certificate2? shown = null, SslProtocols versions = SslProtocols.None)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(Options(host, trusted, shown, versions), Cancel);
        return stream;
    }

    private static SslClientAuthenticationOptions Options(string host, Authority trusted, X509Certificate2? shown, SslProtocols versions)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = trusted.Policy(), EnabledSslProtocols = versions };
        if (shown is not null) options.ClientCertificateContext = SslStreamCertificateContext.Create(shown, null, offline: true);
        return options;
    }

    /// <summary>Sends bytes to a port and reads what comes back until it ends.</summary>
    public static async Task<byte[]> Exchange(int port, byte[] sent)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(sent, Cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        byte[] answer = new byte[16 * 1024];
        int length = 0;
        try
        {
            for (int read; length < answer.Length && (read = await stream.ReadAsync(answer.AsMemory(length), patience.Token)) > 0;)
            {
                length += read;
                if (answer[0] == 22) break;   // a ServerHello: the rest is not needed
            }
        }
        catch (IOException)
        {
            // Reset: what was said before is here.
        }
        return answer[..length];
    }

    /// <summary>The first message of a client that speaks no newer version than this, by hand: today's libraries no longer write old ones.</summary>
    public static byte[] ClientHello(ushort version, params ushort[] suites)
    {
        byte[] extensions =
        [
            0, 10, 0, 4, 0, 2, 0, 23,               // groups: secp256r1
            0, 11, 0, 2, 1, 0,                      // point formats: uncompressed
            0, 13, 0, 6, 0, 4, 4, 3, 8, 4,          // signatures: ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256
        ];
        byte[] body =
        [
            (byte)(version >> 8), (byte)version, .. new byte[32], 0,
            (byte)(suites.Length * 2 >> 8), (byte)(suites.Length * 2), .. suites.SelectMany(suite => new[] { (byte)(suite >> 8), (byte)suite }),
            1, 0, 0, (byte)extensions.Length, .. extensions,
        ];
        byte[] handshake = [1, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
        return [22, 3, 1, (byte)(handshake.Length >> 8), (byte)handshake.Length, .. handshake];
    }
}
