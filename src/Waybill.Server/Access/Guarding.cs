using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Storage;
using Waybill.Tls;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Whether anybody is asked who he is. On loopback without users, tokens and OIDC nobody is; once somebody is, it stays so until the server starts again.</summary>
public sealed class Guarding(AccountsFile accounts, PolicyFile policy, IOptions<PortsOptions> ports)
{
    private readonly bool _loopback = IPAddress.IsLoopback(IPAddress.Parse(ports.Value.Bind));
    private volatile bool _guarded;

    /// <exception cref="AccessFileException">The file of accounts is damaged.</exception>
    public bool IsOn()
    {
        if (_guarded) return true;
        if (_loopback && IsOpen(accounts.Read(), policy.Read())) return false;
        return _guarded = true;
    }

    /// <summary>Senders on this machine need no key, because <c>access.yaml</c> says so.</summary>
    public bool TakesAnonymousTelemetry => _loopback && policy.Read().AnonymousIngest;

    internal static bool IsOpen(Accounts accounts, AccessPolicy policy) => accounts.IsEmpty && policy.Oidc is null && !policy.Bindings.Any(binding => binding.Kind == BindingKind.Certificate);
}

/// <summary>A server that others can reach does not start while it would let everybody in, or let everybody on the way read along.</summary>
/// <remarks>The files are looked at only then: on loopback the program can be built without a data directory.</remarks>
internal sealed class BindPolicy(IServiceProvider services) : IValidateOptions<PortsOptions>
{
    public ValidateOptionsResult Validate(string? name, PortsOptions options)
    {
        if (!IPAddress.TryParse(options.Bind, out IPAddress? address) || IPAddress.IsLoopback(address)) return ValidateOptionsResult.Success;
        string[] wrong = [.. new[] { WhoIsLetIn(options.Bind), WhoReadsAlong(options.Bind) }.OfType<string>()];
        return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private string? WhoIsLetIn(string bind)
    {
        var policy = services.GetRequiredService<PolicyFile>();
        try
        {
            if (!Guarding.IsOpen(services.GetRequiredService<AccountsFile>().Read(), policy.Read())) return null;
        }
        catch (AccessFileException e)
        {
            return e.Message;
        }
        return $"Ports:Bind ({bind}) can be reached by others, but there are no users, no tokens and no OIDC, so everybody would be let in. "
            + $"Make the first administrator with 'waybill user add NAME --role admin --data {services.GetRequiredService<StorageOptions>().Directory}', or set OIDC up in {policy.Path}; or listen on 127.0.0.1.";
    }

    private string? WhoReadsAlong(string bind) => services.GetRequiredService<IOptions<TlsOptions>>().Value is { IsOn: false, TerminatedInFront: false }
        ? $"Ports:Bind ({bind}) can be reached by others, but there is no TLS, so passwords, keys and telemetry would cross the network readable. "
            + "Give a certificate with Tls:Certificate and Tls:Key (WAYBILL_TLS__CERTIFICATE, WAYBILL_TLS__KEY); or, where a proxy, ingress or mesh in front speaks TLS, "
            + "say so with Tls:TerminatedInFront=true (WAYBILL_TLS__TERMINATEDINFRONT); or listen on 127.0.0.1."
        : null;
}
