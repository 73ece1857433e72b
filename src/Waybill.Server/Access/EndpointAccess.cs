using Microsoft.AspNetCore.Builder;

namespace Waybill.Access;

/// <summary>What an endpoint asks of who calls it. An endpoint without one is refused as soon as there are users.</summary>
/// <param name="Needed">Null: none in particular.</param>
/// <param name="WhyOpen">Why everybody may call it; null: who calls must be known.</param>
internal sealed record EndpointAccess(Permission? Needed, string? WhyOpen = null);

/// <summary>Marks an endpoint whose answer is of all tenants at once: only who is let into all of them may have it.</summary>
internal sealed record OverAllTenantsMark;

/// <summary>Marks an endpoint that answers those too who may see only some services or environments, because all that it reads is narrowed to these.</summary>
internal sealed record WithinScopeMark;

public static class EndpointAccessDeclaration
{
    /// <summary>Says which permission calling this takes.</summary>
    public static T Needs<T>(this T endpoint, Permission permission) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new EndpointAccess(permission));

    /// <summary>Takes no permission, but somebody who is known: for what concerns the caller himself, such as his own tokens.</summary>
    public static T NeedsIdentity<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new EndpointAccess(null));

    /// <summary>Lets everybody call this, without any credential: for what holds nothing of anybody.</summary>
    public static T OpenToAll<T>(this T endpoint, string why) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new EndpointAccess(null, why));

    /// <summary>Says that the answer is not of one tenant but of all: for operators of the server.</summary>
    public static T OverAllTenants<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new OverAllTenantsMark());

    /// <summary>Says that every table this reads is narrowed by the scope: who may see only some services is let in. Others need no such mark.</summary>
    public static T WithinScope<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new WithinScopeMark());
}
