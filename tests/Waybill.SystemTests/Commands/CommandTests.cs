using System.Net.Http.Headers;
using System.Text.Json;

namespace Waybill.Commands;

/// <summary>Each command against a real server.</summary>
public sealed class CommandTests(ServedWaybill server) : IClassFixture<ServedWaybill>
{
    private Task<Ended> Run(string arguments) => WaybillProgram.Run(arguments, environment: ("WAYBILL_SERVER", server.Console));

    private async Task<string> Send()
    {
        Ended sent = await Run($"send --endpoint {server.OtlpHttp} --output json");
        Assert.Equal((0, ""), (sent.ExitCode, sent.Error));
        using JsonDocument json = sent.Json;
        Assert.InRange(json.RootElement.GetProperty("acknowledgedMilliseconds").GetDouble(), 0.001, 30_000);
        return json.RootElement.GetProperty("traceId").GetString()!;
    }

    [Fact]
    public void The_server_listens_within_3_seconds() => Assert.InRange(server.ListeningAfter, TimeSpan.Zero, TimeSpan.FromSeconds(3));

    [Fact]
    public async Task What_send_sends_is_shown_by_trace_traces_services_and_status()
    {
        string id = await Send();
        Ended trace = await Run($"trace {id}");
        Assert.Equal((0, ""), (trace.ExitCode, trace.Error));
        Assert.Contains("✗ charge card", trace.Output, StringComparison.Ordinal);
        Assert.Contains("✗ The card was declined (this is a test)", trace.Output, StringComparison.Ordinal);
        Assert.Contains("warn +150 ms  The card was declined; the order waits for another one.", trace.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', trace.Output);

        using (JsonDocument json = (await Run($"trace {id} --output json")).Json) Assert.Equal(5, json.RootElement.GetProperty("spans").GetArrayLength());
        Assert.Contains(id, (await Run("traces --error --service waybill-send-payments")).Output, StringComparison.Ordinal);
        using (JsonDocument json = (await Run("traces --output json")).Json) Assert.NotEqual(0, json.RootElement.GetProperty("traces").GetArrayLength());
        Assert.Contains(id, (await Run("search {status=error}>>{}||{status=error}")).Output, StringComparison.Ordinal);
        using (JsonDocument json = JsonDocument.Parse((await Run("search {status=error} --limit 1 --output json")).Output)) Assert.Equal(1, json.RootElement.GetProperty("errorCount").GetInt32());
        Assert.Contains("resource.service.name=waybill-send-payments", (await Run("query {}|count_over_time()by(resource.service.name)")).Output, StringComparison.Ordinal);
        Assert.Contains("waybill-send-payments", (await Run("services")).Output, StringComparison.Ordinal);
        using (JsonDocument json = (await Run("services --output json")).Json) Assert.Contains(json.RootElement.GetProperty("services").EnumerateArray(), service => service.GetProperty("service").GetString() == "waybill-send");
        Assert.Contains("otlp-http-json", (await Run("status")).Output, StringComparison.Ordinal);
        using (JsonDocument json = (await Run("status -o json")).Json) Assert.True(json.RootElement.GetProperty("engine").GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task An_unknown_trace_is_exit_code_1_with_the_fix()
    {
        Ended ended = await Run("trace 0505b7508345d18099a036f9bbade707");
        Assert.Equal((1, $"waybill: No span or log record of trace 0505b7508345d18099a036f9bbade707 is stored at {server.Console}/. Sent just now? Ask again in a few seconds; 'waybill traces' lists what is there.\n"),
            (ended.ExitCode, ended.Error));
    }

    [Fact]
    public async Task What_the_server_finds_wrong_names_the_option()
    {
        Ended ended = await Run("traces --since yesterday");
        Assert.Equal(1, ended.ExitCode);
        Assert.StartsWith("waybill: --since: ", ended.Error, StringComparison.Ordinal);
        Assert.Equal(1, ended.Error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("table")]
    [InlineData("json")]
    public async Task A_terminal_escape_in_a_span_never_reaches_the_terminal(string output)
    {
        string id = Guid.NewGuid().ToString("N");
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        string body = $$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{id}}","spanId":"0000000000000001","name":"a\u001b[31mb\u202ec\u009bd","startTimeUnixNano":"{{now}}","endTimeUnixNano":"{{now + 5}}"}]}]}]}""";
        using var http = new HttpClient();
        using var content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json"));
        (await http.PostAsync(new Uri($"{server.OtlpHttp}/v1/traces"), content, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await Send();   // Readable when this one is: it came later.

        Ended trace = await Run($"trace {id} --output {output}");
        Assert.Equal(0, trace.ExitCode);
        Assert.DoesNotContain(trace.Output, c => c is '\e' or '\u202e' or '\u009b');
        Assert.Contains(output == "json" ? "a\\u001b[31mb" : "a␛[31mb", trace.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_doctor_answers_as_json_and_says_the_fix_of_what_fails()
    {
        Ended ended = await WaybillProgram.Run("doctor --output json --data /proc/nowhere", environment: [("WAYBILL_SERVER", server.Console), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
        Assert.Equal(1, ended.ExitCode);
        using JsonDocument json = ended.Json;
        var findings = json.RootElement.GetProperty("findings").EnumerateArray().ToList();
        Assert.All(findings.Where(finding => finding.GetProperty("level").GetString() != "ok"), finding => Assert.NotEmpty(finding.GetProperty("fix").GetString()!));
        Assert.Equal(["disk", "sdk"], findings.Where(finding => finding.GetProperty("level").GetString() == "fail" && finding.GetProperty("check").GetString() != "ports").Select(finding => finding.GetProperty("check").GetString()));
        Assert.Contains(findings, finding => finding.GetProperty("check").GetString() == "engine" && finding.GetProperty("level").GetString() == "ok");
    }
}
