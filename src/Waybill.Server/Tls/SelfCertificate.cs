using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Waybill.Tls;

/// <summary>The client certificate with which this server sends to itself (its test trace); of this run only, never stored.</summary>
internal sealed class SelfCertificate(TimeProvider clock)
{
    private readonly Lazy<X509Certificate2> _made = new(() =>
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = clock.GetUtcNow();
        return new CertificateRequest("CN=waybill itself", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
    });

    public X509Certificate2 Certificate => _made.Value;

    public bool Is(X509Certificate shown) => _made.IsValueCreated && shown.GetRawCertData().AsSpan().SequenceEqual(_made.Value.RawData);
}
