using System.Net;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Waybill.Durability;
using Waybill.Otlp;
using Waybill.Processes;

namespace Waybill.Metrics;

/// <summary>The metrics API as its clients use it, with metrics of a real SDK and with what no SDK sends.</summary>
public sealed class MetricsTests
{
    private const ulong Hour = 3_600_000_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_sdk_measures_is_listed_and_read_back()
    {
        await using var server = await WaybillServer.Start();
        using (var meter = new System.Diagnostics.Metrics.Meter("shop"))
        using (MeterProvider provider = Sdk.CreateMeterProviderBuilder().ConfigureResource(resource => resource.AddService("cart", serviceInstanceId: "one")).AddMeter("shop")
            .AddView("size", new Base2ExponentialBucketHistogramConfiguration()).SetExemplarFilter(ExemplarFilterType.AlwaysOn)
            .AddOtlpExporter(exporter => (exporter.Endpoint, exporter.Protocol) = (new Uri(server.At.Otlp.BaseAddress!, "/v1/metrics"), OtlpExportProtocol.HttpProtobuf)).Build())
        {
            var orders = meter.CreateCounter<long>("orders", "{order}", "Orders taken");
            var latency = meter.CreateHistogram<double>("latency", "s");
            var size = meter.CreateHistogram<long>("size", "By");
            meter.CreateObservableGauge("stock", () => 41.5);
            using var source = new System.Diagnostics.ActivitySource("shop");
            using var listener = new System.Diagnostics.ActivityListener { ShouldListenTo = _ => true, Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) => System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded };
            System.Diagnostics.ActivitySource.AddActivityListener(listener);
            using (source.StartActivity("request"))
                for (int i = 1; i <= 20; i++)
                {
                    orders.Add(3, new KeyValuePair<string, object?>("region", i % 2 == 0 ? "eu" : "us"), new KeyValuePair<string, object?>("tries", 1));
                    latency.Record(i / 10.0);
                    size.Record(i * 100);
                }
            Assert.True(provider.ForceFlush());
        }
        await server.Stored();

        JsonElement[] listed = [.. (await Ask(server, "/api/metrics")).GetProperty("metrics").EnumerateArray()];
        Assert.Equal(["latency histogram s cumulative", "orders sum {order} cumulative", "size exponential_histogram By cumulative", "stock gauge  unspecified"],
            listed.Select(metric => $"{Text(metric, "metric")} {Text(metric, "kind")} {Text(metric, "unit")} {Text(metric, "temporality")}"));
        Assert.Equal(("Orders taken", true, 2, "rate"), (Text(listed[1], "description"), listed[1].GetProperty("monotonic").GetBoolean(), listed[1].GetProperty("seriesCount").GetInt32(), listed[1].GetProperty("functions")[0].GetString()));
        Assert.Empty((await Ask(server, "/api/metrics?prefix=or&service=other")).GetProperty("metrics").EnumerateArray());

        JsonElement series = (await Ask(server, "/api/metrics/series?metric=orders&filter=region%3Deu")).GetProperty("series")[0];
        Assert.Equal(("eu", 1, "one"), (Text(series.GetProperty("attributes"), "region"), series.GetProperty("attributes").GetProperty("tries").GetInt32(), Text(series.GetProperty("resource"), "service.instance.id")));

        Assert.Equal(60, await Total(server, "orders", "sum"), 6);
        Assert.Equal(30, await Total(server, "orders", "sum&filter=region!%3Deu&filter=tries%3D1"), 6);
        Assert.Equal((20, 21), (Math.Round(await Total(server, "latency", "count"), 6), Math.Round(await Total(server, "latency", "sum"), 6)));
        Assert.Equal(41.5, Values(await Range(server, "stock", "last"))[0]);
        // Within a bucket of the true median: 1,000 or 1,100 of the sizes; 160 buckets over a factor of 20 are 2 % wide.
        Assert.InRange(Values(await Range(server, "size", "p50"))[0], 970, 1_130);
        var byRegion = (await Range(server, "orders", "rate&by=region,resource.service.instance.id,none")).GetProperty("series").EnumerateArray().Select(one => one.GetProperty("labels").ToString()).Order(StringComparer.Ordinal);
        Assert.Equal(["""{"region":"eu","resource.service.instance.id":"one","none":""}""", """{"region":"us","resource.service.instance.id":"one","none":""}"""], byRegion);

