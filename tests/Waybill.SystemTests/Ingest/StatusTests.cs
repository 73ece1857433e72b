using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Web;

namespace Waybill.Ingest;

public sealed class StatusTests
{
    [Fact]
    public async Task The_doors_are_kept_apart()
    {
        await using var server = await IngestServer.Start();
        using var api = await server.Http.GetAsync("/api/status", TestContext.Current.CancellationToken);
        using var metrics = await server.Http.GetAsync("/metrics", TestContext.Current.CancellationToken);
        using var otlp = await IngestServer.Send(server.Console, "/v1/traces", new ByteArrayContent([]), "application/x-protobuf");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (api.StatusCode, metrics.StatusCode, otlp.StatusCode));
    }

    [Fact]
    public async Task The_status_says_what_arrived_from_whom_and_what_was_refused()
    {
        await using var server = await IngestServer.Start(services: services => services.AddSingleton(new StatusSection("spool", () => new { Bytes = 7 })));
        using (await server.Post("/v1/traces", IngestServer.OneSpan)) { }
        using (await server.Post("/v1/traces", "secret"u8.ToArray())) { }

        string json = await server.Console.GetStringAsync("/api/status", TestContext.Current.CancellationToken);
        var status = JsonDocument.Parse(json).RootElement;
        Assert.Equal("traces", status.GetProperty("arrived")[0].GetProperty("signal").GetString());
        Assert.Equal(1, status.GetProperty("arrived")[0].GetProperty("items").GetInt64());
        Assert.Equal(7, status.GetProperty("spool").GetProperty("bytes").GetInt32());
        var refused = status.GetProperty("latestRefusals")[0];
        Assert.Equal("malformed", refused.GetProperty("reason").GetString());
        Assert.Equal("127.0.0.1", refused.GetProperty("peer").GetString());
        Assert.Equal(400, refused.GetProperty("httpStatus").GetInt32());
        Assert.DoesNotContain("secret", json);
    }

    [Fact]
    public async Task Metrics_are_in_the_format_that_Prometheus_reads()
    {
        await using var server = await IngestServer.Start();
        using (await server.Post("/v1/traces", IngestServer.OneSpan)) { }
        using var response = await server.Console.GetAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\n# TYPE waybill_ingest_items_total counter\n", "\n" + text);
        Assert.Contains("waybill_ingest_items_total{signal=\"traces\",protocol=\"otlp-http-protobuf\"} 1\n", text);
        Assert.Contains("waybill_ingest_request_seconds_bucket{protocol=\"otlp-http-protobuf\",le=\"+Inf\"} 1\n", text);
        Assert.Contains("process_resident_memory_bytes ", text);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.E+-]+)$""", line);
    }

    [Fact]
    public async Task Ready_is_said_when_every_check_holds()
    {
        string? missing = "the engine is starting.";
        await using var server = await IngestServer.Start(services: services => services.AddSingleton(new ReadinessCheck("engine", () => missing)));
        using var not = await server.Console.GetAsync("/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, not.StatusCode);
        Assert.Equal("engine: the engine is starting.\n", await not.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var live = await server.Console.GetAsync("/healthz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        missing = null;
        using var ready = await server.Console.GetAsync("/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task Wrong_settings_stop_the_start_and_are_all_named()
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => IngestServer.Start(new()
        {
            ["Ingest:RequestBytesMax"] = "1",
            ["Ingest:BrowserOrigins:0"] = "shop.example/x",
        }));
        Assert.Contains("RequestBytesMax", wrong.Message);
        Assert.Contains("shop.example/x", wrong.Message);
        var open = await Assert.ThrowsAsync<OptionsValidationException>(() => IngestServer.Start(new() { ["Ports:Bind"] = "0.0.0.0" }));
        Assert.Contains("no tokens and no OIDC", open.Message);
        Assert.Contains("waybill user add", open.Message);
    }
}
