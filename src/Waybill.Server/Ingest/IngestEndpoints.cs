using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Ingest.Grpc;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Ingest;

/// <summary>Where telemetry comes in, and what can be seen of that.</summary>
public static class IngestEndpoints
{
    public static void AddIngest(this IServiceCollection services)
    {
        services.AddOptions<IngestOptions>().BindConfiguration("Ingest").ValidateOnStart();
        services.AddSingleton<IValidateOptions<IngestOptions>, IngestOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<IngestOptions>>().Value);
        services.TryAddSingleton<Intake>();
        services.TryAddSingleton<Readiness>();
        services.AddSingleton<Admission>();
        services.AddSingleton<Receptions>();
        services.AddSingleton<RecentRequests>();
        services.AddSingleton<IngestCounters>();
        services.AddSingleton<Senders>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<Receiver>();
        services.AddSingleton<BrowserOrigins>();
        services.AddSingleton<OtlpHttpEdge>();
        services.AddSingleton<ZipkinEdge>();
        services.AddSingleton<GrpcHealth>();
        services.AddSingleton<GrpcEdge>();
        services.AddSingleton<IngestStatusPage>();
        services.AddSingleton<IngestMetrics>();
        services.AddSingleton<MetricSource>(provider => provider.GetRequiredService<IngestMetrics>().Write);
        services.AddSingleton<MetricSource>(ProcessMetrics.Write);
    }

    public static void MapIngest(this IEndpointRouteBuilder app)
    {
        // Edges are looked up at the first request, so that the program can be built (for its OpenAPI document) without opening its storage.
        app.Map("/{**path}", http => http.RequestServices.GetRequiredService<GrpcEdge>().Call(http)).On(Listener.OtlpGrpc).Needs(Permission.IngestWrite);
        app.Map("/grpc.health.v1.Health/{method}", http => http.RequestServices.GetRequiredService<GrpcEdge>().Call(http)).On(Listener.OtlpGrpc).OpenToAll("load balancers have no credentials");
        foreach (var signal in Names.Signals)
            app.Map($"/v1/{signal.Name()}", http => http.RequestServices.GetRequiredService<OtlpHttpEdge>().Post(http, signal)).On(Listener.OtlpHttp).Needs(Permission.IngestWrite);
        app.Map("/api/v2/spans", http => http.RequestServices.GetRequiredService<ZipkinEdge>().Post(http)).On(Listener.OtlpHttp).Needs(Permission.IngestWrite);
        app.Map("/{**path}", http => http.RequestServices.GetRequiredService<OtlpHttpEdge>().NotFound(http)).WithOrder(int.MaxValue).On(Listener.OtlpHttp).OpenToAll("says that there is nothing");

        app.MapGet("/metrics", (IEnumerable<MetricSource> sources) =>
        {
            var text = new PrometheusText();
            foreach (var source in sources) source(text);
            return TypedResults.Text(text.ToString(), PrometheusText.ContentType);
        }).On(Listener.Console).Needs(Permission.StatusRead).OverAllTenants().NotNoted().WithSummary("Metrics of this server, for Prometheus").AnswersWith("text/plain", "Prometheus text format 0.0.4.");
        app.MapGet("/api/status", (IngestStatusPage page) => TypedResults.Ok(page.Read())).On(Listener.Console).Needs(Permission.StatusRead).NotNoted()
            .WithSummary("What arrives, from whom, what was refused and why, and how spool and engine are")
            .WithDescription("Rooms add sections of their own, such as spool and engine.");
    }
}
