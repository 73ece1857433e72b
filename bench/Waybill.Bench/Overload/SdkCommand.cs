using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;
using Waybill.Posting;

namespace Waybill.Overload;

/// <summary>What one SDK process is to do.</summary>
/// <param name="Endpoint">For HTTP with the path, for gRPC without.</param>
internal sealed record SdkOptions(int Process, bool Grpc, Uri Endpoint, double SpansPerSecond, double Seconds);

/// <param name="Dropped">Thrown away by the SDK itself because its queue was full: never sent, so nothing was promised.</param>
internal sealed record SdkSummary(long Produced, long Acknowledged, long Refused, long Unknown, long Dropped, IReadOnlyDictionary<string, int> Answers, IReadOnlyDictionary<AttemptFlaw, int> Flaws);

/// <summary><c>sdk</c>: an application with the OpenTelemetry .NET SDK and its OTLP exporter, in a process of its own.</summary>
internal static class SdkCommand
{
    private const int QueueSpansMax = 20_000, BatchSpansMax = 512, ExportTimeoutMilliseconds = 10_000;

    public static Command Create()
    {
        var how = new Option<string>("--options") { Required = true, Description = "SdkOptions as JSON" };
        var log = new Option<FileInfo>("--log") { Required = true, Description = "Where to write what became of each trace" };
        var command = new Command("sdk", "Send traces with the OpenTelemetry SDK (started by 'overload')") { how, log };
        command.SetAction(async (parsed, cancel) =>
        {
            Environment.SetEnvironmentVariable("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
            var options = JsonSerializer.Deserialize<SdkOptions>(parsed.GetValue(how)!)!;
            var outcomes = new SdkOutcomes(Math.Max(1, (int)(options.SpansPerSecond * options.Seconds / SdkTraces.SpansPerTrace)));
            Console.WriteLine(JsonSerializer.Serialize(await Run(options, outcomes, cancel)));
            outcomes.Save(parsed.GetValue(log)!.FullName);
            return 0;
        });
        return command;
    }

    private static async Task<SdkSummary> Run(SdkOptions options, SdkOutcomes outcomes, CancellationToken cancel)
    {
        using var answers = new Answers();
        using var http = new HttpClient(answers, disposeHandler: false) { Timeout = TimeSpan.FromMilliseconds(ExportTimeoutMilliseconds) };
        // The exporter sends with what the factory gives for both protocols.
        using var exporter = new WatchedExporter(new OtlpTraceExporter(new OtlpExporterOptions
        {
            Endpoint = options.Endpoint,
            Protocol = options.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = ExportTimeoutMilliseconds,
            HttpClientFactory = () => http,
        }), answers, outcomes);
        using var source = new ActivitySource("bench");
        using var provider = Sdk.CreateTracerProviderBuilder().AddSource(source.Name)
            .AddProcessor(new BatchActivityExportProcessor(exporter, QueueSpansMax, scheduledDelayMilliseconds: 500, ExportTimeoutMilliseconds, BatchSpansMax)).Build();

        int sent = await Produce(source, options, outcomes.Traces, cancel);
        provider.Shutdown(60_000);
        long produced = (long)sent * SdkTraces.SpansPerTrace;
        return new(produced, outcomes.Acknowledged, exporter.Refused, outcomes.Unknown, produced - outcomes.Acknowledged - exporter.Refused - outcomes.Unknown, answers.Counts, answers.Flaws);
    }

    private static async Task<int> Produce(ActivitySource source, SdkOptions options, int traces, CancellationToken cancel)
    {
        var ids = new SdkTraces(options.Process);
        int number = 0;
        Activity.TraceIdGenerator = () => ids.Id(number);
        long started = Stopwatch.GetTimestamp();
        for (; number < traces; number++)
        {
            double due = number * SdkTraces.SpansPerTrace / options.SpansPerSecond - Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (due > 0.005) await Task.Delay(TimeSpan.FromSeconds(due), cancel);
            Activity.Current = null;
            using var root = Start(source, "GET /orders/{id}", ActivityKind.Server, number);
            for (int child = 1; child < SdkTraces.SpansPerTrace; child++)
                using (Start(source, "SELECT orders", ActivityKind.Client, number)?.SetTag("db.system.name", "postgresql").SetTag("server.address", "orders-db")) { }
        }
        return number;
    }

    private static Activity? Start(ActivitySource source, string name, ActivityKind kind, int number) =>
        source.StartActivity(name, kind)?.SetTag(SdkTraces.NumberTag, number).SetTag("user.id", number % 100_000).SetTag("http.request.method", "GET").SetTag("thread.id", 7);
}
