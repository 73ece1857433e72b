using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace Waybill.Web;

/// <summary>Where the program listens. Section <c>Ports</c>; environment <c>WAYBILL_PORTS__OTLPGRPC</c> and so on; read once, checked at start.</summary>
public sealed class PortsOptions : IValidatableObject
{
    /// <summary>OTLP over gRPC, so HTTP/2. 0 is a free port. Default 4317, registered by OpenTelemetry.</summary>
    [Range(0, 65535)] public int OtlpGrpc { get; set; } = 4317;

    /// <summary>OTLP over HTTP, Zipkin v2. 0 is a free port. Default 4318, registered by OpenTelemetry.</summary>
    [Range(0, 65535)] public int OtlpHttp { get; set; } = 4318;

    /// <summary>UI, API, /metrics, /healthz, /readyz. 0 is a free port. Default 4319, beside the other two.</summary>
    [Range(0, 65535)] public int Console { get; set; } = 4319;

    /// <summary>The address that all three listen on. Default loopback: nobody else can reach it, so no login is asked for.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(Bind, out _))
            yield return new($"Ports:Bind ('{Bind}') is not an IP address. Use 127.0.0.1, or 0.0.0.0 for all.");
        if (OtlpGrpc != 0 && (OtlpGrpc == OtlpHttp || OtlpGrpc == Console) || OtlpHttp != 0 && OtlpHttp == Console)
            yield return new($"Ports:OtlpGrpc ({OtlpGrpc}), Ports:OtlpHttp ({OtlpHttp}) and Ports:Console ({Console}) must differ: without TLS each speaks one protocol.");
    }
}

[OptionsValidator]
internal sealed partial class PortsOptionsValidator : IValidateOptions<PortsOptions>;
