using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Waybill.Ingest;

/// <summary>The OpenTelemetry SDK as its makers ship it.</summary>
public sealed class SdkTests
{
    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task The_dotnet_SDK_is_understood(OtlpExportProtocol protocol)
    {
        await using var server = await IngestServer.Start();
        var expected = protocol == OtlpExportProtocol.Grpc ? Protocol.OtlpGrpc : Protocol.OtlpHttpProtobuf;
        using var source = new ActivitySource($"waybill.tests.{protocol}");
        using (var tracer = Sdk.CreateTracerProviderBuilder()
            .AddSource(source.Name)
            .ConfigureResource(resource => resource.AddService("sdk-test"))
            .AddOtlpExporter(otlp =>
            {
                otlp.Protocol = protocol;
                otlp.Endpoint = protocol == OtlpExportProtocol.Grpc
                    ? new Uri($"http://127.0.0.1:{server.Ports.OtlpGrpc}")
                    : new Uri($"http://127.0.0.1:{server.Ports.OtlpHttp}/v1/traces");
            })
            .Build())
        {
            using (source.StartActivity("op")) { }
            Assert.True(tracer.ForceFlush(10_000));
        }
        Assert.Equal(1, server.Counters.Requests(Signal.Traces, expected));
        Assert.Equal(1, server.Counters.Items(Signal.Traces, expected));
        var sender = Assert.Single(server.Services.GetRequiredService<Senders>().Latest(10));
        Assert.Equal(("sdk-test", "opentelemetry", "dotnet", "127.0.0.1", 1L), (sender.Service, sender.Sdk, sender.SdkLanguage, sender.Peer, sender.Items));
        Assert.StartsWith("OTel-OTLP-Exporter-Dotnet/", sender.UserAgent);
        Assert.Empty(server.Services.GetRequiredService<Refusals>().Latest(10));
    }
}
