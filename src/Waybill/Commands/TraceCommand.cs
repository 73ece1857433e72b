using System.CommandLine;
using Waybill.Api;
using Waybill.Batches;
using Waybill.Options;
using Waybill.Terminal;
using Waybill.Waterfalls;

namespace Waybill.Commands;

/// <summary><c>waybill trace ID</c>: one trace as a waterfall.</summary>
internal static class TraceCommand
{
    private const int SpansFetchedMax = 100_000;   // What the server gives unless asked for more.

    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Trace id: 32 hexadecimal digits, or 16 for 64-bit ids." };
        id.Validators.Add(argument =>
        {
            if (!TraceId.TryParse(argument.Tokens[0].Value, out TraceId parsed) || parsed.IsZero)
                argument.AddError($"'{argument.Tokens[0].Value}' is not a trace id: 32 hexadecimal digits, or 16 for 64-bit ids. 'waybill traces' lists ids.");
        });
        var logs = new Option<bool>("--logs", "-l") { Description = "Show all log records and span events. Warnings, errors and exceptions always show." };
        var attributes = new Option<bool>("--attributes", "-a") { Description = "Show the attributes of every span." };
        var depth = Bounded("--depth", "Levels of the tree to show.", int.MaxValue);
        depth.DefaultValueFactory = _ => int.MaxValue;
        var all = new Option<bool>("--all") { Description = "Do not fold siblings that are alike into one line." };
        var limit = Bounded("--limit", "Lines of spans to show.", 1_000_000);
        limit.DefaultValueFactory = _ => 1000;

        var command = new Command("trace", "Show one trace: who called whom, how long it took, what failed, what is missing.") { id, logs, attributes, depth, all, limit, ServerOption.Value };
        command.SetAction((parsed, cancel) => Show(parsed.GetRequiredValue(id), parsed.Server(), parsed.IsJson(), new WaterfallOptions
        {
            Logs = parsed.GetValue(logs),
            Attributes = parsed.GetValue(attributes),
            RowsMax = parsed.GetValue(limit),
            Layout = new LayoutOptions(parsed.GetValue(depth), Fold: !parsed.GetValue(all)),
        }, cancel));
        return command;
    }

    private static async Task<int> Show(string id, Uri server, bool json, WaterfallOptions options, CancellationToken cancel)
    {
        using var client = new ServerClient(server);
        string limit = options.RowsMax > SpansFetchedMax ? $"?limit={options.RowsMax}" : "";
        await using Stream body = await client.TryGet($"api/traces/{id}{limit}", cancel)
            ?? throw new CommandFailure($"No span or log record of trace {id} is stored at {server}. Sent just now? Ask again in a few seconds; 'waybill traces' lists what is there.");
        if (json)
        {
            await JsonOutput.Copy(body, cancel);
            return ExitCode.Done;
        }
        var screen = Screen.Open();
        ShownTrace trace = await TraceDocument.Read(body, options.Attributes, int.MaxValue, cancel);
        screen.Write(Waterfall.Lines(trace, options with { Width = screen.Profile.Width }));
        return ExitCode.Done;
    }

    private static Option<int> Bounded(string name, string description, int max)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(value =>
        {
            if (value.GetValueOrDefault<int>() is var number && (number < 1 || number > max)) value.AddError($"{name} is a whole number from 1 to {max}.");
        });
        return option;
    }
}
