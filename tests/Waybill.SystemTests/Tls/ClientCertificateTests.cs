using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Waybill.Access;
using Waybill.Ingest;
using Waybill.Web;

namespace Waybill.Tls;

/// <summary>Senders known by their certificates: the tenant comes from <c>access.yaml</c>, what is wrong is answered so that it can be mended.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private const string Policy =
        """
        bindings:
          - { certificate: "spiffe://prod/agents/*", role: sender, tenant: acme }
          - { certificate: collector.blue.test, role: sender, tenant: blue }
          - { certificate: old-agent, role: sender, tenant: acme }
          - { certificate: reader, role: viewer, tenant: acme }
        """;

    private readonly Authority _authority = new(), _clients = new("Agents");
    private readonly CertificateFiles _files = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _clients.Dispose();
        _files.Dispose();
    }

    private Task<GuardedServer> Start(bool required = false, Action<IServiceCollection>? services = null)
    {
        Dictionary<string, string?> settings = _files.Server(_authority.Server("localhost"));
        settings["Tls:ClientAuthorities"] = _files.Write("clients.pem", _clients.Root.ExportCertificatePem());
        settings["Tls:ClientCertificateRequired"] = required ? "true" : "false";
        return GuardedServer.Start(Policy, settings, services);
    }

    private HttpClient Http(GuardedServer server, X509Certificate2? shown) => TlsClient.Http(server.Server.Ports.OtlpHttp, _authority, shown: shown);

    private static async Task<(HttpStatusCode Status, string Body)> Send(HttpClient http, string? tenant = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = new StringContent(IngestServer.OneSpanJson, System.Text.Encoding.UTF8, "application/json") };
        if (tenant is not null) request.Headers.Add("X-Scope-OrgID", tenant);
        if (key is not null) request.Headers.Add("api-key", key);
        using HttpResponseMessage answer = await http.SendAsync(request, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData("spiffe://prod/agents/web", null, "anything", "acme")]
    [InlineData(null, "collector.blue.test", "anything", "blue")]
    [InlineData(null, null, "old-agent", "acme")]
    public async Task The_tenant_is_that_of_the_certificate(string? uri, string? dns, string common, string tenant)
    {
        await using GuardedServer server = await Start();
        using HttpClient http = Http(server, _clients.Client(uri, dns, common));
        Assert.Equal(HttpStatusCode.OK, (await Send(http)).Status);
        Assert.Single(server.Server.Services.GetRequiredService<Senders>().Latest(10, tenant));
        Assert.Equal(HttpStatusCode.OK, (await Send(http, tenant)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(http, tenant == "acme" ? "blue" : "acme")).Status);   // a header chooses, and grants nothing

        using HttpClient grpc = TlsClient.Http(server.Server.Ports.OtlpGrpc, _authority, shown: _clients.Client(uri, dns, common), http: HttpVersion.Version20);
        Assert.Equal("0", (await grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan))).Status);
    }

    [Fact]
    public async Task A_good_certificate_that_nothing_is_granted_to_is_told_which_binding_it_lacks()
    {
        await using GuardedServer server = await Start();
        using HttpClient http = Http(server, _clients.Client("spiffe://test/agents/web"));
        var (status, body) = await Send(http);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        using (JsonDocument said = JsonDocument.Parse(body)) Assert.Contains("nothing is granted to 'spiffe://test/agents/web'", said.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        using HttpClient grpc = TlsClient.Http(server.Server.Ports.OtlpGrpc, _authority, shown: _clients.Client("spiffe://test/agents/web"), http: HttpVersion.Version20);
        GrpcAnswer called = await grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan));
        Assert.Equal("7", called.Status);   // PERMISSION_DENIED
        Assert.Equal((1, 1), (server.Server.Counters.Refused(Protocol.OtlpHttpJson, RefusalReason.Forbidden), server.Server.Counters.Refused(Protocol.OtlpGrpc, RefusalReason.Forbidden)));

        // The right to read is none to send; and where an authority has checked a URI, the common name is only a word.
        using HttpClient reader = Http(server, _clients.Client(common: "reader"));
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(reader)).Status);
        using HttpClient pretender = Http(server, _clients.Client("spiffe://test/agents/web", common: "old-agent"));
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(pretender)).Status);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_believed_is_refused_in_the_handshake_and_counted()
    {
        await using GuardedServer server = await Start();
        using var stranger = new Authority("Agents");   // the same name, another key
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        (X509Certificate2 Shown, TlsRefusal Reason)[] cases =
        [
            (stranger.Client("spiffe://prod/agents/web"), TlsRefusal.ClientAuthority),
            (_authority.Client("spiffe://prod/agents/web"), TlsRefusal.ClientAuthority),   // the server's own authority vouches for servers only
            (_clients.Client("spiffe://prod/agents/web", from: now.AddDays(-9), until: now.AddDays(-1)), TlsRefusal.ClientExpired),
            (_clients.Client("spiffe://prod/agents/web", from: now.AddDays(1), until: now.AddDays(9)), TlsRefusal.ClientNotYetValid),
            (_clients.Client("spiffe://prod/agents/web", usage: Authority.ServerUsage), TlsRefusal.ClientUsage),
        ];
        var counts = server.Server.Services.GetRequiredService<HandshakeCounts>();
        foreach (var (shown, reason) in cases)
        {
            long before = counts.Of(Listener.OtlpHttp, reason);
            using HttpClient http = Http(server, shown);
            await Assert.ThrowsAsync<HttpRequestException>(() => Send(http));
            await IngestServer.Until(() => counts.Of(Listener.OtlpHttp, reason) > before);
        }
        Assert.Equal(cases.Length, counts.Latest().Length);
        Assert.Equal(("otlp_http", "127.0.0.1", "client_usage"), (counts.Latest()[0].Listener, counts.Latest()[0].Peer, counts.Latest()[0].Reason));
        Assert.Equal(0, server.Server.Counters.Requests(Signal.Traces, Protocol.OtlpHttpJson));
    }

    [Fact]
    public async Task A_key_is_enough_where_certificates_are_not_required()
    {
        await using GuardedServer server = await Start();
        string key = server.AddToken(Grant.Of("sender", "acme"), key: true);
        using HttpClient http = Http(server, null);
        Assert.Equal(HttpStatusCode.OK, (await Send(http, key: key)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(http)).Status);
    }

    [Fact]
    public async Task A_key_is_not_enough_where_they_are()
    {
        await using GuardedServer server = await Start(required: true);
        string key = server.AddToken(Grant.Of("sender", "blue"), key: true);
        using HttpClient without = Http(server, null);
        await Assert.ThrowsAsync<HttpRequestException>(() => Send(without, key: key));
        var counts = server.Server.Services.GetRequiredService<HandshakeCounts>();
        await IngestServer.Until(() => counts.Of(Listener.OtlpHttp, TlsRefusal.ClientMissing) == 1);

        using HttpClient with = Http(server, _clients.Client("spiffe://prod/agents/web"));
        Assert.Equal(HttpStatusCode.OK, (await Send(with)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Send(with, key: key)).Status);   // the key says whose it is: one agent may send for several
        Assert.Single(server.Server.Services.GetRequiredService<Senders>().Latest(10, "blue"));

        // The console asks for no certificate, and the server's own test trace still comes through the front door.
        using HttpClient console = TlsClient.Http(server.Server.Ports.Console, _authority);
        string token = server.AddToken(Grant.Of("admin", "acme"));
        using HttpResponseMessage sent = await server.Ask(HttpMethod.Post, "/api/connect/test-trace", token, door: console);
        Assert.True(sent.StatusCode == HttpStatusCode.OK, await sent.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_certificate_that_expires_while_its_connection_is_open_sends_no_more()
    {
        var clock = new SteppedClock();
        await using GuardedServer server = await Start(services: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        DateTimeOffset now = clock.GetUtcNow();
        using HttpClient http = Http(server, _clients.Client("spiffe://prod/agents/web", from: now.AddHours(-1), until: now.AddHours(1)));
        Assert.Equal(HttpStatusCode.OK, (await Send(http)).Status);
        clock.Advance(TimeSpan.FromHours(2));
        var (status, body) = await Send(http);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("has expired", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_binding_that_is_taken_away_holds_at_the_next_request()
    {
        await using GuardedServer server = await Start();
        using HttpClient http = Http(server, _clients.Client(dns: "collector.blue.test"));
        Assert.Equal(HttpStatusCode.OK, (await Send(http)).Status);
        string path = server.Server.Services.GetRequiredService<PolicyFile>().Path;
        await File.WriteAllTextAsync(path, Policy.Replace("  - { certificate: collector.blue.test, role: sender, tenant: blue }\n", "", StringComparison.Ordinal), Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(http)).Status);
    }

    [Fact]
    public async Task The_file_of_authorities_is_read_again()
    {
        await using GuardedServer server = await Start();
        using var next = new Authority("Agents of next year");
        using HttpClient early = Http(server, next.Client("spiffe://prod/agents/web"));
        await Assert.ThrowsAsync<HttpRequestException>(() => Send(early));
        _files.Write("clients.pem", _clients.Root.ExportCertificatePem() + "\n" + next.Root.ExportCertificatePem());
        var watched = server.Server.Services.GetRequiredService<WatchedFiles<ClientAuthorities>>();
        await IngestServer.Until(() => watched.Current.Subjects.Count == 2);
        using HttpClient late = Http(server, next.Client("spiffe://prod/agents/web")), still = Http(server, _clients.Client("spiffe://prod/agents/web"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await Send(late)).Status, (await Send(still)).Status));
    }

    [Fact]
    public async Task The_dotnet_SDK_sends_with_a_certificate()
    {
        await using GuardedServer server = await Start(required: true);
        using X509Certificate2 shown = _clients.Client("spiffe://prod/agents/web");
        using var source = new System.Diagnostics.ActivitySource("waybill.tests.mtls");
        using (TracerProvider tracer = Sdk.CreateTracerProviderBuilder().AddSource(source.Name).ConfigureResource(resource => resource.AddService("sdk-mtls"))
            .AddOtlpExporter(otlp =>
            {
                otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
                otlp.Endpoint = new Uri($"https://localhost:{server.Server.Ports.OtlpHttp}/v1/traces");
                otlp.HttpClientFactory = () => TlsClient.Http(server.Server.Ports.OtlpHttp, _authority, shown: shown);
            }).Build())
        {
            using (source.StartActivity("op")) { }
            Assert.True(tracer.ForceFlush(10_000));
        }
        Assert.Equal("sdk-mtls", Assert.Single(server.Server.Services.GetRequiredService<Senders>().Latest(10, "acme")).Service);
    }
}
