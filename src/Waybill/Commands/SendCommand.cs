using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Connect;
using Waybill.Options;
using Waybill.Sending;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill send</c>: proves the whole way, from an OTLP request to an answer of the API.</summary>
internal static class SendCommand
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);

    public static Command Create()
    {
        var endpoint = UrlOption.Create("--endpoint", "OTLP/HTTP receiver to send to.", () => new Uri($"http://127.0.0.1:{Ports.OtlpHttp}"));
        var wait = new Option<int>("--wait-seconds") { Description = "Longest wait until the trace can be read; 0 does not wait.", HelpName = "N", DefaultValueFactory = _ => 30 };
        wait.Validators.Add(value =>
        {
            if (value.GetValueOrDefault<int>() is < 0 or > 600) value.AddError("--wait-seconds is a whole number from 0 to 600.");
        });
        var command = new Command("send", "Send a test trace with a log record and a metric, say where they landed, and print its URL.") { endpoint, wait, ServerOption.Value };
        command.SetAction((parsed, cancel) => Send(parsed.GetRequiredValue(endpoint), parsed.Server(), TimeSpan.FromSeconds(parsed.GetValue(wait)), parsed.IsJson(), cancel));
        return command;
    }

    private static async Task<int> Send(Uri endpoint, Uri server, TimeSpan wait, bool asJson, CancellationToken cancel)
    {
        var trace = new TestTrace(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000);
        using var sender = new OtlpSender(endpoint);
        using var client = new ServerClient(server);
        using var progress = new ProgressLine();
        progress.Show($"sending to {endpoint}");
        TimeSpan acknowledged = await sender.Send("traces", trace.Traces(), cancel);
        long sent = TimeProvider.System.GetTimestamp();
        await sender.Send("logs", trace.Logs(), cancel);
        await sender.Send("metrics", trace.Metrics(), cancel);

        string url = $"{server.ToString().TrimEnd('/')}/api/traces/{trace.Id}";
        TimeSpan? readable = null;
        if (wait > TimeSpan.Zero)
        {
            progress.Show("acknowledged, so it is durable; waiting until it can be read");
            readable = await UntilReadable(client, trace, sent, wait, cancel)
                ?? throw new CommandFailure($"The trace {trace.Id} was acknowledged by {endpoint} but cannot be read at {server} after {wait.TotalSeconds:0} s. Are both the same server? 'waybill status' shows the spool's lag.");
        }
        progress.Dispose();
        if (asJson) JsonOutput.Write(json => Write(json, trace, endpoint, url, acknowledged, readable));
        else Print(trace, endpoint, server, url, acknowledged, readable);
        return ExitCode.Done;
    }

    private static async Task<TimeSpan?> UntilReadable(ServerClient client, TestTrace trace, long sent, TimeSpan wait, CancellationToken cancel)
    {
        while (TimeProvider.System.GetElapsedTime(sent) < wait)
        {
            await using Stream? body = await client.TryGet($"api/traces/{trace.Id}", cancel);
            if (body is not null)
            {
                using JsonDocument answer = await JsonDocument.ParseAsync(body, cancellationToken: cancel);
                if (answer.RootElement.Number("spanCount") == trace.Spans && answer.RootElement.Items("logs").Any()) return TimeProvider.System.GetElapsedTime(sent);
            }
            await Task.Delay(AskEvery, cancel);
        }
        return null;
    }

    private static void Print(TestTrace trace, Uri endpoint, Uri server, string url, TimeSpan acknowledged, TimeSpan? readable)
    {
        var screen = Screen.Open();
        int width = Math.Max(200, screen.Profile.Width);   // An id or URL that is cut is of no use.
        Line Row(string name) => new Line(width).Add(name, Paint.Faint).To(14);
        screen.Write([
            Row("trace").Add(trace.Id, Paint.Strong),
            Row("sent to").Add($"{endpoint}  5 spans, 1 log record, 1 metric as OTLP/JSON"),
            Row("acknowledged").Add($"in {Milliseconds(acknowledged)}", Paint.Good).Add(": it is on the disk"),
            readable is { } after ? Row("readable").Add($"{Milliseconds(after)} later", Paint.Good).Add($" at {server}") : Row("readable").Add("not waited for"),
            Row("URL").Add(url),
            Row("see it").Add($"waybill trace {trace.Id}{(server.IsLoopback && server.Port == Ports.Console ? "" : $" --server {server}")}"),
        ]);
    }

    private static void Write(Utf8JsonWriter json, TestTrace trace, Uri endpoint, string url, TimeSpan acknowledged, TimeSpan? readable)
    {
        json.WriteStartObject();
        json.WriteString("traceId", trace.Id);
        json.WriteString("endpoint", endpoint.ToString());
        json.WriteString("url", url);
        json.WriteNumber("spanCount", trace.Spans);
        json.WriteNumber("acknowledgedMilliseconds", Math.Round(acknowledged.TotalMilliseconds, 3));
        if (readable is { } after) json.WriteNumber("readableAfterMilliseconds", Math.Round(after.TotalMilliseconds, 3));
        json.WriteEndObject();
    }

    private static string Milliseconds(TimeSpan time) => Figures.Duration(time.Ticks * 100);
}
