using Waybill.Ingest;

namespace Waybill.Access;

/// <summary>The tenants there are: the one that is taken without a credential, and all that somebody was granted. For what runs in the background.</summary>
public sealed class Tenants(AccountsFile accounts, PolicyFile policy, IngestOptions ingest)
{
    private volatile string[] _last = [ingest.Tenant];

    public IReadOnlyList<string> Known()
    {
        try
        {
            Accounts current = accounts.Read();
            AccessPolicy rules = policy.Read();
            return _last = [.. current.Users.Select(user => user.Grant.Tenant).Concat(current.Tokens.Select(token => token.Grant.Tenant)).Concat(rules.Bindings.Select(binding => binding.Grant.Tenant))
                .Concat(rules.Limits.Keys).Where(tenant => tenant != Grant.AllTenants).Prepend(ingest.Tenant).Distinct(StringComparer.Ordinal)];
        }
        catch (AccessFileException)
        {
            return _last;   // the gate says so with each request
        }
    }
}
