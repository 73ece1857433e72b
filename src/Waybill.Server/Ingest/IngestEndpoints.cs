using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Waybill.Ingest.Grpc;
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
        var grpc = app.ServiceProvider.GetRequiredService<GrpcEdge>();
        app.Map("/{**path}", grpc.Call).On(Listener.OtlpGrpc);

        var otlp = app.ServiceProvider.GetRequiredService<OtlpHttpEdge>();
        foreach (var signal in Names.Signals)
            app.Map($"/v1/{signal.Name()}", http => otlp.Post(http, signal)).On(Listener.OtlpHttp);
        var zipkin = app.ServiceProvider.GetRequiredService<ZipkinEdge>();
        app.Map("/api/v2/spans", zipkin.Post).On(Listener.OtlpHttp);
        app.Map("/{**path}", otlp.NotFound).WithOrder(int.MaxValue).On(Listener.OtlpHttp);

        app.MapGet("/metrics", (IEnumerable<MetricSource> sources) =>
        {
            var text = new PrometheusText();
            foreach (var source in sources) source(text);
            return TypedResults.Text(text.ToString(), PrometheusText.ContentType);
        }).On(Listener.Console);
        app.MapGet("/api/status", (IngestStatusPage page) => TypedResults.Ok(page.Read())).On(Listener.Console);
    }
}
