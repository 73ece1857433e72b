using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.RoundTrips;

/// <summary>The OpenTelemetry .NET SDK and its OTLP exporter as their makers ship them: what the SDK's objects say is what is stored.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class DotnetSdkTests(ITestOutputHelper output)
{
    private const string Name = "waybill.dotnet";

    private static readonly string[] Zones = ["a", "b"];

    private static readonly KeyValuePair<string, object?>[] EveryType =
    [
        new("text", "größe 日本語 😀 \"\\"), new("empty", ""), new("yes", true), new("no", false), new("int", 42), new("most", long.MaxValue), new("least", long.MinValue),
        new("half", 0.5), new("tiny", double.Epsilon), new("nan", double.NaN), new("infinite", double.NegativeInfinity),
        new("texts", new[] { "a", "", "ü" }), new("ints", new[] { 1L, long.MinValue }), new("halves", new[] { 0.5, -1e300 }), new("flags", new[] { true, false }),
        new("http.request.method", "GET"), new("http.response.status_code", 503), new("http.route", "/cart/{id}"), new("error.type", ""),
    ];

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task The_dotnet_SDK_sends_traces_logs_and_metrics_that_come_back_field_for_field(OtlpExportProtocol protocol)
    {
        await using var server = await WaybillServer.Start();
        var resource = ResourceBuilder.CreateEmpty().AddService("dotnet-client", "shop", "1.2.3", autoGenerateServiceInstanceId: false, "node-7").AddAttributes([new("process.pid", 4711L), new("zones", Zones)]);
        void Where(OtlpExporterOptions options, string signal)
        {
            options.Protocol = protocol;
            options.Endpoint = protocol == OtlpExportProtocol.Grpc ? server.At.GrpcUri : new Uri(server.At.OtlpUri, $"/v1/{signal}");
        }

        Message spans = Traces(resource, options => Where(options, "traces"));
        Message logs = Logs(resource, options => Where(options, "logs"));
        Message metrics = Metrics(options => Where(options, "metrics"));
        await server.Stored();

        string[] sentSpans = SentItems.Spans(Json(spans)), sentLogs = SentItems.Logs(Json(logs)), sentPoints = SentItems.Points(Json(metrics));
        output.WriteLine($"{sentSpans.Length} spans, {sentLogs.Length} log records, {sentPoints.Length} data points");
        EveryFieldTests.Same(sentSpans, await StoredItems.Spans(server));
        EveryFieldTests.Same(sentLogs, await StoredItems.Logs(server));
        EveryFieldTests.Same(sentPoints, await StoredItems.Points(server));
        Assert.Equal(0, (await server.Status()).GetProperty("refused").GetArrayLength());
    }

    private static Message Traces(ResourceBuilder resource, Action<OtlpExporterOptions> where)
    {
        using var source = new ActivitySource(new ActivitySourceOptions(Name) { Version = "4.5.6", Tags = [new("scope.tag", "yes"), new("scope.number", 7)] });
        var ended = new List<Activity>();
        using (var provider = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Name).AddProcessor(new Noting<Activity>(ended.Add)).AddOtlpExporter(where).Build())
        {
            var remote = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=a,other=b", isRemote: true);
            using (var root = source.StartActivity("POST /orders", ActivityKind.Server, remote, EveryType)!)
            {
                foreach (ActivityKind kind in (ActivityKind[])[ActivityKind.Internal, ActivityKind.Client, ActivityKind.Producer, ActivityKind.Consumer])
                {
                    using var span = source.StartActivity(kind, root.Context, EveryType, [new ActivityLink(remote, new(EveryType)), new ActivityLink(root.Context)], name: $"kind {kind}")!;
                    span.AddEvent(new ActivityEvent("event", tags: new(EveryType)));
                    if (kind == ActivityKind.Client) span.AddException(new InvalidOperationException("no such item")).SetStatus(ActivityStatusCode.Error, "no such item");
                    else span.SetStatus(ActivityStatusCode.Ok);
                }
            }
            Assert.True(provider.ForceFlush(10_000));
        }
        var scope = new Message().Add(1, "name", Wire.Text, Name).Add(2, "version", Wire.Text, "4.5.6").Attributes(3, source.Tags!);
        return Request(resource.Build(), "resourceSpans", "scopeSpans", "spans", [(scope, ended.Select(DotnetItems.Span))]);
    }

    private static Message Logs(ResourceBuilder resource, Action<OtlpExporterOptions> where)
    {
        var records = new List<(Message Scope, IEnumerable<Message> Records)>();
        using (var factory = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.IncludeScopes = true;
            options.SetResourceBuilder(resource).AddProcessor(new Noting<LogRecord>(record => records.Add((new Message().Add(1, "name", Wire.Text, record.CategoryName), [DotnetItems.Log(record)])))).AddOtlpExporter(where);
        })))
        {
            var log = factory.CreateLogger("Shop.Stock");
            using var activity = new Activity("op").SetIdFormat(ActivityIdFormat.W3C).Start();
            using (log.BeginScope(new Dictionary<string, object> { ["order"] = 17, ["customer"] = "größe" }))
                log.LogWarning(new EventId(7, "StockLow"), "Only {Count} of {Item} are left, {Share}", 3, "cups", 0.25);
            log.LogError(new TimeoutException("too slow"), "No answer");
            foreach (LogLevel level in (LogLevel[])[LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Critical]) log.Log(level, "Level");
        }
        return Request(resource.Build(), "resourceLogs", "scopeLogs", "logRecords", records);
    }

    private static Message Metrics(Action<OtlpExporterOptions> where)
    {
        using var meter = new Meter(Name, "0.1.0", [new("meter.tag", "yes")]);
        var options = new OtlpExporterOptions();
        where(options);
        var noting = new NotingMetrics(new OtlpMetricExporter(options));
        using (var provider = Sdk.CreateMeterProviderBuilder().AddMeter(Name).SetExemplarFilter(ExemplarFilterType.AlwaysOn)
            .AddView("request.size", new Base2ExponentialBucketHistogramConfiguration { MaxSize = 40 }).AddReader(new BaseExportingMetricReader(noting)).Build())
        {
            using var activity = new Activity("op").SetIdFormat(ActivityIdFormat.W3C).Start();
            meter.CreateCounter<long>("orders", "{order}", "Orders taken.").Add(3, [new("country", "CH"), new("express", true)]);
            meter.CreateCounter<double>("paid", "CHF").Add(12.75);
            meter.CreateUpDownCounter<int>("queue.length").Add(-2);
            meter.CreateGauge<double>("temperature", "Cel").Record(21.5, new KeyValuePair<string, object?>("room", "größe"));
            meter.CreateObservableGauge("whole", () => -7L);
            var latency = meter.CreateHistogram("latency", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1] });
            foreach (double seconds in (double[])[0.05, 0.3, 0.7, 3]) latency.Record(seconds, new KeyValuePair<string, object?>("route", "/orders"));
            var size = meter.CreateHistogram<long>("request.size", "By");
            foreach (long bytes in (long[])[0, 1, 100, 10_000]) size.Record(bytes);
            Assert.True(provider.ForceFlush(10_000));
        }
        var scope = new Message().Add(1, "name", Wire.Text, Name).Add(2, "version", Wire.Text, "0.1.0").Attributes(3, meter.Tags!);
        // The exporter within has no provider, and so no resource.
        return Request(Resource.Empty, "resourceMetrics", "scopeMetrics", "metrics", [(scope, noting.Metrics)]);
    }

    private static Message Request(Resource resource, string resources, string scopes, string items, IEnumerable<(Message Scope, IEnumerable<Message> Items)> all) => new Message().AddAll(1, resources, [new Message()
        .Add(1, "resource", Wire.Message, new Message().Attributes(1, resource.Attributes!)).Add(3, "schemaUrl", Wire.Text, resource.SchemaUrl)
        .AddAll(2, scopes, all.Select(part => new Message().Add(1, "scope", Wire.Message, part.Scope).AddAll(2, items, part.Items)))]);

    private static JsonElement Json(Message request)
    {
        using var document = JsonDocument.Parse(request.ToJson(new Random(0)));
        return document.RootElement.Clone();
    }

    private sealed class Noting<T>(Action<T> note) : BaseProcessor<T>
    {
        public override void OnEnd(T data) => note(data);
    }

    private sealed class NotingMetrics(OtlpMetricExporter exporter) : BaseExporter<Metric>
    {
        public List<Message> Metrics { get; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (Metric metric in batch) Metrics.Add(DotnetItems.Metric(metric));
            return exporter.Export(batch);
        }

        protected override void Dispose(bool disposing)
        {
            exporter.Dispose();
            base.Dispose(disposing);
        }
    }
}
