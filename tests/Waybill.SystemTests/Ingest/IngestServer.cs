using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Waybill.Web;

namespace Waybill.Ingest;

/// <summary>The edges as they run, in this process, on free loopback ports.</summary>
internal sealed class IngestServer : IAsyncDisposable
{
    /// <summary>The request of one span that is written out in the OTLP wire vectors.</summary>
    public const string OneSpanHex = "0a730a150a130a0c736572766963652e6e616d6512030a0161125a0a030a017312530a100af7651916cd43dd8448eb211c80319c1208b7ad6b71692033312a026f7030023901000000000000004102000000000000004a100a016e120b18ffffffffffffffffff017a051201781802850101010000";
    public const string OneSpanJson = """{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"scope":{"name":"s"},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"op","kind":2,"startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[{"key":"n","value":{"intValue":"-1"}}],"status":{"message":"x","code":2},"flags":257}]}]}]}""";
    public const string TracePath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private readonly WebApplication _app;
    private readonly string _directory;

    private IngestServer(WebApplication app, string directory)
    {
        (_app, _directory) = (app, directory);
        Ports = app.Services.GetRequiredService<BoundPorts>();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Ports.OtlpHttp}"), Timeout = TimeSpan.FromSeconds(30) };
        Console = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Ports.Console}"), Timeout = TimeSpan.FromSeconds(30) };
        Grpc = new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{Ports.OtlpGrpc}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    public BoundPorts Ports { get; }
    public HttpClient Http { get; }
    public HttpClient Grpc { get; }
    public HttpClient Console { get; }
    public IServiceProvider Services => _app.Services;
    public IngestCounters Counters => Services.GetRequiredService<IngestCounters>();
    public Admission Admission => Services.GetRequiredService<Admission>();
    public static byte[] OneSpan => Convert.FromHexString(OneSpanHex);

    public static async Task<IngestServer> Start(Dictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null)
    {
        // A real spool, and an engine that is away: what the edges acknowledge does not wait for it.
        string directory = Directory.CreateTempSubdirectory("wb-ingest-").FullName;
        var all = new Dictionary<string, string?>
        {
            ["Storage:Directory"] = directory,
            ["Storage:Url"] = "http://127.0.0.1:1/",
            ["Spool:BallastBytes"] = "0",
            ["Ports:OtlpGrpc"] = "0",
            ["Ports:OtlpHttp"] = "0",
            ["Ports:Console"] = "0",
            ["Logging:LogLevel:Default"] = "None",
        };
        foreach (var (key, value) in settings ?? []) all[key] = value;
        var app = WebHost.Build(all, added =>
        {
            // The edges alone: whether the engine is there is another room's business.
            added.RemoveAll<ReadinessCheck>();
            added.RemoveAll<StatusSection>();
            services?.Invoke(added);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new IngestServer(app, directory);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Grpc.Dispose();
        Console.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public Task<HttpResponseMessage> Post(string path, byte[] body, string type = "application/x-protobuf", string? encoding = null) =>
        Send(Http, path, new ByteArrayContent(body), type, encoding);

    public static async Task<HttpResponseMessage> Send(HttpClient client, string path, HttpContent content, string type, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null) content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for what another thread brings about, by looking; fails after ten seconds.</summary>
    public static async Task Until(Func<bool> holds)
    {
        long began = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10), "It did not come about within ten seconds.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public static byte[] Compress(byte[] body, string encoding)
    {
        var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Optimal),
            "deflate" => new ZLibStream(target, CompressionLevel.Optimal),
            "raw deflate" => new DeflateStream(target, CompressionLevel.Optimal),
            _ => new BrotliStream(target, CompressionLevel.Optimal),
        }) stream.Write(body);
        return target.ToArray();
    }
}
