using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Waybill.Web;

/// <summary>The three doors. An endpoint is behind exactly one of them.</summary>
public enum Listener : byte
{
    /// <summary>UI and API. Where an endpoint is when it says nothing.</summary>
    Console,
    OtlpGrpc,
    OtlpHttp,
}

/// <summary>Which door a connection came through; set once per connection, seen by each of its requests.</summary>
internal sealed record ListenerFeature(Listener Listener);

public static class ListenerRouting
{
    /// <summary>Puts an endpoint behind a door; on the others it does not exist.</summary>
    public static T On<T>(this T endpoint, Listener listener) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ListenerFeature(listener));

    internal static Listener Listener(this HttpContext http) => http.Features.Get<ListenerFeature>()?.Listener ?? Web.Listener.Console;
}

/// <summary>Keeps the doors apart: the console's API cannot be reached through a telemetry port, nor the other way round.</summary>
internal sealed class ListenerPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 1_000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => true;

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var door = httpContext.Listener();
        for (int i = 0; i < candidates.Count; i++)
        {
            if (!candidates.IsValidCandidate(i)) continue;
            var endpoint = candidates[i].Endpoint.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.Console;
            if (endpoint != door) candidates.SetValidity(i, false);
        }
        return Task.CompletedTask;
    }
}
