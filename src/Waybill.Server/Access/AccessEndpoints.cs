using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Storage;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Who may do what: signing in, tokens, users, roles, and the gate before everything.</summary>
public static class AccessEndpoints
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddOptions<AccessOptions>().BindConfiguration("Access").ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        services.AddSingleton<IValidateOptions<PortsOptions>, BindPolicy>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<AccessOptions>>().Value);
        services.AddSingleton(provider => new AccountsFile(provider.GetRequiredService<StorageOptions>().Directory));
        services.AddSingleton<PolicyFile>();
        services.AddSingleton<Guarding>();
        services.AddSingleton<Tenants>();
        services.AddSingleton<TenantLimits>();
        services.AddSingleton<LastSeen>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<Devices>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<SelfKey>();
        services.AddSingleton<Oidc>();
        services.AddSingleton<OidcSignIn>();
        services.AddSingleton<Authentication>();
        services.AddSingleton<Gate>();
        services.AddHostedService<SeenLoop>();
        services.AddHostedService<PendingActsLoop>();
    }

    public static void MapAccess(this IEndpointRouteBuilder app)
    {
        app.MapSession();
        app.MapOidcSignIn();
        app.MapTokens();
        app.MapUsers();
        app.MapReview();
    }
}
