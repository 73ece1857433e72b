using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill metrics [NAME]</c>: what metrics there are, or one of them over time.</summary>
internal static class MetricsCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "The metric, whole name. Without it all that were seen are listed.", Arity = ArgumentArity.ZeroOrOne };
        var function = new Option<string?>("--fn") { Description = "rate, sum, avg, min, max, last, count, p50, p90, p95 or p99. Default: rate of counters, p95 of histograms, avg of gauges.", HelpName = "FUNCTION" };
        var by = new Option<string[]>("--by") { Description = "A series for each value of these keys, comma-separated: service, an attribute, or resource. and one of the sender.", HelpName = "KEYS" };
        var filter = new Option<string[]>("--filter") { Description = "Only series with this: 'http.route=/cart' or 'service!=cart'. May be given again.", HelpName = "KEY=VALUE" };
        var step = new Option<string?>("--step") { Description = "Time between two values: 15s, 5m. The server's default gives about 240 values.", HelpName = "DURATION" };
        var prefix = new Option<string?>("--prefix") { Description = "When listing: only names that begin so." };
        var service = new Option<string?>("--service") { Description = "Only what this service sends." };
        var limit = LimitOption.Create("Metrics or series to list.", 100);
        var command = new Command("metrics", "Show a metric over time, or list what metrics there are.")
        {
            name, function, by, filter, step, prefix, service, limit, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value,
        };
        command.SetAction((parsed, cancel) =>
        {
            if (parsed.GetValue(name) is not { Length: > 0 } metric)
                return Answer.Show(parsed, new UrlQuery("api/metrics").Add("prefix", parsed.GetValue(prefix)).Add("service", parsed.GetValue(service)).AddLimit(parsed, limit).AddTimeRange(parsed), List, cancel);
            var question = new UrlQuery("api/metrics/range").Add("metric", metric).Add("fn", parsed.GetValue(function)).Add("step", parsed.GetValue(step)).AddTimeRange(parsed)
                .Add("series", parsed.GetValue(limit).ToString(System.Globalization.CultureInfo.InvariantCulture));
            foreach (string keys in parsed.GetValue(by) ?? []) question.Add("by", keys);
            foreach (string one in parsed.GetValue(filter) ?? []) question.Add("filter", one);
            if (parsed.GetValue(service) is { } only) question.Add("filter", $"service={only}");
            return SeriesOutput.Show(parsed, question, "No point of this metric in this time. Widen it with --since 24h; 'waybill metrics' lists the metrics there are.", cancel);
        });
        return command;
    }

    private static void List(IAnsiConsole screen, JsonElement answer)
    {
        var table = Screen.Table("METRIC", "KIND", "UNIT", ">SERIES", "SERVICES", "ABOUT");
        foreach (JsonElement metric in answer.Items("metrics"))
        {
            string[] services = [.. metric.Items("services").Select(service => service.ToText())];
            string kind = metric.Text("kind") == "sum" && metric.Flag("monotonic") ? "counter" : metric.Text("kind").Replace('_', ' ');
            table.AddRow(Screen.Cell(metric.Text("metric")), Screen.Cell(kind), Screen.Cell(metric.Text("unit"), Paint.Faint), Screen.Cell(Figures.Count(metric.Number("seriesCount"))),
                services.Length == 1 ? Screen.Cell(services[0], Paint.Service(services[0])) : Screen.Cell(Figures.Count(services.Length, "service")), Screen.Cell(Visible.Cut(Visible.Of(metric.Text("description")), 60), Paint.Faint));
        }
        if (table.Rows.Count > 0) screen.WriteTable(table);
        else screen.WriteLine("No metric was seen in this time. Widen it with --since 24h, or see 'waybill status' for what arrives.");
    }
}
