using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Commands;
using Waybill.Ingest;
using Waybill.Web;

namespace Waybill.Tls;

/// <summary>TLS on the three listeners, with real sockets (reliability.md E9).</summary>
public sealed class TlsTests : IDisposable
{
    private const ushort Tls10 = 0x0301, Tls11 = 0x0302, Tls12 = 0x0303;
    private const ushort EcdheEcdsaAes128Gcm = 0xC02B, EcdheEcdsaAes128Sha = 0xC009, RsaNullSha256 = 0x003B, RsaExportRc4 = 0x0003, EcdheEcdsaNull = 0xC006, RsaRc4Sha = 0x0005, Rsa3Des = 0x000A, DhAnonAes = 0x0034;
    private const byte AlertRecord = 21, HandshakeRecord = 22, HandshakeFailure = 40, ProtocolVersion = 70;

    private readonly Authority _authority = new();
    private readonly CertificateFiles _files = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    private Task<IngestServer> Start(string name = "localhost") => IngestServer.Start(_files.Server(_authority.Server(name)));

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task All_three_listeners_speak_it(SslProtocols version)
    {
        await using IngestServer server = await Start();
        using HttpClient http = TlsClient.Http(server.Ports.OtlpHttp, _authority, versions: version), grpc = TlsClient.Http(server.Ports.OtlpGrpc, _authority, versions: version, http: HttpVersion.Version20), console = TlsClient.Http(server.Ports.Console, _authority, versions: version);
        using var span = new ByteArrayContent(IngestServer.OneSpan) { Headers = { ContentType = new("application/x-protobuf") } };
        using HttpResponseMessage sent = await http.PostAsync("/v1/traces", span, Cancel);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (sent.StatusCode, sent.Version));
        GrpcAnswer called = await grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan));
        Assert.Equal("0", called.Status);
        Assert.Equal("live\n", await console.GetStringAsync("/healthz", Cancel));
        foreach (int port in (int[])[server.Ports.OtlpGrpc, server.Ports.OtlpHttp, server.Ports.Console])
        {
            await using SslStream stream = await TlsClient.Shake(port, _authority, versions: version);
            Assert.Equal(version, stream.SslProtocol);
        }
    }

    [Fact]
    public async Task Clients_of_HTTP_1_are_served_too()
    {
        await using IngestServer server = await Start();
        using HttpClient http = TlsClient.Http(server.Ports.OtlpHttp, _authority, http: HttpVersion.Version11);
        using HttpResponseMessage sent = await IngestServer.Send(http, "/v1/traces", new ByteArrayContent(IngestServer.OneSpan), "application/x-protobuf");
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (sent.StatusCode, sent.Version));
    }

    [Fact]
    public async Task Old_versions_and_suites_that_hide_nothing_are_refused()
    {
        await using IngestServer server = await Start();
        foreach (Listener listener in Enum.GetValues<Listener>())
        {
            int port = listener switch { Listener.OtlpGrpc => server.Ports.OtlpGrpc, Listener.OtlpHttp => server.Ports.OtlpHttp, _ => server.Ports.Console };
            // The same by hand is taken when version and suite are good: what follows is refused for these alone.
            Assert.Equal(HandshakeRecord, (await TlsClient.Exchange(port, TlsClient.ClientHello(Tls12, EcdheEcdsaAes128Gcm)))[0]);
            foreach (ushort version in (ushort[])[Tls10, Tls11])
                Assert.Equal((AlertRecord, ProtocolVersion), Alert(await TlsClient.Exchange(port, TlsClient.ClientHello(version, EcdheEcdsaAes128Sha, EcdheEcdsaAes128Gcm))));
            foreach (ushort suite in (ushort[])[RsaNullSha256, EcdheEcdsaNull, RsaExportRc4, RsaRc4Sha, Rsa3Des, DhAnonAes])
                Assert.Equal((AlertRecord, HandshakeFailure), Alert(await TlsClient.Exchange(port, TlsClient.ClientHello(Tls12, suite))));
            var counts = server.Services.GetRequiredService<HandshakeCounts>();
            await IngestServer.Until(() => counts.Of(listener, TlsRefusal.Handshake) >= 8);
        }
    }

    [Fact]
    public async Task Only_the_newest_version_when_it_is_said_so()
    {
        var settings = _files.Server(_authority.Server("localhost"));
        settings["Tls:VersionMin"] = "1.3";
        await using IngestServer server = await IngestServer.Start(settings);
        await using (SslStream stream = await TlsClient.Shake(server.Ports.Console, _authority)) Assert.Equal(SslProtocols.Tls13, stream.SslProtocol);
        Assert.Equal((AlertRecord, ProtocolVersion), Alert(await TlsClient.Exchange(server.Ports.Console, TlsClient.ClientHello(Tls12, EcdheEcdsaAes128Gcm))));
    }

    [Fact]
    public async Task Who_speaks_without_TLS_is_told_so_in_his_own_protocol()
    {
        await using IngestServer server = await Start();
        string answer = Encoding.ASCII.GetString(await TlsClient.Exchange(server.Ports.OtlpHttp, Encoding.ASCII.GetBytes("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")));
        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("This port speaks TLS. Use https:// and the server's name.\n", answer, StringComparison.Ordinal);

        var grpc = await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.Grpc.Call(IngestServer.TracePath, GrpcClient.Frame(IngestServer.OneSpan)));
        Assert.Contains("PROTOCOL_ERROR", grpc.ToString(), StringComparison.Ordinal);
        Assert.Contains("This port speaks TLS", Encoding.ASCII.GetString(await TlsClient.Exchange(server.Ports.OtlpGrpc, Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))), StringComparison.Ordinal);
        Assert.Empty(await TlsClient.Exchange(server.Ports.Console, [0, 1, 2, 3]));

        var counts = server.Services.GetRequiredService<HandshakeCounts>();
        Assert.Equal((1, 1), (counts.Of(Listener.OtlpHttp, TlsRefusal.Plaintext), counts.Of(Listener.Console, TlsRefusal.Plaintext)));
        Assert.InRange(counts.Of(Listener.OtlpGrpc, TlsRefusal.Plaintext), 2, 20);   // the client tries again by itself
        Assert.Equal(0, server.Counters.Requests(Signal.Traces, Protocol.OtlpHttpProtobuf));
    }

    [Fact]
    public async Task Who_says_nothing_is_let_go()
    {
        var settings = _files.Server(_authority.Server("localhost"));
        settings["Tls:HandshakeTimeoutSeconds"] = "1";
        await using IngestServer server = await IngestServer.Start(settings);
        Assert.Empty(await TlsClient.Exchange(server.Ports.Console, []));
        Assert.Empty(await TlsClient.Exchange(server.Ports.Console, [22, 3, 1, 1, 0]));   // begins, and stops
        var counts = server.Services.GetRequiredService<HandshakeCounts>();
        Assert.Equal(1, counts.Of(Listener.Console, TlsRefusal.Timeout));
        await IngestServer.Until(() => counts.Of(Listener.Console, TlsRefusal.Handshake) == 1);
    }

    [Fact]
    public async Task Clients_that_look_find_a_wrong_name_a_stranger_s_certificate_and_an_expired_one()
    {
        await using IngestServer server = await Start("waybill.test");
        (await TlsClient.Shake(server.Ports.Console, _authority, "waybill.test")).Dispose();
        await Assert.ThrowsAsync<AuthenticationException>(() => TlsClient.Shake(server.Ports.Console, _authority, "other.test"));
        using var stranger = new Authority("Stranger");
        await Assert.ThrowsAsync<AuthenticationException>(() => TlsClient.Shake(server.Ports.Console, stranger, "waybill.test"));

        // An expired certificate is shown, with a warning in the log: a restart must not make it worse. Clients that look refuse it.
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await using IngestServer expired = await IngestServer.Start(_files.Server(_authority.Server("localhost", now.AddDays(-30), now.AddDays(-1))));
        await Assert.ThrowsAsync<AuthenticationException>(() => TlsClient.Shake(expired.Ports.Console, _authority));
    }

    [Fact]
    public async Task The_browser_is_told_to_come_by_TLS_alone_and_cookies_go_no_other_way()
    {
        var settings = _files.Server(_authority.Server("waybill.test"));
        await using GuardedServer server = await GuardedServer.Start(settings: settings);
        using HttpClient browser = TlsClient.Http(server.Server.Ports.Console, _authority, "waybill.test");
        using HttpResponseMessage page = await browser.GetAsync("/healthz", Cancel);
        Assert.Equal("max-age=31536000", Assert.Single(page.Headers.GetValues("Strict-Transport-Security")));

        using var content = new StringContent($$"""{"name":"ada","password":"{{GuardedServer.Password}}"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage signedIn = await browser.PostAsync("/api/session", content, Cancel);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        string[] cookies = [.. signedIn.Headers.GetValues("Set-Cookie")];
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-waybill-session=", StringComparison.Ordinal));
        Assert.All(cookies, cookie => Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase));

        // This machine's own names are shared with every other program on it.
        settings = _files.Server(_authority.Server("localhost"));
        await using IngestServer local = await IngestServer.Start(settings);
        using HttpClient developer = TlsClient.Http(local.Ports.Console, _authority);
        using HttpResponseMessage own = await developer.GetAsync("/healthz", Cancel);
        Assert.False(own.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_proxy_in_front_makes_cookies_and_headers_those_of_TLS()
    {
        await using GuardedServer server = await GuardedServer.Start(settings: new() { ["Tls:TerminatedInFront"] = "true" });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/session") { Content = new StringContent($$"""{"name":"ada","password":"{{GuardedServer.Password}}"}""", Encoding.UTF8, "application/json") };
        request.Headers.Host = "waybill.test";
        using HttpResponseMessage signedIn = await server.Server.Console.SendAsync(request, Cancel);
        Assert.All(signedIn.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.True(signedIn.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_losing_a_request_and_a_broken_one_is_not()
    {
        await using IngestServer server = await Start();
        using var renewed = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        int requests = 0;
        Task[] senders = [.. Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            // Half of them make a connection for each request, so that every moment of the change has its handshakes.
            using HttpClient http = TlsClient.Http(server.Ports.OtlpHttp, _authority, keep: sender % 2 == 0);
            while (!renewed.IsCancellationRequested)
            {
                try
                {
                    using HttpResponseMessage sent = await IngestServer.Send(http, "/v1/traces", new ByteArrayContent(IngestServer.OneSpan), "application/x-protobuf");
                    if (sent.StatusCode != HttpStatusCode.OK) failures.Enqueue($"{sent.StatusCode}");
                }
                catch (HttpRequestException e)
                {
                    failures.Enqueue(e.ToString());
                }
                Interlocked.Increment(ref requests);
            }
        }, Cancel))];
        try
        {
            var watched = server.Services.GetRequiredService<WatchedFiles<ServerCertificate>>();
            for (int i = 0; i < 2; i++)
            {
                using X509Certificate2 next = _authority.Server("localhost");
                // As renewals do it: one file after the other, so that for a moment they do not fit.
                await File.WriteAllTextAsync(_files["server.pem"], next.ExportCertificatePem(), Cancel);
                await Task.Delay(20, Cancel);
                await File.WriteAllTextAsync(_files["server.key"], CertificateFiles.KeyPem(next), Cancel);
                await IngestServer.Until(() => watched.Current.Leaf.Thumbprint == next.Thumbprint);
                Assert.Null(watched.Wrong);
                await using SslStream shown = await TlsClient.Shake(server.Ports.Console, _authority);
                Assert.Equal(next.Thumbprint, ((X509Certificate2)shown.RemoteCertificate!).Thumbprint);
            }

            string inForce = watched.Current.Leaf.Thumbprint;
            await File.WriteAllTextAsync(_files["server.pem"], "not a certificate", Cancel);
            await IngestServer.Until(() => watched is { Current: not null, Wrong: not null });
            Assert.Contains("holds no '-----BEGIN CERTIFICATE-----'", watched.Wrong, StringComparison.Ordinal);
            Assert.Equal(inForce, watched.Current.Leaf.Thumbprint);
            File.Delete(_files["server.key"]);
            await IngestServer.Until(() => watched is { Current: not null, Wrong: { } wrong } && wrong.Contains("there is no file", StringComparison.Ordinal));

            using X509Certificate2 mended = _authority.Server("localhost");
            _files.Server(mended);
            await IngestServer.Until(() => watched.Current.Leaf.Thumbprint == mended.Thumbprint && watched.Wrong is null);
            for (int i = 0; Volatile.Read(ref requests) < 2_000; i++)
            {
                Assert.True(i < 6_000, $"Only {requests} requests within a minute.");
                await Task.Delay(10, Cancel);
            }
        }
        finally
        {
            await renewed.CancelAsync();
            await Task.WhenAll(senders);
        }
        Assert.Empty(failures);
        Assert.InRange(requests, 2_000, int.MaxValue);
    }

    [Fact]
    public async Task Every_form_of_a_certificate_is_read()
    {
        using X509Certificate2 certificate = _authority.Server("localhost");
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        var encrypted = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000);
        _files.Write("one.pem", certificate.ExportCertificatePem() + "\n" + _authority.Root.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        _files.Write("locked.key", key.ExportEncryptedPkcs8PrivateKeyPem("open sesame", encrypted));
        _files.Write("server.pem", certificate.ExportCertificatePem());
        await File.WriteAllBytesAsync(_files["server.pfx"], certificate.Export(X509ContentType.Pkcs12, "open sesame"), Cancel);
        foreach (Dictionary<string, string?> settings in (Dictionary<string, string?>[])
        [
            new() { ["Tls:Certificate"] = _files["one.pem"] },
            new() { ["Tls:Certificate"] = _files["server.pem"], ["Tls:Key"] = _files["locked.key"], ["Tls:Password"] = "open sesame" },
            new() { ["Tls:Certificate"] = _files["server.pfx"], ["Tls:Password"] = "open sesame" },
        ])
        {
            await using IngestServer server = await IngestServer.Start(settings);
            await using SslStream shown = await TlsClient.Shake(server.Ports.Console, _authority);
            Assert.Equal(certificate.Thumbprint, ((X509Certificate2)shown.RemoteCertificate!).Thumbprint);
        }
    }

    public static TheoryData<string, string> WrongSettings => new()
    {
        { "Tls:Certificate=missing.pem", "Tls:Certificate: there is no file" },
        { "Tls:Certificate=empty.pem", "holds no '-----BEGIN CERTIFICATE-----'" },
        { "Tls:Certificate=server.pem", "Tls:Key: " },
        { "Tls:Certificate=server.pem Tls:Key=other.key", "does not hold the key of the first certificate" },
        { "Tls:Certificate=server.pem Tls:Key=missing.key", "Tls:Key: there is no file" },
        { "Tls:Certificate=server.pem Tls:Key=locked.key", "Give its password in WAYBILL_TLS__PASSWORD" },
        { "Tls:Certificate=server.pem Tls:Key=locked.key Tls:Password=wrong", "Tls:Password does not open" },
        { "Tls:Certificate=server.pfx", "cannot be opened as PKCS #12 without Tls:Password" },
        { "Tls:Certificate=server.pfx Tls:Password=wrong", "is Tls:Password right?" },
        { "Tls:Certificate=client.pem", "is not for servers: its extended key usage lacks serverAuth" },
        { "Tls:Key=server.key", "Tls:Key is set, but Tls:Certificate is not" },
        { "Tls:ClientAuthorities=root.pem", "Tls:ClientAuthorities is set, but Tls:Certificate is not" },
        { "Tls:Certificate=server.pem Tls:Key=server.key Tls:ClientAuthorities=empty.pem", "holds no root certificate in PEM" },
        { "Tls:Certificate=server.pem Tls:Key=server.key Tls:ClientCertificateRequired=true", "Tls:ClientAuthorities names no file" },
        { "Tls:Certificate=server.pem Tls:Key=server.key Tls:VersionMin=1.1", "VersionMin" },
        { "Tls:Certificate=server.pem Tls:Key=server.key Tls:TerminatedInFront=true", "exclude each other" },
    };

    [Theory]
    [MemberData(nameof(WrongSettings))]
    public async Task What_is_wrong_stops_the_start_and_is_named(string settings, string expected)
    {
        using X509Certificate2 certificate = _authority.Server("localhost"), other = _authority.Server("localhost"), client = _authority.Client();
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        _files.Server(certificate);
        _files.Write("empty.pem", "");
        _files.Write("root.pem", _authority.Root.ExportCertificatePem());
        _files.Write("other.key", CertificateFiles.KeyPem(other));
        _files.Write("locked.key", key.ExportEncryptedPkcs8PrivateKeyPem("open sesame", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000)));
        _files.Write("client.pem", client.ExportCertificatePem() + "\n" + CertificateFiles.KeyPem(client));
        await File.WriteAllBytesAsync(_files["server.pfx"], certificate.Export(X509ContentType.Pkcs12, "open sesame"), Cancel);
        Dictionary<string, string?> given = settings.Split(' ').Select(setting => setting.Split('='))
            .ToDictionary(pair => pair[0], string? (pair) => pair[1].Contains('.') && pair[0] != "Tls:VersionMin" ? _files[pair[1]] : pair[1]);
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(async () => await (await IngestServer.Start(given)).DisposeAsync());
        Assert.True(wrong.Message.Contains(expected, StringComparison.Ordinal), wrong.Message);
        Assert.DoesNotContain("open sesame", wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_others_can_reach_does_not_start_in_the_clear()
    {
        string policy = _files.Write("access.yaml", "bindings:\n  - { certificate: agent, role: sender }\n");
        Dictionary<string, string?> open = new() { ["Ports:Bind"] = "0.0.0.0", ["Access:PolicyFile"] = policy };
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(async () => await (await IngestServer.Start(open)).DisposeAsync());
        Assert.Contains("there is no TLS", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("WAYBILL_TLS__CERTIFICATE", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("WAYBILL_TLS__TERMINATEDINFRONT", wrong.Message, StringComparison.Ordinal);

        // Nothing is listened on: only the rule is asked.
        foreach (Dictionary<string, string?> closed in (Dictionary<string, string?>[])[new(_files.Server(_authority.Server("localhost"))), new() { ["Tls:TerminatedInFront"] = "true" }])
        {
            closed["Access:PolicyFile"] = policy;
            await using IngestServer server = await IngestServer.Start(closed);
            Assert.True(new BindPolicy(server.Services).Validate(null, new PortsOptions { Bind = "0.0.0.0" }).Succeeded);
        }
    }

    [Fact]
    public async Task The_status_page_and_the_metrics_tell_of_the_certificate()
    {
        using X509Certificate2 certificate = _authority.Server("localhost");
        await using IngestServer server = await IngestServer.Start(_files.Server(certificate), services => services.AddSingleton(provider => new StatusSection("tls", () => TlsServices.Read(provider))));
        using HttpClient console = TlsClient.Http(server.Ports.Console, _authority);
        await TlsClient.Exchange(server.Ports.OtlpHttp, Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"));
        using var status = System.Text.Json.JsonDocument.Parse(await console.GetStringAsync("/api/status", Cancel));
        var tls = status.RootElement.GetProperty("tls");
        Assert.True(tls.GetProperty("on").GetBoolean());
        Assert.Equal("CN=localhost", tls.GetProperty("certificate").GetProperty("subject").GetString());
        Assert.Equal(certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), tls.GetProperty("certificate").GetProperty("sha256").GetString());
        Assert.Equal("plaintext", Assert.Single(tls.GetProperty("refused").EnumerateArray()).GetProperty("reason").GetString());
        string metrics = await console.GetStringAsync("/metrics", Cancel);
        Assert.Contains($"waybill_tls_certificate_not_after_timestamp_seconds {new DateTimeOffset(certificate.NotAfter.ToUniversalTime()).ToUnixTimeSeconds()}\n", metrics, StringComparison.Ordinal);
        Assert.Contains("waybill_tls_refused_total{listener=\"otlp_http\",reason=\"plaintext\"} 1\n", metrics, StringComparison.Ordinal);
        using HttpResponseMessage connect = await console.GetAsync("/api/connect", Cancel);
        Assert.Contains("\"scheme\":\"https\"", await connect.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_take_the_authority_s_file_and_say_so_when_it_is_missing()
    {
        await using IngestServer server = await Start();
        string root = _files.Write("root.pem", _authority.Root.ExportCertificatePem());
        string at = $"--server https://localhost:{server.Ports.Console}";
        Ended good = await WaybillProgram.Run($"status {at} --ca {root} --output json");
        Assert.True(good.ExitCode == 0, good.Error);
        Ended fromEnvironment = await WaybillProgram.Run($"status {at} --output json", null, ("WAYBILL_CA", root));
        Assert.True(fromEnvironment.ExitCode == 0, fromEnvironment.Error);
        Ended unknown = await WaybillProgram.Run($"status {at}");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("--ca or WAYBILL_CA", unknown.Error, StringComparison.Ordinal);
        Ended plain = await WaybillProgram.Run($"status --server http://localhost:{server.Ports.Console}");
        Assert.Equal(1, plain.ExitCode);
        Ended sent = await WaybillProgram.Run($"deploy cart 1.2 --endpoint https://localhost:{server.Ports.OtlpHttp} --ca {root}");
        Assert.True(sent.ExitCode == 0, sent.Error);
    }

    private static (byte Record, byte Description) Alert(byte[] answer) => answer.Length >= 7 ? (answer[0], answer[6]) : throw new InvalidOperationException($"No alert but {Convert.ToHexString(answer)}.");
}
