using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Storage;
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

/// <summary>A server that others can reach does not start while it would let everybody in.</summary>
/// <remarks>The files are looked at only then: on loopback the program can be built without a data directory.</remarks>
internal sealed class BindPolicy(IServiceProvider services) : IValidateOptions<PortsOptions>
{
    public ValidateOptionsResult Validate(string? name, PortsOptions options)
    {
        if (!IPAddress.TryParse(options.Bind, out IPAddress? address) || IPAddress.IsLoopback(address)) return ValidateOptionsResult.Success;
        var policy = services.GetRequiredService<PolicyFile>();
        try
        {
            if (!Guarding.IsOpen(services.GetRequiredService<AccountsFile>().Read(), policy.Read())) return ValidateOptionsResult.Success;
        }
        catch (AccessFileException e)
        {
            return ValidateOptionsResult.Fail(e.Message);
        }
        return ValidateOptionsResult.Fail(
            $"Ports:Bind ({options.Bind}) can be reached by others, but there are no users, no tokens and no OIDC, so everybody would be let in. "
            + $"Make the first administrator with 'waybill user add NAME --role admin --data {services.GetRequiredService<StorageOptions>().Directory}', or set OIDC up in {policy.Path}; or listen on 127.0.0.1.");
    }
}
