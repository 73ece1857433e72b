using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Waybill.Access;
using Waybill.Ingest;

namespace Waybill.Egress;

/// <summary>Nobody makes this server call where he could not call himself (reliability.md E5). Real sockets on this machine count who comes.</summary>
public sealed class EgressTests : IAsyncLifetime
{
    private readonly List<TcpListener> _doors = [];
    private readonly CancellationTokenSource _closing = new();
    private int _came, _port;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        var first = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        _port = ((IPEndPoint)first.LocalEndpoint).Port;
        _doors.Add(first);
        if (Socket.OSSupportsIPv6)
        {
            var second = new TcpListener(IPAddress.IPv6Loopback, _port);
            second.Start();
            _doors.Add(second);
        }
        foreach (TcpListener door in _doors) _ = Count(door);
        return ValueTask.CompletedTask;
    }

    private async Task Count(TcpListener door)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                using TcpClient _ = await door.AcceptTcpClientAsync(_closing.Token);
                Interlocked.Increment(ref _came);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        foreach (TcpListener door in _doors) door.Dispose();
        _closing.Dispose();
    }

    /// <summary>The forms in which people have reached what they should not; PORT is that of the door which counts.</summary>
    public static TheoryData<string> Forms =>
    [
        // this machine
        "http://127.0.0.1:PORT/", "http://127.1:PORT/", "http://127.0.1:PORT/", "http://127.255.255.254:PORT/", "http://localhost:PORT/", "http://LOCALHOST:PORT/", "http://localhost.:PORT/",
        "http://2130706433:PORT/", "http://017700000001:PORT/", "http://0x7f000001:PORT/", "http://0x7f.0.0.1:PORT/", "http://0177.0.0.1:PORT/", "http://0x7f.1:PORT/", "http://127.0.0.1.:PORT/",
        "http://0.0.0.0:PORT/", "http://0:PORT/", "http://[::1]:PORT/", "http://[::]:PORT/", "http://[0:0:0:0:0:0:0:1]:PORT/", "http://[0000::1]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/", "http://[::ffff:7f00:1]:PORT/", "http://[::127.0.0.1]:PORT/", "http://[64:ff9b::7f00:1]:PORT/", "http://[64:ff9b:1::1]:PORT/", "http://[2002:7f00:1::]:PORT/",
        "http://[::ffff:0:127.0.0.1]:PORT/", "http://[2001:0:7f00:1::]:PORT/",
        "http://①②⑦.⓪.⓪.①:PORT/", "http://127。0。0。1:PORT/", "http://ⓛocalhost:PORT/",
        "https://127.0.0.1:PORT/", "https://[::1]:PORT/", "https://localhost:PORT/",
        // names that lead there
        "http://loop.test:PORT/", "http://loop6.test:PORT/", "http://mapped.test:PORT/", "http://mixed.test:PORT/", "http://rebind.test:PORT/", "http://zone.test:PORT/",
        // user names before the host, and what looks like another host
        "http://public.test@127.0.0.1:PORT/", "http://public.test:80@127.0.0.1:PORT/", "http://user:pass@public.test:PORT/", "http://127.0.0.1:PORT#@public.test/", "http://127.0.0.1:PORT?@public.test/",
        "http://127.0.0.1:PORT\\@public.test/", "http://public.test@loop.test:PORT/",
        // networks of this machine
        "http://10.0.0.1:PORT/", "http://10.255.255.255:PORT/", "http://172.16.0.1:PORT/", "http://172.31.255.255:PORT/", "http://192.168.1.1:PORT/", "http://100.64.0.1:PORT/", "http://100.127.255.255:PORT/",
        "http://198.18.0.1:PORT/", "http://167772161:PORT/", "http://[fc00::1]:PORT/", "http://[fd12:3456::1]:PORT/", "http://[::ffff:10.0.0.1]:PORT/", "http://ten.test:PORT/",
        // where clouds keep the machine's credentials
        "http://169.254.169.254:PORT/latest/meta-data/", "http://[fd00:ec2::254]:PORT/", "http://[fd20:ce::254]:PORT/", "http://2852039166:PORT/", "http://0xa9fea9fe:PORT/", "http://0251.0376.0251.0376:PORT/", "http://[::ffff:a9fe:a9fe]:PORT/",
        "http://168.63.129.16:PORT/", "http://100.100.100.200:PORT/", "http://192.0.0.192:PORT/", "http://metadata.test:PORT/", "http://[fe80::1]:PORT/",
        // nobody's
        "http://224.0.0.1:PORT/", "http://239.255.255.250:PORT/", "http://255.255.255.255:PORT/", "http://240.0.0.1:PORT/", "http://[ff02::1]:PORT/", "http://[fec0::1]:PORT/", "http://192.0.2.1:PORT/", "http://[2001:db8::1]:PORT/", "http://[100::1]:PORT/",
        // other schemes
        "file:///etc/passwd", "gopher://127.0.0.1:PORT/_", "ftp://127.0.0.1:PORT/", "dict://127.0.0.1:PORT/", "ldap://127.0.0.1:PORT/", "jar:http://127.0.0.1:PORT!/", "unix:///run/docker.sock", "//127.0.0.1:PORT/",
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_target_that_a_user_sets_reaches_nothing_internal(string form)
    {
        var made = new List<IPEndPoint>();
        OutgoingCalls calls = Calls(made);
        if (Uri.TryCreate(form.Replace("PORT", $"{_port}", StringComparison.Ordinal), UriKind.Absolute, out Uri? target))
        {
            using HttpClient http = calls.ForUsers();
            for (int i = 0; i < 2; i++)   // a name that answers otherwise the second time
                await Assert.ThrowsAnyAsync<Exception>(() => http.GetAsync(target, Cancel));
        }
        Assert.DoesNotContain(made, to => AddressKinds.Of(to.Address) != AddressKind.Public);
        Assert.Equal(0, Volatile.Read(ref _came));
    }

    [Fact]
    public void There_are_eighty_forms_and_more() => Assert.InRange(Forms.Count, 80, 200);

    [Fact]
    public async Task The_door_that_counts_does_count()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port, Cancel);
        await IngestServer.Until(() => Volatile.Read(ref _came) == 1);
    }

    [Fact]
    public async Task A_public_name_is_called_at_an_address_that_was_judged()
    {
        var made = new List<IPEndPoint>();
        OutgoingCalls calls = Calls(made);
        await using NetworkStream stream = await calls.Connect("mixed.test", _port, named: false, Cancel);   // 10.0.0.1 and a public one
        Assert.Equal("93.184.216.34", Assert.Single(made).Address.ToString());
    }

    [Fact]
    public async Task Redirects_are_answers_and_not_followed()
    {
        await using WebApplication site = await Site(http =>
        {
            http.Response.Redirect($"http://127.0.0.1:{_port}/");
            return Task.CompletedTask;
        });
        OutgoingCalls calls = Calls([], sitePort: new Uri(site.Urls.First()).Port);
        using HttpClient http = calls.ForUsers();
        using HttpResponseMessage answer = await http.GetAsync(new Uri("http://public.test/"), Cancel);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(0, Volatile.Read(ref _came));
    }

    [Theory]
    [InlineData("127.0.0.1", "http://127.0.0.1:PORT/", true)]
    [InlineData("127.0.0.0/8", "http://loop.test:PORT/", true)]
    [InlineData("loop.test", "http://loop.test:PORT/", true)]
    [InlineData("*.test", "http://loop.test:PORT/", true)]
    [InlineData("loop.test", "http://127.0.0.1:PORT/", false)]
    [InlineData("test", "http://loop.test:PORT/", false)]
    [InlineData("*.test", "http://metadata.test:PORT/", false)]   // a name opens no door to a machine's credentials
    [InlineData("10.0.0.0/8", "http://127.0.0.1:PORT/", false)]
    public async Task The_operator_s_exceptions_hold_and_no_more(string allowed, string target, bool reached)
    {
        OutgoingCalls calls = Calls([], allow: [allowed]);
        using HttpClient http = calls.ForUsers();
        await Assert.ThrowsAnyAsync<Exception>(() => http.GetAsync(new Uri(target.Replace("PORT", $"{_port}", StringComparison.Ordinal)), Cancel));   // the door says nothing, but counts
        if (reached) await IngestServer.Until(() => Volatile.Read(ref _came) > 0);
        else Assert.Equal(0, Volatile.Read(ref _came));
    }

    [Fact]
    public async Task What_the_operator_named_may_be_internal_but_not_what_it_names_in_turn()
    {
        var asked = new List<string>();
        string? issuer = null;
        await using WebApplication provider = await Site(http =>
        {
            asked.Add(http.Request.Path);
            // The discovery document of a provider that was taken over: its keys are said to lie where it cannot go itself.
            return http.Response.WriteAsJsonAsync(new { issuer, authorization_endpoint = $"{issuer}/auth", token_endpoint = $"{issuer}/token", jwks_uri = $"https://127.0.0.1:{_port}/keys" }, Cancel);
        });
        issuer = provider.Urls.First();
        await using GuardedServer server = await GuardedServer.Start($"oidc: {{ issuer: \"{issuer}\", audience: waybill }}");
        using HttpResponseMessage answer = await server.Ask(HttpMethod.Get, "/api/services", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("/.well-known/openid-configuration", Assert.Single(asked));
        Assert.Equal(0, Volatile.Read(ref _came));
        Assert.Equal(1, server.Server.Services.GetRequiredService<OutgoingCalls>().Refused);
    }

    [Fact]
    public void Nothing_else_in_the_server_opens_connections()
    {
        // What may: this room; the server's door to itself; and the CLI is not the server.
        string[] allowed = ["Egress/OutgoingCalls.cs", "Connect/OwnDoor.cs"];
        string root = Path.Combine(Repository(), "src", "Waybill.Server");
        string[] found = [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(path => Openers.Any(File.ReadAllText(path).Contains))
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        Assert.Equal(allowed.Order(StringComparer.Ordinal), found);
    }

    private static readonly string[] Openers = ["new HttpClient", "SocketsHttpHandler", "HttpClientHandler", "new Socket(", "TcpClient(", "UdpClient(", "ClientWebSocket", "Dns.Get"];

    private static string Repository()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Waybill.slnx"))) at = at.Parent;
        return at?.FullName ?? throw new InvalidOperationException("The tests do not run in the repository.");
    }

    /// <summary>Names of this test, all others as the system resolves them; connections to public addresses come here, to the site or to nobody.</summary>
    private static OutgoingCalls Calls(List<IPEndPoint> made, string[]? allow = null, int? sitePort = null)
    {
        int rebound = 0;
        async Task<IPAddress[]> Resolve(string host, CancellationToken cancel) => host switch
        {
            "public.test" => [IPAddress.Parse("93.184.216.34")],
            "loop.test" => [IPAddress.Loopback],
            "loop6.test" => [IPAddress.IPv6Loopback],
            "mapped.test" => [IPAddress.Parse("::ffff:127.0.0.1")],
            "zone.test" => [IPAddress.Parse("fe80::1%1")],
            "ten.test" => [IPAddress.Parse("10.0.0.1")],
            "mixed.test" => [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("93.184.216.34")],
            "metadata.test" => [IPAddress.Parse("169.254.169.254")],
            // Public for who checks, this machine for who then connects.
            "rebind.test" => Interlocked.Increment(ref rebound) % 2 == 1 ? [IPAddress.Parse("93.184.216.34")] : [IPAddress.Loopback],
            _ => await Dns.GetHostAddressesAsync(host, cancel),
        };
        async ValueTask<NetworkStream> Connect(IPEndPoint to, CancellationToken cancel)
        {
            lock (made) made.Add(to);
            if (AddressKinds.Of(to.Address) != AddressKind.Public) return await EgressNetwork.Real.Connect(to, cancel);
            if (sitePort is { } port) return await EgressNetwork.Real.Connect(new IPEndPoint(IPAddress.Loopback, port), cancel);
            var nobody = new TcpListener(IPAddress.Loopback, 0);   // connects, and then says nothing
            nobody.Start();
            NetworkStream stream = await EgressNetwork.Real.Connect((IPEndPoint)nobody.LocalEndpoint, cancel);
            nobody.Stop();
            return stream;
        }
        return new OutgoingCalls(new EgressOptions { Allow = allow ?? [] }, new EgressNetwork(Resolve, Connect), TimeProvider.System, NullLogger<OutgoingCalls>.Instance);
    }

    private static async Task<WebApplication> Site(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(answer);
        await app.StartAsync(Cancel);
        return app;
    }
}
