using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Waybill.Access;

namespace Waybill.Tls;

/// <summary>The certificate that the listeners show, with its key and chain.</summary>
internal sealed class ServerCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        Leaf = leaf;
        // Offline: what is missing in the chain is not fetched from where the certificate says.
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    public X509Certificate2 Leaf { get; }

    public SslStreamCertificateContext Context { get; }

    /// <summary>Host names and addresses that clients may know this server by.</summary>
    public IReadOnlyList<string> Names =>
        Leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names ? [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())] : [];

    /// <summary>A name to show to people: this machine's own when it is good for it, else the first that a client can ask for.</summary>
    public string HostName => Leaf.MatchesHostname("localhost") ? "localhost" : Leaf.MatchesHostname("127.0.0.1") ? "127.0.0.1" : Names.FirstOrDefault(name => !name.Contains('*')) ?? "localhost";

    /// <summary>Reads PEM, or PKCS #12 by the file's ending.</summary>
    /// <param name="contents">Of the certificate's file, and of the key's when it has one of its own.</param>
    /// <exception cref="TlsFileException">It cannot be used.</exception>
    public static ServerCertificate From(TlsOptions options, byte[][] contents)
    {
        try
        {
            X509Certificate2Collection chain = [];
            X509Certificate2 leaf = Path.GetExtension(options.Certificate)?.ToLowerInvariant() is ".pfx" or ".p12"
                ? FromPkcs12(contents[0], options, chain)
                : FromPem(Encoding.UTF8.GetString(contents[0]), Encoding.UTF8.GetString(contents[^1]), options, chain);
            var usages = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(extension => extension.EnhancedKeyUsages.OfType<Oid>()).ToList();
            if (usages.Count > 0 && usages.All(usage => usage.Value != ServerAuthentication))
                throw new TlsFileException($"Tls:Certificate: {leaf.Subject} is not for servers: its extended key usage lacks serverAuth, so no client takes it.");
            return new ServerCertificate(leaf, chain);
        }
        catch (CryptographicException e)
        {
            throw new TlsFileException($"Tls:Certificate: {options.Certificate} cannot be used: {e.Message}");
        }
    }

    private static X509Certificate2 FromPem(string pem, string keyPem, TlsOptions options, X509Certificate2Collection chain)
    {
        string keyFile = options.Key ?? options.Certificate!;
        chain.ImportFromPem(pem);
        if (chain.Count == 0) throw new TlsFileException($"Tls:Certificate: {options.Certificate} holds no '-----BEGIN CERTIFICATE-----'. A PKCS #12 file must end in .pfx or .p12.");
        bool isEncrypted = keyPem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (!isEncrypted && !keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal)) throw new TlsFileException($"Tls:Key: {keyFile} holds no private key in PEM. Name the key's file.");
        if (isEncrypted && options.Password is null) throw new TlsFileException($"Tls:Password: the key in {keyFile} is encrypted. Give its password in WAYBILL_TLS__PASSWORD.");
        try
        {
            X509Certificate2 leaf = isEncrypted ? X509Certificate2.CreateFromEncryptedPem(pem, keyPem, options.Password!.Reveal()) : X509Certificate2.CreateFromPem(pem, keyPem);
            chain.RemoveAt(0);
            // Windows takes no key that is in memory alone.
            return OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null) : leaf;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new TlsFileException(isEncrypted
                ? $"Tls:Password does not open the key in {keyFile}, or that is not the key of the first certificate in {options.Certificate}."
                : $"Tls:Key: {keyFile} does not hold the key of the first certificate in {options.Certificate}: {e.Message}");
        }
    }

    private static X509Certificate2 FromPkcs12(byte[] bytes, TlsOptions options, X509Certificate2Collection chain)
    {
        try
        {
            chain.AddRange(X509CertificateLoader.LoadPkcs12Collection(bytes, options.Password?.Reveal(), OperatingSystem.IsWindows() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet));
        }
        catch (CryptographicException e)
        {
            throw new TlsFileException($"Tls:Certificate: {options.Certificate} cannot be opened as PKCS #12{(options.Password is null ? " without Tls:Password" : "; is Tls:Password right?")} {e.Message}");
        }
        X509Certificate2 leaf = chain.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new TlsFileException($"Tls:Certificate: {options.Certificate} holds no private key.");
        chain.Remove(leaf);
        return leaf;
    }
}
