using System.Diagnostics;
using System.Text.Json;
using Waybill.Processes;

namespace Waybill.RoundTrips;

/// <summary>The OpenTelemetry JavaScript SDK as its makers ship it (tests/clients/javascript): what it says that it sent is what is stored.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class JavascriptSdkTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("grpc")]
    [InlineData("proto")]
    [InlineData("json")]
    public async Task The_javascript_SDK_sends_traces_logs_and_metrics_that_come_back_field_for_field(string protocol)
    {
        await using var server = await WaybillServer.Start();
        using var client = Process.Start(new ProcessStartInfo("node", [Client(), protocol, (protocol == "grpc" ? server.At.GrpcUri : server.At.OtlpUri).GetLeftPart(UriPartial.Authority)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var complaints = client.StandardError.ReadToEndAsync(Cancel);
        string said = await client.StandardOutput.ReadToEndAsync(Cancel);
        await client.WaitForExitAsync(Cancel);
        Assert.True(client.ExitCode == 0, await complaints);
        using var sent = JsonDocument.Parse(said);
        Assert.Equal("[]", sent.RootElement.GetProperty("failures").GetRawText());
        await server.Stored();

        string[] spans = SentItems.Spans(sent.RootElement.GetProperty("traces")), logs = SentItems.Logs(sent.RootElement.GetProperty("logs")), points = SentItems.Points(sent.RootElement.GetProperty("metrics"));
        output.WriteLine($"{spans.Length} spans, {logs.Length} log records, {points.Length} data points");
        EveryFieldTests.Same(spans, await StoredItems.Spans(server));
        EveryFieldTests.Same(logs, await StoredItems.Logs(server));
        EveryFieldTests.Same(points, await StoredItems.Points(server));
        var refused = (await server.Status()).GetProperty("refused");
        Assert.Equal(0, refused.GetArrayLength());
    }

    private static string Client()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Waybill.slnx"))) return Path.Combine(at.FullName, "tests", "clients", "javascript", "main.mjs");
        throw new InvalidOperationException("The tests do not run from within the repository.");
    }
}
