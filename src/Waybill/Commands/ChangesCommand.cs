using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill changes</c>: what was changed lately.</summary>
internal static class ChangesCommand
{
    public static Command Create()
    {
        var service = new Option<string?>("--service") { Description = "Changes of these services, comma-separated." };
        var kind = new Option<string?>("--kind") { Description = "Of these kinds, comma-separated." };
        var environment = new Option<string?>("--environment", "-e") { Description = "Of this environment." };
        var since = new Option<string?>("--since") { Description = "Begin, as 2026-11-22T10:00:00Z or 30m, 24h, 7d ago. Default 24h.", HelpName = "TIME" };
        var limit = LimitOption.Create("Changes to list.", 20);
        var command = new Command("changes", "List what was changed, newest first: deployments, configuration, flags, schemas and more.") { service, kind, environment, since, TimeRangeOptions.Until, limit, ServerOption.Value };
        command.SetAction((parsed, cancel) =>
        {
            var query = new UrlQuery("api/changes").Add("service", parsed.GetValue(service)).Add("kind", parsed.GetValue(kind)).Add("environment", parsed.GetValue(environment))
                .Add("since", parsed.GetValue(since)).Add("until", parsed.GetValue(TimeRangeOptions.Until)).AddLimit(parsed, limit);
            return Answer.Show(parsed, query, Write, cancel);
        });
        return command;
    }

    private static void Write(IAnsiConsole screen, JsonElement answer)
    {
        var table = Screen.Table("STARTED (UTC)", "KIND", "SERVICE", "WHAT", "OUTCOME", "BY");
        foreach (JsonElement change in answer.Items("changes"))
        {
            string service = change.Text("service") is { Length: > 0 } named ? named : change.Text("subject"), outcome = change.Text("outcome");
            string what = change.Text("summary") is { Length: > 0 } summary ? summary : string.Join(" → ", new[] { change.Text("previousVersion"), change.Text("version") }.Where(part => part.Length > 0));
            table.AddRow(
                Screen.Cell(Figures.Time(change.Number("startedUnixNano")), Paint.Faint),
                Screen.Cell(change.Text("kind")),
                Screen.Cell(service, Paint.Service(service)),
                Screen.Cell(what),
                Screen.Cell(outcome == "unknown" ? "" : outcome, outcome == "failure" ? Paint.Error : Paint.Faint),
                Screen.Cell(change.Flag("inferred") ? "(inferred)" : change.Text("author"), Paint.Faint));
        }
        if (table.Rows.Count > 0) screen.WriteTable(table);
        else screen.WriteLine("Nobody reported a change in this time, and none was seen. Widen it with --since 7d; 'waybill deploy' and 'waybill change' report one.");
    }
}