        JsonElement[] exemplars = [.. (await Ask(server, "/api/metrics/exemplars?metric=latency")).GetProperty("exemplars").EnumerateArray()];
        Assert.NotEmpty(exemplars);
        Assert.All(exemplars, exemplar => Assert.Equal((32, 16, "cart"), (Text(exemplar, "traceId").Length, Text(exemplar, "spanId").Length, Text(exemplar, "service"))));
    }

    [Fact]
    public async Task A_counter_is_told_by_its_increase_over_restarts_gaps_and_two_units()
    {
        await using var server = await WaybillServer.Start();
        ulong minute = Requests.Now / (Hour / 60) * (Hour / 60), begin = minute - Hour / 2;
        Message Point(ulong at, ulong start, long value) => new Message().Add(2, "startTimeUnixNano", Wire.Fixed64, start).Add(3, "timeUnixNano", Wire.Fixed64, at).Add(6, "asInt", Wire.SFixed64, value);
        Message Sum(string name, string unit, params Message[] points) => new Message().Add(1, "name", Wire.Text, name).Add(3, "unit", Wire.Text, unit)
            .Add(7, "sum", Wire.Message, new Message().AddAll(1, "dataPoints", points).Add(2, "aggregationTemporality", Wire.Varint, 2UL).Add(3, "isMonotonic", Wire.Bool, true));
        ulong At(int tens) => begin + (ulong)tens * 10_000_000_000;
        await server.Post("/v1/metrics", Requests.Metrics(
            // Running for days when it is first seen; restarts at 50 s; is silent from 60 s until 900 s.
            Sum("jobs", "1", Point(At(0), begin - 100 * Hour, 1_000_000), Point(At(3), begin - 100 * Hour, 1_000_030), Point(At(6), At(5), 20), Point(At(7), At(5), 30), Point(At(8), At(5), 40), Point(At(90), At(5), 900), Point(At(91), At(5), 910)),
            Sum("jobs", "s", Point(At(0), 0, 5))).ToProtobuf());
        await server.Stored();

        string range = $"&since={begin - Hour / 60}&until={begin + Hour / 3}&step=10s";
        JsonElement rate = await Ask(server, "/api/metrics/range?metric=jobs&fn=rate&unit=1" + range);
        // 1 a second until 30 s; then nobody knows until the restart at 50 s, since when 20 in 10 s; gaps are null.
        double?[] values = [.. rate.GetProperty("series")[0].GetProperty("values").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble())];
        int first = Array.FindIndex(values, value => value is not null);
        Assert.Equal([1, 1, 1, null, null, 2, 1, 1], values[first..(first + 8)]);
        Assert.All(values[(first + 8)..(first + 90)], Assert.Null);
        Assert.Equal(1, values[first + 90]);
        Assert.Equal("gap", Text(rate.GetProperty("reasons")[0], "reason"));
        Assert.Equal("several_kinds", Text((await Ask(server, "/api/metrics/range?metric=jobs" + range)).GetProperty("reasons")[0], "reason"));
        // With a step longer than the silence all of it is in.
        Assert.Equal(30 + 910, await Total(server, "jobs", $"sum&unit=1&step=1h"), 6);
    }

    [Fact]
    public async Task What_has_an_impossible_time_is_listed_with_its_sender_and_why()
    {
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        ulong now = Requests.Now;
        await server.Post("/v1/traces", Requests.Traces(Requests.Span(trace, 1, 0, now), Requests.Span(trace, 2, 0, now - 15 * 24 * Hour, "late"), Requests.Span(trace, 3, 0, now + 2 * Hour, "early"), Requests.Span(trace, 4, 0, ulong.MaxValue, "early")).ToProtobuf());
        await server.Post("/v1/metrics", Requests.Metrics(new Message().Add(1, "name", Wire.Text, "lost").Add(5, "gauge", Wire.Message, new Message().AddAll(1, "dataPoints", [new Message().Add(6, "asInt", Wire.SFixed64, 1L)]))).ToProtobuf());
        await server.Stored();

        JsonElement[] entries = [.. (await Ask(server, "/api/quarantine")).GetProperty("entries").EnumerateArray()];
        Assert.Equal(["metrics by-hand no_time 1 lost", "traces by-hand in_future 2 early", "traces by-hand too_old 1 late"],
            entries.Select(entry => $"{Text(entry, "signal")} {Text(entry, "service")} {Text(entry, "why")} {entry.GetProperty("count")} {Text(entry.GetProperty("sample"), "name")}").Order(StringComparer.Ordinal));
        JsonElement early = entries.Single(entry => Text(entry, "why") == "in_future");
        Assert.Equal(((now + 2 * Hour).ToString(), ulong.MaxValue.ToString(), Convert.ToHexStringLower(trace)), (Text(early, "oldestUnixNano"), Text(early, "newestUnixNano"), Text(early.GetProperty("sample"), "traceId")));
        Assert.Single((await Ask(server, "/api/quarantine?signal=metrics")).GetProperty("entries").EnumerateArray());

        (string Path, string Parameter)[] wrong =
        [
            ("/api/quarantine?signal=smoke", "signal"), ("/api/metrics?limit=0", "limit"), ("/api/metrics/series", "metric"), ("/api/metrics/series?metric=a&filter=b", "filter"), ("/api/metrics/range?metric=a&fn=p51", "fn"),
            ("/api/metrics/range?metric=a&step=0s", "step"), ("/api/metrics/range?metric=a&step=1s&since=1d", "step"), ("/api/metrics/range?metric=a&kind=odd", "kind"), ("/api/metrics/range?metric=a&series=0", "series"),
            ("/api/metrics/range?metric=a&by=a,b,c,d,e,f,g,h,i,j,k", "by"), ("/api/metrics/exemplars?metric=a&since=then", "since"),
        ];
        foreach (var (path, parameter) in wrong)
        {
            using var answer = await server.At.Api.GetAsync(path, Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{path}: {answer.StatusCode}");
            Assert.Equal(parameter, Text(await Json(answer), "parameter"));
        }
        JsonElement unknown = await Ask(server, "/api/metrics/range?metric=never.seen");
        Assert.Equal(("complete", "", 0), (Text(unknown, "status"), Text(unknown, "kind"), unknown.GetProperty("series").GetArrayLength()));
    }

    private static Task<JsonElement> Range(WaybillServer server, string metric, string function) => Ask(server, $"/api/metrics/range?metric={metric}&fn={function}");

    private static async Task<double> Total(WaybillServer server, string metric, string function) => Values(await Range(server, metric, function)).Sum();

    private static double[] Values(JsonElement range) => [.. range.GetProperty("series").EnumerateArray().SelectMany(series => series.GetProperty("values").EnumerateArray()).Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetDouble())];

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString() ?? "";

    private static async Task<JsonElement> Ask(WaybillServer server, string path)
    {
        using var answer = await server.At.Api.GetAsync(path, Cancel);
        JsonElement json = await Json(answer);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {json}\n{server.Log}");
        return json;
    }

    private static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Cancel));
        return json.RootElement.Clone();
    }
}
