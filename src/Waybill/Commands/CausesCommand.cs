using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill causes</c>: what may have made a window slow or failing, best first, with the evidence.</summary>
internal static class CausesCommand
{
    public static Command Create()
    {
        var baselineSince = new Option<string?>("--baseline-since") { Description = "Begin of what it is compared with. The server's default is the time just before.", HelpName = "TIME" };
        var baselineUntil = new Option<string?>("--baseline-until") { Description = "End of what it is compared with.", HelpName = "TIME" };
        var service = new Option<string?>("--service") { Description = "Only suspects in this service and in what it calls." };
        var environment = new Option<string?>("--environment", "-e") { Description = "Without spans that name another environment." };
        var trace = new Option<string?>("--trace") { Description = "Why this one trace is bad, against others of the same kind.", HelpName = "ID" };
        var limit = LimitOption.Create("Suspects to list.", 5);
        var command = new Command("causes", "Rank what may have caused a slow or failing time, best first.")
        {
            service, environment, trace, baselineSince, baselineUntil, limit, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value,
        };
        command.SetAction((parsed, cancel) =>
        {
            var query = new UrlQuery("api/causes").Add("service", parsed.GetValue(service)).Add("environment", parsed.GetValue(environment)).Add("trace", parsed.GetValue(trace))
                .Add("baselineSince", parsed.GetValue(baselineSince)).Add("baselineUntil", parsed.GetValue(baselineUntil)).AddLimit(parsed, limit).AddTimeRange(parsed);
            return Answer.Show(parsed, query, Write, cancel);
        });
        return command;
    }

    private static void Write(IAnsiConsole screen, JsonElement answer)
    {
        JsonElement window = answer.GetProperty("window"), baseline = answer.GetProperty("baseline");
        screen.Write(new Text($"{Range(window)} against {Range(baseline)} ({baseline.Text("chosen")})\n\n", Paint.Faint));
        WriteAffected(screen, answer);
        int rank = 0;
        foreach (JsonElement suspect in answer.Items("suspects")) WriteSuspect(screen, suspect, ++rank);
        if (rank == 0 && window.Number("spans") > 0)
            screen.WriteLine($"No suspect: nothing in this window differs enough from the baseline (threshold {answer.Real("threshold").ToString(CultureInfo.InvariantCulture)}).");
    }

    private static string Range(JsonElement range) => $"{Figures.Time(range.Number("sinceUnixNano"))[..19]} to {Figures.Time(range.Number("untilUnixNano"))[..19]} UTC, {Figures.Count(range.Number("spans"), "span")}";

    private static void WriteAffected(IAnsiConsole screen, JsonElement answer)
    {
        var table = Screen.Table("WORSE", "SERVICE", ">REQUESTS", ">P50", ">BEFORE", ">FAILED", ">BEFORE");
        foreach (JsonElement entry in answer.Items("affected").Take(5))
            table.AddRow(Screen.Cell(entry.Text("operation")), Screen.Cell(entry.Text("service"), Paint.Service(entry.Text("service"))), Screen.Cell(Figures.Count(entry.Number("windowRequests"))),
                Screen.Cell(Figures.Duration(entry.Number("windowP50Nano"))), Screen.Cell(Figures.Duration(entry.Number("baselineP50Nano")), Paint.Faint),
                Screen.Cell(entry.Real("windowErrorRatio").ToString("P1", CultureInfo.InvariantCulture)), Screen.Cell(entry.Real("baselineErrorRatio").ToString("P1", CultureInfo.InvariantCulture), Paint.Faint));
        if (table.Rows.Count == 0) return;
        screen.WriteTable(table);
        screen.WriteLine();
    }

    private static void WriteSuspect(IAnsiConsole screen, JsonElement suspect, int rank)
    {
        screen.Write(new Text($"{rank}. {suspect.Real("score").ToString("0.00", CultureInfo.InvariantCulture)}  ", Paint.Faint));
        screen.Write(new Text($"{Visible.Of(suspect.Text("sentence"))}\n"));
        foreach (JsonElement evidence in suspect.Items("evidence"))
        {
            screen.Write(new Text($"   {evidence.Real("contribution").ToString("0.00", CultureInfo.InvariantCulture)}  {evidence.Text("channel"),-10} {Visible.Of(evidence.Text("text"))}\n", Paint.Faint));
            string traces = string.Join(' ', evidence.Items("badTraces").Take(2).Select(id => id.ToText()));
            if (traces.Length > 0) screen.Write(new Text($"                    e.g. {traces}\n", Paint.Faint));
        }
        screen.WriteLine();
    }
}
