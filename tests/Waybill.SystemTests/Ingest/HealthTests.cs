using Microsoft.Extensions.DependencyInjection;
using Waybill.Web;
using static Waybill.Ingest.GrpcClient;

namespace Waybill.Ingest;

/// <summary>grpc.health.v1.Health, by hand.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private string? _missing;
    private IngestServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await IngestServer.Start(services: services => services.AddSingleton(new ReadinessCheck("engine", () => Volatile.Read(ref _missing))));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static byte[] Request(string service) => Frame(service.Length == 0 ? [] : [0x0a, (byte)service.Length, .. System.Text.Encoding.ASCII.GetBytes(service)]);

    [Theory]
    [InlineData("")]
    [InlineData("opentelemetry.proto.collector.trace.v1.TraceService")]
    public async Task Check_says_serving_and_not_serving(string service)
    {
        var answer = await _server.Grpc.Call("/grpc.health.v1.Health/Check", Request(service));
        Assert.Equal(("0", "00000000020801"), (answer.Status, Convert.ToHexStringLower(answer.Body)));
        _missing = "not yet.";
        answer = await _server.Grpc.Call("/grpc.health.v1.Health/Check", Request(service));
        Assert.Equal(("0", "00000000020802"), (answer.Status, Convert.ToHexStringLower(answer.Body)));
    }

    [Fact]
    public async Task Check_of_an_unknown_service_is_not_found() =>
        Assert.Equal("5", (await _server.Grpc.Call("/grpc.health.v1.Health/Check", Request("x"))).Status);

    [Fact]
    public async Task A_request_that_is_not_one_is_internal() =>
        Assert.Equal("13", (await _server.Grpc.Call("/grpc.health.v1.Health/Check", [0, 0, 0])).Status);

    [Fact]
    public async Task List_names_every_service()
    {
        var answer = await _server.Grpc.Call("/grpc.health.v1.Health/List", Request(""));
        Assert.Equal("0", answer.Status);
        string text = System.Text.Encoding.Latin1.GetString(answer.Body);
        foreach (string name in (string[])["TraceService", "LogsService", "MetricsService"]) Assert.Contains(name, text);
    }

    [Fact]
    public async Task Watch_sends_the_status_at_once_and_when_it_changes()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/grpc.health.v1.Health/Watch")
        {
            Content = new ByteArrayContent(Request("")),
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        using var response = await _server.Grpc.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        byte[] message = new byte[7];
        await stream.ReadExactlyAsync(message, cancel);
        Assert.Equal("00000000020801", Convert.ToHexStringLower(message));
        Volatile.Write(ref _missing, "gone.");
        await stream.ReadExactlyAsync(message, cancel);
        Assert.Equal("00000000020802", Convert.ToHexStringLower(message));
    }
}
