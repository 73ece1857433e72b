using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Waybill.Tls;

namespace Waybill.Connect;

/// <summary>How this server sends to itself: with TLS it takes its own certificate and no other, whatever names that is for.</summary>
internal sealed class OwnDoor(TlsOptions tls, SelfCertificate self, IServiceProvider services) : IDisposable
{
    public HttpClient Http { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5),
        SslOptions = tls.IsOn
            ? new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) => IsOwn(services, shown),
                ClientCertificates = [self.Certificate], LocalCertificateSelectionCallback = (_, _, _, _, _) => self.Certificate,
            }
            : new SslClientAuthenticationOptions(),
    })
    { Timeout = TimeSpan.FromSeconds(30) };

    private static bool IsOwn(IServiceProvider services, X509Certificate? shown) =>
        shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(services.GetRequiredService<WatchedFiles<ServerCertificate>>().Current.Leaf.RawData);

    public void Dispose() => Http.Dispose();
}
