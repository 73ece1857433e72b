using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Waybill.Web;

namespace Waybill.Access;

/// <summary>Deny by default: what no one may call without leave names the leave it takes.</summary>
public sealed class EndpointPermissionTests
{
    private static readonly RouteEndpoint[] Endpoints = Find();

    [Fact]
    public void Every_endpoint_names_a_permission_or_says_why_it_is_open()
    {
        string[] wanting = [.. Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<EndpointAccess>() is null).Select(Name)];
        Assert.True(wanting.Length == 0, $"These endpoints name no permission; say .Needs(Permission.TracesRead), or another, beside .On(Listener...):\n{string.Join('\n', wanting)}");
    }

    [Fact]
    public void Nothing_is_open_but_probes_the_console_s_files_and_what_it_takes_to_sign_in()
    {
        string[] open = [.. Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<EndpointAccess>() is { Needed: null }).Select(Name).Order(StringComparer.Ordinal)];
        Assert.Equal(
        [
            "Console GET /api/openapi.json", "Console GET /healthz", "Console GET /readyz", "Console GET /witness/key", "Console GET,HEAD /{**path}", "Console POST /witness/add-checkpoint",
            "OtlpGrpc * /grpc.health.v1.Health/{method}", "OtlpHttp * /{**path}",
        ], open);
    }

    [Fact]
    public void What_answers_those_who_may_see_some_services_only_is_never_of_all_tenants() =>
        Assert.Empty(Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<WithinScopeMark>() is not null && endpoint.Metadata.GetMetadata<OverAllTenantsMark>() is not null).Select(Name));

    [Fact]
    public void Every_permission_has_a_word_that_is_read_back()
    {
        foreach (Permission permission in Permissions.All)
        {
            Assert.True(Permissions.TryParse(permission.Word(), out Permission read), permission.ToString());
            Assert.Equal(permission, read);
        }
    }

    internal static string Name(RouteEndpoint endpoint) =>
        $"{endpoint.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.Console} {string.Join(',', endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"])} /{endpoint.RoutePattern.RawText!.TrimStart('/')}";

    // Built, never started, as in OpenApiTests.
    private static RouteEndpoint[] Find()
    {
        WebApplication app = WebHost.Build();
        ((IApplicationBuilder)app).UseEndpoints(_ => { });
        return [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
    }
}
