using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Egress;

/// <summary>Where this server may call to. Section <c>Egress</c>; read once, checked at start.</summary>
public sealed class EgressOptions : IValidatableObject
{
    /// <summary>
    /// Internal hosts that may be called all the same, by anyone who can make this server call: a name (<c>hooks.corp.example</c>, <c>*.corp.example</c>), an address
    /// or a network (<c>10.1.0.0/16</c>). Hosts that a file of the operator names, such as the identity provider, need not stand here. Default none.
    /// </summary>
    public string[] Allow { get; set; } = [];

    /// <summary>Time for resolving a name and connecting, in seconds. Default 5.</summary>
    [Range(1, 60)] public int ConnectTimeoutSeconds { get; set; } = 5;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string entry in Allow)
            if (AllowedTarget.Parse(entry) is null) yield return new($"Egress:Allow has '{entry}'. Write a host name, *.domain, an IP address or a network such as 10.1.0.0/16; without scheme, port and path.");
    }
}

[OptionsValidator]
internal sealed partial class EgressOptionsValidator : IValidateOptions<EgressOptions>;
