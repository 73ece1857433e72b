using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Waybill.Web;

namespace Waybill.Ledger;

public sealed class ReadNotingTests
{
    /// <summary>What may be read without a trace in the ledger. Who adds to this list says in a review why nobody's data is in it.</summary>
    private static readonly string[] NobodysData =
    [
        "GET /api/connect", "GET /api/ledger", "GET /api/ledger/entries/{number}/proof", "GET /api/openapi.json", "GET /api/status", "GET /healthz", "GET /ledger/checkpoint", "GET /metrics",
        "GET /readyz", "GET /witness/key", "GET /{**path}", "HEAD /{**path}", "POST /api/audit", "POST /api/audit/erasures", "POST /witness/add-checkpoint",
    ];

    [Fact]
    public void Every_read_is_noted_but_those_of_nobodys_data()
    {
        WebApplication app = WebHost.Build();   // never started: no port is opened, no file touched
        ((IApplicationBuilder)app).UseEndpoints(_ => { });
        string[] unnoted = [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => (endpoint.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.Console) == Listener.Console && !ReadNoting.IsNoted(endpoint))
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}")).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(NobodysData, unnoted);
    }
}
