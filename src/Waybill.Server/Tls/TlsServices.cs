using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Waybill.Ingest;
using Waybill.Web;

namespace Waybill.Tls;

/// <summary>The certificate that is shown now.</summary>
/// <param name="ReadAt">When its files were read.</param>
/// <param name="Wrong">Why what the files hold now is not in force; null when it is.</param>
public sealed record CertificateView(string Subject, string Issuer, IReadOnlyList<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Sha256, DateTimeOffset ReadAt, string? Wrong);

/// <summary>Whose client certificates are taken.</summary>
public sealed record AuthoritiesView(IReadOnlyList<string> Subjects, bool Required, DateTimeOffset ReadAt, string? Wrong);

public sealed record RefusedHandshakes(string Listener, string Reason, long Connections);

/// <summary>TLS on the status page.</summary>
/// <param name="Refused">Connections that came to nothing before their first request, since the start.</param>
/// <param name="RefusedClients">The latest whose certificate was not taken.</param>
public sealed record TlsSection(bool On, string VersionMin, CertificateView? Certificate, AuthoritiesView? ClientAuthorities, RefusedHandshakes[] Refused, RefusedClient[] RefusedClients);

public static class TlsServices
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(14);

    public static void AddTls(this IServiceCollection services)
    {
        services.AddOptions<TlsOptions>().BindConfiguration("Tls").ValidateOnStart();
        services.AddSingleton<IValidateOptions<TlsOptions>, TlsOptionsValidator>();
        services.AddSingleton<IValidateOptions<TlsOptions>, TlsFilesCheck>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<TlsOptions>>().Value);
        services.AddSingleton<HandshakeCounts>();
        services.AddSingleton<SelfCertificate>();
        services.AddSingleton(provider => Certificate(provider.GetRequiredService<TlsOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ServerCertificate>>()));
        services.AddSingleton(provider => Authorities(provider.GetRequiredService<TlsOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ClientAuthorities>>()));
        services.AddSingleton(provider => new TlsDoors(provider.GetRequiredService<TlsOptions>(), provider.GetRequiredService<WatchedFiles<ServerCertificate>>(),
            provider.GetRequiredService<TlsOptions>().ClientAuthorities is null ? null : provider.GetRequiredService<WatchedFiles<ClientAuthorities>>(),
            provider.GetRequiredService<SelfCertificate>(), provider.GetRequiredService<HandshakeCounts>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TlsDoors>>()));
        services.AddSingleton(provider => new StatusSection("tls", () => Read(provider)) { Shape = typeof(TlsSection) });
        services.AddSingleton<MetricSource>(provider => text => Write(provider, text));
    }

    internal static WatchedFiles<ServerCertificate> Certificate(TlsOptions options, TimeProvider clock, ILogger log)
    {
        (string, string)[] files = options.Key is { } key ? [("Tls:Certificate", options.Certificate!), ("Tls:Key", key)] : [("Tls:Certificate", options.Certificate!)];
        return new WatchedFiles<ServerCertificate>(files, contents =>
        {
            ServerCertificate read = ServerCertificate.From(options, contents);
            DateTime until = read.Leaf.NotAfter.ToUniversalTime();
            if (until - clock.GetUtcNow().UtcDateTime < RenewBefore) TlsLog.Expires(log, read.Leaf.Subject, until);
            return read;
        }, clock, log);
    }

    internal static WatchedFiles<ClientAuthorities> Authorities(TlsOptions options, TimeProvider clock, ILogger log) =>
        new([("Tls:ClientAuthorities", options.ClientAuthorities!)], contents => new ClientAuthorities(options.ClientAuthorities!, contents[0]), clock, log);

    internal static TlsSection Read(IServiceProvider provider)
    {
        TlsOptions options = provider.GetRequiredService<TlsOptions>();
        HandshakeCounts counts = provider.GetRequiredService<HandshakeCounts>();
        CertificateView? shown = null;
        AuthoritiesView? clients = null;
        if (options.IsOn)
        {
            var files = provider.GetRequiredService<WatchedFiles<ServerCertificate>>();
            ServerCertificate current = files.Current;
            shown = new CertificateView(current.Leaf.Subject, current.Leaf.Issuer, current.Names, current.Leaf.NotBefore.ToUniversalTime(), current.Leaf.NotAfter.ToUniversalTime(),
                current.Leaf.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant(), files.ReadAt, files.Wrong);
        }
        if (options.ClientAuthorities is not null)
        {
            var files = provider.GetRequiredService<WatchedFiles<ClientAuthorities>>();
            clients = new AuthoritiesView(files.Current.Subjects, options.ClientCertificateRequired, files.ReadAt, files.Wrong);
        }
        return new TlsSection(options.IsOn, options.VersionMin, shown, clients,
            [.. counts.All().Where(one => one.Count > 0).Select(one => new RefusedHandshakes(one.Listener, one.Reason, one.Count))], counts.Latest());
    }

    private static void Write(IServiceProvider provider, PrometheusText text)
    {
        if (!provider.GetRequiredService<TlsOptions>().IsOn) return;
        var files = provider.GetRequiredService<WatchedFiles<ServerCertificate>>();
        text.Gauge("waybill_tls_certificate_not_after_timestamp_seconds", "When the server's certificate expires, in seconds since 1970.")
            .Sample(new DateTimeOffset(files.Current.Leaf.NotAfter.ToUniversalTime()).ToUnixTimeSeconds());
        text.Gauge("waybill_tls_certificate_refused", "1 while the certificate's files hold what cannot be used, so that the earlier one is still shown.").Sample(files.Wrong is null ? 0 : 1);
        text.Counter("waybill_tls_refused_total", "Connections that came to nothing before their first request.");
        foreach (var (listener, reason, count) in provider.GetRequiredService<HandshakeCounts>().All()) text.Sample(count, ("listener", listener), ("reason", reason));
    }
}

/// <summary>Reads the files once before anything starts: what is wrong with them is told with all other wrong settings.</summary>
internal sealed class TlsFilesCheck(TimeProvider clock) : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        var wrong = new List<string>();
        Try(options.IsOn, () => TlsServices.Certificate(options, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Try(options.ClientAuthorities is not null, () => TlsServices.Authorities(options, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Try(bool given, Action read)
        {
            try
            {
                if (given) read();
            }
            catch (TlsFileException e)
            {
                wrong.Add(e.Message);
            }
        }
    }
}
