using System.CommandLine;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Waybill.Options;

/// <summary><c>--ca</c>, <c>--client-certificate</c> and <c>--client-key</c>: whom a command trusts on https, and what it shows there.</summary>
/// <remarks>The environment's names for exporters hold too, so that a pipeline which sends telemetry needs nothing else.</remarks>
internal static class TlsOption
{
    public static readonly Option<string?> Authority = New("--ca", "Certificates (PEM) of the authority that signed the server's. Also environment WAYBILL_CA or OTEL_EXPORTER_OTLP_CERTIFICATE.");
    public static readonly Option<string?> Certificate = New("--client-certificate", "Client certificate (PEM) for a server that takes or requires one. Also environment OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE.");
    public static readonly Option<string?> Key = New("--client-key", "Its private key (PEM). Also environment OTEL_EXPORTER_OTLP_CLIENT_KEY.");

    private static string? s_authority = Environment("WAYBILL_CA") ?? Environment("OTEL_EXPORTER_OTLP_CERTIFICATE");
    private static string? s_certificate = Environment("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"), s_key = Environment("OTEL_EXPORTER_OTLP_CLIENT_KEY");

    public static void Take(ParseResult parsed)
    {
        s_authority = parsed.GetValue(Authority) ?? s_authority;
        s_certificate = parsed.GetValue(Certificate) ?? s_certificate;
        s_key = parsed.GetValue(Key) ?? s_key;
    }

    /// <summary>For connections to a server, over https as the options say.</summary>
    /// <exception cref="CommandFailure">A file cannot be used.</exception>
    public static SocketsHttpHandler Handler(bool useProxy = false) => new() { UseProxy = useProxy, ConnectTimeout = TimeSpan.FromSeconds(5), SslOptions = Read() };

    /// <summary>Why a connection failed, when that was TLS; null otherwise.</summary>
    public static string? Explain(HttpRequestException e, Uri server)
    {
        if (e.HttpRequestError != HttpRequestError.SecureConnectionError) return null;
        string said = Terminal.Visible.Of(e.GetBaseException().Message.TrimEnd('.'));
        return $"No TLS connection to {server}: {said}. Is its certificate signed by an authority that this machine does not know? Name that one's file with --ca or WAYBILL_CA. A server without TLS is at http://.";
    }

    private static SslClientAuthenticationOptions Read()
    {
        var options = new SslClientAuthenticationOptions();
        if (s_authority is not null)
        {
            var trusted = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            Use("--ca", s_authority, () => trusted.CustomTrustStore.ImportFromPemFile(s_authority));
            if (trusted.CustomTrustStore.Count == 0) throw new CommandFailure($"--ca: {s_authority} holds no certificate in PEM.");
            options.CertificateChainPolicy = trusted;
        }
        if (s_certificate is not null)
            Use("--client-certificate", s_certificate, () =>
            {
                X509Certificate2Collection chain = [];
                chain.ImportFromPemFile(s_certificate);
                options.ClientCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(s_certificate, s_key ?? s_certificate), chain, offline: true);
            });
        return options;
    }

    private static void Use(string option, string file, Action use)
    {
        try
        {
            use();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CommandFailure($"{option}: {file} cannot be used: {e.Message}");
        }
    }

    private static Option<string?> New(string name, string description) => new(name) { Description = description, HelpName = "FILE", Recursive = true };

    private static string? Environment(string name) => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
