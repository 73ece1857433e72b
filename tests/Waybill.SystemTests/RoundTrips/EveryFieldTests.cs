using System.Net;
using System.Text.Json;
using Waybill.Durability;
using Waybill.Ingest;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.RoundTrips;

/// <summary>Requests with every field of every OTLP message, random values at the edges of their types, by every protocol; read back field for field.</summary>
public sealed class EveryFieldTests(ITestOutputHelper output)
{
    private const int Requests = 25;

    public enum Way { HttpProtobuf, HttpJson, Grpc }

    [Theory]
    [InlineData(Way.HttpProtobuf)]
    [InlineData(Way.HttpJson)]
    [InlineData(Way.Grpc)]
    public async Task Spans_logs_and_metrics_come_back_with_every_field(Way way)
    {
        int seed = Switches.Seed(output);
        await using var server = await WaybillServer.Start();
        List<string> spans = [], logs = [], points = [];
        for (int i = 0; i < Requests; i++)
        {
            var samples = new Samples(seed + i);
            Message traces = Whole.Traces(samples.Traces()), records = Whole.Logs(samples.Logs(), samples.Random), metrics = Whole.Metrics(samples.Metrics(), samples.Random, i);
            await Send(server, way, Signal.Traces, traces, samples.Random);
            await Send(server, way, Signal.Logs, records, samples.Random);
            await Send(server, way, Signal.Metrics, metrics, samples.Random);
            spans.AddRange(SentItems.Spans(Json(traces)));
            logs.AddRange(SentItems.Logs(Json(records)));
            points.AddRange(SentItems.Points(Json(metrics)));
        }
        await server.Stored();

        output.WriteLine($"{spans.Count} spans, {logs.Count} log records, {points.Count} data points");
        Same(spans, await StoredItems.Spans(server));
        Same(logs, await StoredItems.Logs(server));
        Same(points, await StoredItems.Points(server));
    }

    /// <summary>Item by item, so that a difference is shown in its own few lines.</summary>
    internal static void Same(IEnumerable<string> sent, string[] stored)
    {
        string[] all = [.. sent.Order(StringComparer.Ordinal)];
        Assert.NotEmpty(all);
        string[] missing = [.. all.Except(stored)], strange = [.. stored.Except(all)];
        Assert.True(missing.Length == 0 && strange.Length == 0, $"{missing.Length} items did not come back as sent, first:\n{missing.FirstOrDefault()}\n\n{strange.Length} came back that were not sent, first:\n{strange.FirstOrDefault()}");
        Assert.Equal(all.Length, stored.Length);
    }

    private static JsonElement Json(Message request)
    {
        using var document = JsonDocument.Parse(request.ToJson(new Random(0)));
        return document.RootElement.Clone();
    }

    private static async Task Send(WaybillServer server, Way way, Signal signal, Message request, Random random)
    {
        switch (way)
        {
            case Way.HttpProtobuf:
                await server.Post($"/v1/{signal.Name()}", request.ToProtobuf());
                break;
            case Way.HttpJson:
                await server.Post($"/v1/{signal.Name()}", request.ToJson(random), "application/json");
                break;
            default:
                string name = signal switch { Signal.Traces => "trace.v1.Trace", Signal.Logs => "logs.v1.Logs", _ => "metrics.v1.Metrics" };
                var answer = await server.At.Grpc.Call($"/opentelemetry.proto.collector.{name}Service/Export", GrpcClient.Frame(request.ToProtobuf()));
                Assert.Equal((HttpStatusCode.OK, "0"), (answer.HttpStatus, answer.Status));
                break;
        }
    }
}
