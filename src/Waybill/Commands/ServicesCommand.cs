using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill services</c>: who sends spans, how much, how fast, how often in error.</summary>
internal static class ServicesCommand
{
    public static Command Create()
    {
        var command = new Command("services", "List the services that sent spans, with their errors and latencies.") { TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value };
        command.SetAction((parsed, cancel) =>
        {
            var query = new UrlQuery("api/services").AddTimeRange(parsed);
            return Answer.Show(parsed, query, Write, cancel);
        });
        return command;
    }

    private static void Write(IAnsiConsole screen, JsonElement answer)
    {
        var table = Screen.Table("SERVICE", "NAMESPACE", "VERSION", ">SPANS", ">REQUESTS", ">FAILED", ">P50", ">P95", ">LAST SEEN");
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (JsonElement service in answer.Items("services"))
        {
            long requests = service.Number("requestCount"), errors = service.Number("requestErrorCount");
            string name = service.Text("service");
            table.AddRow(
                Screen.Cell(name.Length == 0 ? "(no service.name)" : name, Paint.Service(name)),
                Screen.Cell(string.Join(", ", service.Items("namespaces").Select(space => space.ToText())), Paint.Faint),
                Screen.Cell(string.Join(", ", service.Items("versions").Select(version => version.ToText())), Paint.Faint),
                Screen.Cell(Figures.Count(service.Number("spanCount"))),
                Screen.Cell(Figures.Count(requests)),
                Screen.Cell(errors == 0 ? "" : $"{Figures.Count(errors)} ({100.0 * errors / Math.Max(1, requests):0.#} %)", Paint.Error),
                Screen.Cell(Figures.Duration(service.Number("p50Nano"))),
                Screen.Cell(Figures.Duration(service.Number("p95Nano"))),
                Screen.Cell(Figures.Ago(TimeSpan.FromMilliseconds(Math.Max(0, now - service.Number("lastSeenUnixNano") / 1_000_000))), Paint.Faint));
        }
        if (table.Rows.Count > 0) screen.WriteTable(table);
        else screen.Write(new Text("No service sent a span in this time. Widen it with --since 24h, or see 'waybill status' for what arrives.\n"));
    }
}
