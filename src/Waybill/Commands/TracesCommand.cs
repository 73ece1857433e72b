using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill traces</c>: the latest traces that match.</summary>
internal static class TracesCommand
{
    /// <summary>Below it, only the columns that tell traces apart are shown.</summary>
    private const int WideColumns = 110;

    public static Command Create()
    {
        var service = new Option<string?>("--service") { Description = "Traces in which this service took part." };
        var operation = new Option<string?>("--operation") { Description = "Traces with a span of this name." };
        var error = new Option<bool>("--error", "-e") { Description = "Only traces with an error." };
        var duration = new Option<string?>("--min-duration") { Description = "Only traces at least this long: 250ms, 2s.", HelpName = "DURATION" };
        var limit = LimitOption.Create("Traces to list.", 20);
        var command = new Command("traces", "List the latest traces, newest first.") { service, operation, error, duration, limit, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value };
        command.SetAction((parsed, cancel) =>
        {
            var query = new UrlQuery("api/traces").Add("service", parsed.GetValue(service)).Add("operation", parsed.GetValue(operation)).Add("error", parsed.GetValue(error) ? "true" : null)
                .Add("minDuration", parsed.GetValue(duration)).AddLimit(parsed, limit).AddTimeRange(parsed);
            return Answer.Show(parsed, query, Write, cancel);
        });
        return command;
    }

    private static void Write(IAnsiConsole screen, JsonElement answer)
    {
        bool wide = screen.Profile.Width >= WideColumns;
        var table = wide ? Screen.Table("START (UTC)", "TRACE", "ROOT", ">DURATION", ">SPANS", ">ERRORS", ">SERVICES") : Screen.Table("TRACE", "ROOT", ">DURATION", ">ERRORS");
        int count = 0;
        foreach (JsonElement trace in answer.Items("traces"))
        {
            long errors = trace.Number("errorCount");
            string root = trace.Text("rootService");
            Text id = Screen.Cell(trace.Text("traceId")), duration = Screen.Cell(Figures.Duration(trace.Number("durationNano")));
            Text failures = Screen.Cell(errors == 0 ? "" : $"✗ {Figures.Count(errors)}", Paint.Error);
            var name = new Paragraph { Overflow = Overflow.Ellipsis }.Append(Visible.Cut(Visible.Of(root), 20), Paint.Service(root)).Append($" {Visible.Cut(Visible.Of(trace.Text("rootName")), 40)}");
            if (wide) table.AddRow(Screen.Cell(Figures.Time(trace.Number("startUnixNano")), Paint.Faint), id, name, duration,
                Screen.Cell(Figures.Count(trace.Number("spanCount"))), failures, Screen.Cell(Figures.Count(trace.Items("services").Count())));
            else table.AddRow(id, name, duration, failures);
            count++;
        }
        if (count > 0) screen.WriteTable(table);
        else screen.WriteLine("No trace matches. Widen the time with --since 24h, or see 'waybill status' for what arrives.");
    }
}
