using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Waybill.Egress;

/// <summary>A call was not made, because of where it would have gone. The message may be shown to who asked for it.</summary>
public sealed class EgressRefusedException(string message) : IOException(message);

/// <summary>How names are resolved and connections made; of tests, another.</summary>
internal sealed record EgressNetwork(Func<string, CancellationToken, Task<IPAddress[]>> Resolve, Func<IPEndPoint, CancellationToken, ValueTask<NetworkStream>> Connect)
{
    public static EgressNetwork Real { get; } = new(Dns.GetHostAddressesAsync, async (to, cancel) =>
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });
}

/// <summary>
/// The one way out of this server (reliability.md E5). A name is resolved once, the addresses are judged, and the connection is made to an address that was judged: a
/// name that answers otherwise the next time (DNS rebinding) wins nothing. Redirects are not followed.
/// </summary>
/// <remarks>
/// Two kinds of targets. One that a user set, through the API or in telemetry, reaches public addresses only. One that the operator named in a file of this server may
/// be internal, for identity providers, collectors and witnesses mostly are; but what such a target refers to in turn (another host in a discovery document) may not.
/// Where clouds keep the machine's credentials nobody gets, unless Egress:Allow names the very address or network.
/// </remarks>
public sealed partial class OutgoingCalls
{
    private readonly AllowedTarget[] _allowed;
    private readonly TimeSpan _patience;
    private readonly EgressNetwork _network;
    private readonly TimeProvider _clock;
    private readonly ILogger<OutgoingCalls> _log;
    private long _connections, _refused;

    internal OutgoingCalls(EgressOptions options, EgressNetwork network, TimeProvider clock, ILogger<OutgoingCalls> log)
    {
        (_network, _clock, _log) = (network, clock, log);
        _allowed = [.. options.Allow.Select(AllowedTarget.Parse).OfType<AllowedTarget>()];
        _patience = TimeSpan.FromSeconds(options.ConnectTimeoutSeconds);
    }

    public long Connections => Interlocked.Read(ref _connections);
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>For targets that users set. The caller disposes it.</summary>
    public HttpClient ForUsers() => Client(_ => false, proxy: false);

    /// <summary>For targets that the operator named. The environment's proxy is used: the operator named that too.</summary>
    /// <param name="isNamed">Whether a target is one of them; asked for each connection, as files change.</param>
    public HttpClient ForOperator(Func<Uri, bool> isNamed) => Client(isNamed, proxy: true);

    /// <summary>Whether two addresses lead to the same door.</summary>
    public static bool IsSame(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);

    private HttpClient Client(Func<Uri, bool> isNamed, bool proxy)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = proxy, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = _patience,
            ConnectCallback = async (context, cancel) =>
            {
                Uri target = context.InitialRequestMessage.RequestUri!;
                // Only a proxy makes the two differ.
                bool direct = context.DnsEndPoint.Host.Trim('[', ']').Equals(target.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase) && context.DnsEndPoint.Port == target.Port;
                return await Connect(context.DnsEndPoint.Host, context.DnsEndPoint.Port, named: !direct || isNamed(target), cancel);
            },
        };
        var client = new HttpClient(new TargetCheck(this, handler)) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 1024 * 1024 };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Waybill", typeof(OutgoingCalls).Assembly.GetName().Version?.ToString(3)));
        return client;
    }

    /// <summary>Opens a connection that is not HTTP.</summary>
    /// <param name="named">Whether the operator named this host in a file.</param>
    /// <exception cref="EgressRefusedException">It would lead where nothing is called.</exception>
    public async ValueTask<NetworkStream> Connect(string host, int port, bool named, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(_patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        host = host.Trim('[', ']').TrimEnd('.');
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : await _network.Resolve(host, either.Token);
        IPAddress[] open = [.. addresses.Where(address => MayReach(host, address, named))];
        if (open.Length == 0) throw addresses.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : Refuse(host, addresses[0]);
        for (int i = 0; ; i++)
        {
            try
            {
                NetworkStream stream = await _network.Connect(new IPEndPoint(open[i], port), either.Token);
                Interlocked.Increment(ref _connections);
                return stream;
            }
            catch (SocketException) when (i < open.Length - 1)
            {
                // The next address, perhaps of the other family.
            }
        }
    }

    private bool MayReach(string host, IPAddress address, bool named) => Array.Exists(_allowed, target => target.Covers(address)) || AddressKinds.Of(address) switch
    {
        AddressKind.Public => true,
        AddressKind.Internal => named || Array.Exists(_allowed, target => target.Covers(host)),
        _ => false,
    };

    private EgressRefusedException Refuse(string host, IPAddress? address)
    {
        Interlocked.Increment(ref _refused);
        LogRefused(host, address);
        return new EgressRefusedException($"This server does not call {Web.Problems.Shorten(host)}: it is, or leads to, an internal or reserved address. An operator can list exceptions in Egress:Allow.");
    }

    [LoggerMessage(1, LogLevel.Warning, "A call to {Host} was refused: it leads to {Address}. Egress:Allow lists exceptions.")]
    private partial void LogRefused(string host, IPAddress? address);

    /// <summary>Looks at what a request names before anything is resolved.</summary>
    private sealed class TargetCheck(OutgoingCalls calls, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Wrong(request.RequestUri) is not { } wrong) return base.SendAsync(request, cancellationToken);
            Interlocked.Increment(ref calls._refused);
            throw new HttpRequestException(wrong, new EgressRefusedException(wrong));
        }
    }

    /// <summary>Why an address is not called whatever it leads to; null when it may be tried. To be asked too when somebody sets one.</summary>
    public static string? Wrong(Uri? target) => target switch
    {
        null or { IsAbsoluteUri: false } => "Write a whole address, as https://hooks.example.com/alerts.",
        { Scheme: not ("http" or "https") } => $"'{target.Scheme}' is not called, only http and https.",
        { UserInfo.Length: > 0 } => "An address with a user or password in it is not called: they would end up in logs.",
        { IdnHost.Length: 0 } => "The address names no host.",
        _ => null,
    };
}
