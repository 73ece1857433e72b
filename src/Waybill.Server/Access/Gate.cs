using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Ingest;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>
/// Stands before every endpoint: who asks, in which tenant, and whether that is enough. What an endpoint does not name is refused. Behind it the request
/// has its <see cref="Identity"/>, and every statement it makes is limited to what that may see.
/// </summary>
internal sealed partial class Gate(
    Authentication authentication, Guarding guarding, PolicyFile policy, TenantLimits limits, IngestOptions ingest, ILogger<Gate> log)
{
    private const string TenantHeader = "X-Scope-OrgID";

    public async Task Invoke(HttpContext http, RequestDelegate next)
    {
        if (CrossSite.Refuses(http))
        {
            await Refuse(http, AccessRefusal.CrossSite);
            return;
        }
        if (http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(http);   // nothing is there, or not by this method: routing answers
            return;
        }
        EndpointMetadataCollection metadata = endpoint.Metadata;
        AccessRefusal? refusal;
        try
        {
            refusal = metadata.GetMetadata<EndpointAccess>() is { } access ? await Admit(http, access, metadata) : guarding.IsOn() ? AccessRefusal.Undeclared : null;
            if (refusal is null)
            {
                Limit(http);
                await next(http);
                return;
            }
        }
        catch (MaskedFieldException e) when (!http.Response.HasStarted)
        {
            await Problems.Forbidden(http, e.Field, $"{e.Message} The permission {Permission.FieldsUnmask.Word()} shows it.");
            return;
        }
        catch (AccessFileException e) when (!http.Response.HasStarted)
        {
            LogDamaged(e.Message);
            refusal = AccessRefusal.Damaged;
        }
        await Refuse(http, refusal);
    }

    /// <summary>Limits what is read from here on to what the identity may see. Not where that is decided: what is set in an awaited method is gone when that returns.</summary>
    public void Limit(HttpContext http)
    {
        Identity? identity = http.Features.Get<Identity>();
        ReadScope.TableFilters = identity?.Scope.ToTableFilters();
        ReadScope.Mask = identity is { SeesMasked: false } ? policy.Read().Mask : null;
    }

    /// <summary>Asks again, for an answer that goes on for long: whether it would still be given, and to whom. <see cref="Limit"/> then limits what follows.</summary>
    /// <returns>Why it ends; null while it may go on.</returns>
    public async ValueTask<string?> StillAdmits(HttpContext http)
    {
        EndpointMetadataCollection metadata = http.GetEndpoint()!.Metadata;
        string tenant = http.Identity().Tenant;
        try
        {
            if (await Admit(http, metadata.GetMetadata<EndpointAccess>()!, metadata, again: true) is { } refusal) return refusal.Message;
            return http.Identity().Tenant == tenant ? null : AccessRefusal.TenantNotGranted.Message;
        }
        catch (AccessFileException)
        {
            return AccessRefusal.Damaged.Message;
        }
    }

    private async ValueTask<AccessRefusal?> Admit(HttpContext http, EndpointAccess access, EndpointMetadataCollection metadata, bool again = false)
    {
        if (access.WhyOpen is not null)
        {
            await Recognize(http);
            return null;
        }
        if (!guarding.IsOn())
        {
            Enter(http, LocalIn(ingest.Tenant));
            return null;
        }
        // Browsers ask without credentials whether they may send; the edges answer.
        if (http.Listener() == Listener.OtlpHttp && HttpMethods.IsOptions(http.Request.Method)) return null;

        var (credential, refusal) = await authentication.Read(http);
        if (credential is null && (metadata.GetMetadata<SignedMark>() is not null || refusal is null && http.Listener() != Listener.Console && guarding.TakesAnonymousTelemetry))
        {
            Enter(http, LocalIn(ingest.Tenant));
            return null;
        }
        if (refusal is not null) return refusal;
        if (credential is null) return http.Listener() == Listener.Console ? AccessRefusal.NoCredential : AccessRefusal.NoKey;
        if (http.Listener() == Listener.Console && credential.Kind == IdentityKind.Key) return AccessRefusal.Invalid("This is a key for sending telemetry. Reading takes a token (wbt_...) or a sign-in.");

        string? wanted = http.Request.Headers[TenantHeader] is [{ Length: > 0 } header] ? header : null;
        var (identity, denied) = Decision.Decide(credential, policy.Read(), access, metadata.GetMetadata<WithinScopeMark>() is not null, metadata.GetMetadata<OverAllTenantsMark>() is not null, wanted, ingest.Tenant);
        if (identity is not null) Enter(http, identity);
        if (denied is not null) return denied;
        if (again) return null;   // it was counted when it began
        return http.Listener() == Listener.Console ? limits.Request(identity!.Tenant) : limits.Ingest(identity!.Tenant);
    }

    /// <summary>Of what is open to all it is only told who calls, when that is known.</summary>
    private async ValueTask Recognize(HttpContext http)
    {
        try
        {
            if (!guarding.IsOn()) Enter(http, LocalIn(ingest.Tenant));
            else if ((await authentication.Read(http)).Credential is { } credential) Enter(http, Decision.In(credential, policy.Read(), credential.Tenants.FirstOrDefault() ?? ingest.Tenant, null));
        }
        catch (AccessFileException e)
        {
            LogDamaged(e.Message);   // probes and the console's files need nobody's name
        }
    }

    private static Identity LocalIn(string tenant) => new(new Credential(IdentityKind.Local, "local", [Grant.Of(Role.Admin.Name, Grant.AllTenants)]), tenant, Role.Admin.Permissions, DataScope.All, true) { SeesMasked = true };

    private static void Enter(HttpContext http, Identity identity)
    {
        http.Features.Set(identity);
        http.Features.Set(identity.ToActor(http.Address()));
    }

    private async Task Refuse(HttpContext http, AccessRefusal refusal)
    {
        if (http.Features.Get<Actor>() is null) http.Features.Set(new Actor("external", "unknown", http.Address()));
        if (http.Listener() != Listener.Console)
        {
            var services = http.RequestServices;
            if (http.Listener() == Listener.OtlpHttp && services.GetRequiredService<BrowserOrigins>().Answered(http)) return;
            var protocol = http.Listener() == Listener.OtlpGrpc ? Protocol.OtlpGrpc : IngestHeaders.IsJson(http.Request.ContentType) == false ? Protocol.OtlpHttpProtobuf : Protocol.OtlpHttpJson;
            services.GetRequiredService<Receiver>().Refused(Receiver.CallerOf(http, protocol), refusal.ToIngest());
        }
        else LogRefused(refusal.Status, http.Request.Method, http.GetEndpoint()?.DisplayName, http.Address(), refusal.Message);
        await refusal.Write(http);
    }

    [LoggerMessage(1, LogLevel.Error, "Nobody is let in: {Error}")]
    private partial void LogDamaged(string error);

    [LoggerMessage(2, LogLevel.Information, "Refused with {Status}: {Method} {Endpoint} from {Address}. {Message}")]
    private partial void LogRefused(int status, string method, string? endpoint, string? address, string message);
}

/// <summary>Marks an endpoint whose own signature says who sends (hooks): it needs no other credential.</summary>
internal sealed record SignedMark;

public static class GateUse
{
    public static void UseAccess(this IApplicationBuilder app) => app.Use(next => http => http.RequestServices.GetRequiredService<Gate>().Invoke(http, next));

    /// <summary>Lets in what brings no credential but signs its body: the endpoint must check the signature, unless the identity may do it anyway.</summary>
    public static T SignedOtherwise<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new SignedMark());
}
