using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill verdict</c>: whether a version that serves beside another should go on; its exit code is a gate for any pipeline.</summary>
internal static class VerdictCommand
{
    private const int Hold = 3;
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var service = new Argument<string>("SERVICE") { Description = "The service.name." };
        var version = new Argument<string>("VERSION") { Description = "The new service.version." };
        var against = new Option<string?>("--against") { Description = "The version it is compared with. Default: the one that served most in the same time.", HelpName = "VERSION" };
        var wait = new Option<int>("--wait-seconds") { Description = "How long to ask again while it is hold: too few requests yet, or something to look at.", HelpName = "N", DefaultValueFactory = _ => 0 };
        wait.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out int seconds) && seconds is < 0 or > 86_400) result.AddError("--wait-seconds: 0 to 86400.");
        });
        var command = new Command("verdict", "Promote, hold or roll back a version: exit code 0, 3 or 1.") { service, version, against, wait, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value };
        command.SetAction((parsed, cancel) =>
        {
            var query = new UrlQuery("api/verdict").Add("service", parsed.GetRequiredValue(service)).Add("version", parsed.GetRequiredValue(version)).Add("against", parsed.GetValue(against)).AddTimeRange(parsed);
            return Judge(parsed, query.ToString(), TimeSpan.FromSeconds(parsed.GetValue(wait)), TimeProvider.System, cancel);
        });
        return command;
    }

    private static async Task<int> Judge(ParseResult parsed, string question, TimeSpan patience, TimeProvider clock, CancellationToken cancel)
    {
        using var client = new ServerClient(parsed.Server());
        long began = clock.GetTimestamp();
        while (true)
        {
            using JsonDocument answer = await client.GetJson(question, cancel);
            JsonElement verdict = answer.RootElement;
            bool again = verdict.Text("verdict") == "hold" && clock.GetElapsedTime(began) + AskAgainAfter <= patience;
            if (again)
            {
                await Task.Delay(AskAgainAfter, clock, cancel);
                continue;
            }
            if (parsed.IsJson()) JsonOutput.Write(verdict.WriteTo);
            else Write(Screen.Open(), verdict);
            return verdict.Text("verdict") switch { "promote" => ExitCode.Done, "hold" => Hold, _ => ExitCode.Failed };
        }
    }

    private static void Write(IAnsiConsole screen, JsonElement verdict)
    {
        screen.WriteLine(Visible.Of($"{verdict.Text("verdict")}: {verdict.Text("service")} {verdict.Text("version")} ({Figures.Count(verdict.Number("canaryRequests"), "request")}) against {verdict.Text("against")} ({Figures.Count(verdict.Number("baselineRequests"), "request")})"));
        foreach (JsonElement check in verdict.Items("reasons"))
        {
            (string mark, Style style) = check.Text("verdict") switch { "rollback" => ("✗", Paint.Error), "hold" => ("!", Paint.Doubt), _ => ("·", Paint.Plain) };
            screen.Write(new Text($"  {mark} ", style));
            screen.Write(new Text($"{Visible.Of(check.Text("sentence"))}\n"));
            string traces = string.Join(' ', check.Items("traces").Take(3).Select(id => id.ToText()));
            if (traces.Length > 0) screen.Write(new Text($"      e.g. {traces}\n", Paint.Faint));
        }
    }
}
