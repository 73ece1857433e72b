using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Waybill.Tls;

/// <summary>The authorities whose client certificates are taken: what a file holds.</summary>
internal sealed class ClientAuthorities
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _roots = [], _others = [];

    /// <exception cref="TlsFileException">It cannot be used.</exception>
    public ClientAuthorities(string path, byte[] pem)
    {
        X509Certificate2Collection all = [];
        try
        {
            all.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException e)
        {
            throw new TlsFileException($"Tls:ClientAuthorities: {path} cannot be read: {e.Message}");
        }
        foreach (X509Certificate2 certificate in all) (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) ? _roots : _others).Add(certificate);
        if (_roots.Count == 0)
            throw new TlsFileException($"Tls:ClientAuthorities: {path} holds no root certificate in PEM{(_others.Count > 0 ? ", only intermediate ones: add the root that signed them" : "")}.");
    }

    public IReadOnlyList<string> Subjects => [.. _roots.Select(root => root.Subject)];

    /// <summary>How a chain is built: from these roots alone, nothing fetched from where a stranger's certificate says.</summary>
    public X509ChainPolicy Policy(DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true,
            VerificationTime = now.UtcDateTime, VerificationTimeIgnored = false,
        };
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        policy.CustomTrustStore.AddRange(_roots);
        policy.ExtraStore.AddRange(_others);
        return policy;
    }
}
