using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Waybill.Tls;

/// <summary>A certificate authority for one test.</summary>
internal sealed class Authority : IDisposable
{
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1", ClientUsage = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public Authority(string name = "Test Root")
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Root = request.CreateSelfSigned(Now.AddYears(-10), Now.AddYears(10));
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Server(string name, DateTimeOffset? from = null, DateTimeOffset? until = null) =>
        Issue($"CN={name}", names => { names.AddDnsName(name); if (name == "localhost") names.AddIpAddress(IPAddress.Loopback); }, ServerUsage, from, until);

    public X509Certificate2 Client(string? uri = null, string? dns = null, string common = "agent", string usage = ClientUsage, DateTimeOffset? from = null, DateTimeOffset? until = null) =>
        Issue($"CN={common}", uri is null && dns is null ? null : names =>
        {
            if (uri is not null) names.AddUri(new Uri(uri));
            if (dns is not null) names.AddDnsName(dns);
        }, usage, from, until);

    public X509Certificate2 Issue(string subject, Action<SubjectAlternativeNameBuilder>? name, string usage, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            name(names);
            request.CertificateExtensions.Add(names.Build());
        }
        using X509Certificate2 signed = request.Create(Root, from ?? Now.AddDays(-1), until ?? Now.AddDays(90), RandomNumberGenerator.GetBytes(12));
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Takes certificates of this authority, and no other.</summary>
    public X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(Root);
        return policy;
    }

    public void Dispose() => Root.Dispose();
}

/// <summary>Files of certificates in a directory of one test.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("wb-tls-");

    public string this[string name] => Path.Combine(_directory.FullName, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Writes <c>server.pem</c> and <c>server.key</c>.</summary>
    public Dictionary<string, string?> Server(X509Certificate2 certificate)
    {
        Write("server.key", KeyPem(certificate));
        Write("server.pem", certificate.ExportCertificatePem());
        return new() { ["Tls:Certificate"] = this["server.pem"], ["Tls:Key"] = this["server.key"] };
    }

    public static string KeyPem(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
