using System.ComponentModel.DataAnnotations;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Waybill.Access;

namespace Waybill.Tls;

/// <summary>
/// TLS on all three listeners, and client certificates on those of telemetry. Section <c>Tls</c>; read once, checked at start. What the files hold is read
/// again when it changes.
/// </summary>
public sealed class TlsOptions : IValidatableObject
{
    /// <summary>The server's certificate with its chain, leaf first: PEM, or PKCS #12 (<c>.pfx</c>, <c>.p12</c>). Null: no TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>Its private key, PEM. Null: it is in the certificate's file.</summary>
    public string? Key { get; set; }

    /// <summary>Opens an encrypted key, or a PKCS #12 file. Best from the environment, <c>WAYBILL_TLS__PASSWORD</c>.</summary>
    public Secret? Password { get; set; }

    /// <summary>Oldest version that is spoken, <c>1.2</c> or <c>1.3</c>. Default 1.2 (RFC 9325): older ones are broken, and SDKs of the last ten years speak it.</summary>
    [AllowedValues("1.2", "1.3")] public string VersionMin { get; set; } = "1.2";

    /// <summary>Time for a handshake. Default 10 s, as Kestrel.</summary>
    [Range(1, 120)] public int HandshakeTimeoutSeconds { get; set; } = 10;

    /// <summary>Certificates, PEM, of the authorities that senders are known by; <c>access.yaml</c> says what each may send. Null: client certificates are not asked for.</summary>
    public string? ClientAuthorities { get; set; }

    /// <summary>Whether senders must have a client certificate, whatever key they bring. Default false: a key or a certificate is enough.</summary>
    public bool ClientCertificateRequired { get; set; }

    /// <summary>Whether a proxy, ingress or mesh in front speaks TLS with everybody: only then a server without a certificate listens on more than loopback.</summary>
    public bool TerminatedInFront { get; set; }

    internal bool IsOn => Certificate is not null;

    internal SslProtocols Versions => VersionMin == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;

    internal TimeSpan HandshakeTimeout => TimeSpan.FromSeconds(HandshakeTimeoutSeconds);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Certificate is null && (Key ?? ClientAuthorities) is not null)
            yield return new($"{(Key is null ? "Tls:ClientAuthorities" : "Tls:Key")} is set, but Tls:Certificate is not. Give the server's certificate too, or take both out.");
        if (ClientCertificateRequired && ClientAuthorities is null)
            yield return new("Tls:ClientCertificateRequired is true, but Tls:ClientAuthorities names no file with the authorities' certificates.");
        if (IsOn && TerminatedInFront)
            yield return new("Tls:Certificate and Tls:TerminatedInFront exclude each other: either this server speaks TLS, or what stands in front of it.");
    }
}

[OptionsValidator]
internal sealed partial class TlsOptionsValidator : IValidateOptions<TlsOptions>;
