using System.CommandLine;
using Waybill.Api;
using Waybill.Logs;
using Waybill.Options;
using Waybill.Query;

namespace Waybill.Commands;

/// <summary><c>waybill logs '{ severity >= error }'</c>: log records that match, the newest at the end, and those that arrive.</summary>
internal static class LogsCommand
{
    private const int LimitMax = 100_000, ContextMax = 100;

    public static Command Create()
    {
        var filter = new Argument<string?>("filter") { Description = "Conditions on the record's fields, in single quotes for the shell: '{ severity >= error && .user.id = \"4711\" }'. Without it every record.", Arity = ArgumentArity.ZeroOrOne };
        var text = new Option<string?>("--text") { Description = "Words that the body contains, in any case: 'card declined', '\"a phrase\"', '-timeout' for what it must not contain.", HelpName = "WORDS" };
        var trace = new Option<string?>("--trace") { Description = "Only records of this trace.", HelpName = "ID" };
        var service = new Option<string?>("--service") { Description = "Only records of this service." };
        var severity = new Option<string?>("--severity") { Description = "At least so severe: trace, debug, info, warn, error or fatal.", HelpName = "LEVEL" };
        var context = new Option<int>("--context", "-C") { Description = "Also show so many records of the same process before and after each.", HelpName = "N" };
        context.Validators.Add(option =>
        {
            if (option.GetValueOrDefault<int>() is < 0 or > ContextMax) option.AddError($"--context is from 0 to {ContextMax}.");
        });
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on, and show records as they arrive. Ends with Ctrl-C." };
        var limit = LimitOption.Create("Records to show: the newest.", 100, LimitMax);
        var command = new Command("logs", "Find log records, and follow them as they arrive.")
        {
            filter, text, trace, service, severity, context, follow, limit, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(filter) is { Length: > 0 } written && !QueryArgument.IsRead(written, LogFilter.Parse(written))) return ExitCode.Usage;
            UrlQuery About(string path) => new UrlQuery(path).Add("q", parsed.GetValue(filter)).Add("text", parsed.GetValue(text)).Add("trace", parsed.GetValue(trace))
                .Add("service", parsed.GetValue(service)).Add("severity", parsed.GetValue(severity));
            using var client = new ServerClient(parsed.Server());
            var lines = new LogLines(parsed.IsJson());
            bool goOn = parsed.GetValue(follow);
            if (!goOn || parsed.GetValue(TimeRangeOptions.Since) is not null)
                await new LogSearch(client, About, lines).Show(parsed.GetValue(TimeRangeOptions.Since), parsed.GetValue(TimeRangeOptions.Until), parsed.GetValue(limit), parsed.GetValue(context), sayNothing: !goOn, cancel);
            if (goOn) await new LogFollower(client, About("api/logs/tail").ToString(), lines).Follow(cancel);
            return ExitCode.Done;
        });
        return command;
    }
}
