using System.CommandLine;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Redaction;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill redact</c>: tries rules, on a file or on what a server has stored, and takes out what is stored already.</summary>
internal static class RedactCommand
{
    private const int LineCharsMax = 1024 * 1024, RowsMax = 10_000;

    public static Command Create() => new("redact", "Try the rules of redaction, and take out what is stored already.") { CreateTest(), CreateDryRun(), CreateErase() };

    private static Command CreateTest()
    {
        var file = new Argument<string>("FILE") { Description = "A text file, such as a log; - for standard input." };
        var rules = new Option<string?>("--rules") { Description = "A redaction.yaml. Default: the built-in rules.", HelpName = "FILE" };
        var key = new Option<string>("--key") { Description = "Take each line for the value of this attribute.", DefaultValueFactory = _ => "", HelpName = "KEY" };
        var command = new Command("test", "Say what would be found in a file, line by line. Exit code 1 when anything is.") { file, rules, key };
        command.SetAction((parsed, cancel) => Test(parsed.GetRequiredValue(file), parsed.GetValue(rules), parsed.GetRequiredValue(key), parsed.IsJson(), cancel));
        return command;
    }

    private static Command CreateDryRun()
    {
        var rules = new Argument<string>("RULES") { Description = "A redaction.yaml to try." };
        var sample = new Option<int>("--sample") { Description = "Rows of each table, the newest first.", DefaultValueFactory = _ => 2_000, HelpName = "N" };
        var command = new Command("dry-run", "Say what rules would find in a sample of what a server has stored.") { rules, sample, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value };
        command.SetAction(async (parsed, cancel) =>
        {
            string text = await ReadFile(parsed.GetRequiredValue(rules), cancel);
            var query = new UrlQuery("api/redaction/dry-run").Add("sample", parsed.GetValue(sample).ToString(System.Globalization.CultureInfo.InvariantCulture));
            query.AddTimeRange(parsed);
            using var client = new ServerClient(parsed.Server());
            using JsonDocument answer = await client.PostText(query.ToString(), text, "application/yaml", cancel);
            if (parsed.IsJson()) JsonOutput.Write(json => answer.RootElement.WriteTo(json));
            else Print(answer.RootElement);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateErase()
    {
        var key = new Argument<string>("KEY") { Description = "The attribute, such as user.email." };
        var value = new Option<string?>("--value") { Description = "Only where it has this value: one person's. Without it the attribute goes, whatever its value.", HelpName = "VALUE" };
        var items = new Option<bool>("--items") { Description = "Take out the whole spans and log records that carry the value." };
        var text = new Option<bool>("--text") { Description = "Replace the value in bodies, messages, events and reports of changes too." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask. Nothing brings back what is taken out." };
        var noWait = new Option<bool>("--no-wait") { Description = "Do not wait until it is done." };
        var command = new Command("erase", "Take an attribute, or one person's value of it, out of everything that a server has stored. What arrives afterwards is not touched.") { key, value, items, text, yes, noWait, ServerOption.Value };
        command.SetAction(async (parsed, cancel) =>
        {
            string name = parsed.GetRequiredValue(key);
            if (!parsed.GetValue(yes) && !Confirmed(name, parsed.GetValue(value))) throw new CommandFailure("Nothing was taken out. Say --yes to do it.");
            using var client = new ServerClient(parsed.Server());
            string asked = JsonSerializer.Serialize(new { key = name, value = parsed.GetValue(value), items = parsed.GetValue(items), text = parsed.GetValue(text) }, JsonSerializerOptions.Web);
            using JsonDocument begun = await client.PostText("api/redaction/erasures", asked, "application/json", cancel);
            JsonElement state = parsed.GetValue(noWait) ? begun.RootElement.Clone() : await Finished(client, begun.RootElement.Text("id"), cancel);
            if (parsed.IsJson()) JsonOutput.Write(json => state.WriteTo(json));
            else PrintErasure(state);
            return ExitCode.Done;
        });
        return command;
    }

    private static bool Confirmed(string key, string? value)
    {
        if (Console.IsInputRedirected) return false;
        Console.Error.Write($"Take {(value is null ? $"{Visible.Of(key)} out of everything" : $"this value of {Visible.Of(key)} out")} for ever? Type the attribute's name: ");
        return Console.ReadLine() == key;
    }

    private static async Task<JsonElement> Finished(ServerClient client, string id, CancellationToken cancel)
    {
        string told = "";
        while (true)
        {
            using JsonDocument listing = await client.GetJson("api/redaction/erasures", cancel);
            JsonElement state = listing.RootElement.Items("erasures").FirstOrDefault(one => one.Text("id") == id);
            if (state.ValueKind != JsonValueKind.Object) throw new CommandFailure($"The server does not know the erasure {id} any more. Its ledger says what was done: waybill audit list --action telemetry.erased");
            if (state.Text("status") == "done") return state.Clone();
            if (state.Text("error") is { Length: > 0 } error && error != told) await Console.Error.WriteLineAsync(Visible.Of(told = error));
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancel);
        }
    }

    private static void PrintErasure(JsonElement state)
    {
        var screen = Screen.Open();
        screen.WriteLine(state.Text("status") == "done"
            ? $"Taken out of {Figures.Count(state.Number("rows"))} rows. Entry {state.Text("number")} of the ledger says so; a rule in redaction.yaml keeps out what arrives from now on."
            : $"It is being done: {state.Number("stepsDone")} of {state.Number("steps")} steps. The ledger will say when it is: waybill audit list --action telemetry.erased");
    }

    private static async Task<int> Test(string path, string? rulesPath, string key, bool asJson, CancellationToken cancel)
    {
        var rules = RuleSet.Default;
        if (rulesPath is not null)
        {
            var (parsed, errors) = RulesText.Parse(await ReadFile(rulesPath, cancel));
            rules = parsed ?? throw new CommandFailure($"{rulesPath} has errors.\n{string.Join('\n', errors.Select(error => $"  {Visible.Of(error.ToString())}"))}");
        }
        // Hashes differ from the server's: its key stays there.
        var redactor = new Redactor(new byte[32]);
        var context = new TextContext(RedactedSignal.Logs, "", key);
        var lines = new List<(int Line, string Redacted, IReadOnlyList<FoundText> Found)>();
        long found = 0, number = 0;
        using var reader = path == "-" ? new StreamReader(Console.OpenStandardInput(), Encoding.UTF8) : Open(path);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            number++;
            if (line.Length > LineCharsMax) throw new CommandFailure($"Line {number} of {path} is longer than {LineCharsMax} characters. Is it a text file?");
            var inLine = Redactor.Find(line, context, rules);
            if (inLine.Count == 0) continue;
            found += inLine.Count;
            if (lines.Count < RowsMax) lines.Add(((int)number, redactor.Redact(line, context, rules, new FindingCounts()), inLine));
        }
        if (asJson) JsonOutput.Write(json => Write(json, number, found, lines));
        else Print(number, found, lines);
        return found == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Print(long lines, long found, List<(int Line, string Redacted, IReadOnlyList<FoundText> Found)> rows)
    {
        var screen = Screen.Open();
        var table = Screen.Table(">LINE", "FOUND", "BY RULE", "ACTION", "SHAPE", "WOULD BE STORED AS");
        foreach (var (line, redacted, inLine) in rows)
            foreach (var one in inLine)
                table.AddRow(Screen.Cell(Figures.Count(line)), Screen.Cell(one.Detector.Info().Name), Screen.Cell(Visible.Cut(Visible.Of(one.Rule), 24)), Screen.Cell(one.Action.ToString().ToLowerInvariant()),
                    Screen.Cell(Visible.Cut(Visible.Of(one.Shape), 32)), Screen.Cell(Visible.Cut(Visible.Of(redacted), 80)));
        if (rows.Count > 0) screen.WriteTable(table);
        screen.WriteLine(found == 0 ? $"Nothing sensitive in {Figures.Count(lines)} lines." : $"{Figures.Count(found)} found in {Figures.Count(lines)} lines.");
    }

    private static void Write(Utf8JsonWriter json, long lines, long found, List<(int Line, string Redacted, IReadOnlyList<FoundText> Found)> rows)
    {
        json.WriteStartObject();
        json.WriteNumber("lines", lines);
        json.WriteNumber("found", found);
        json.WriteStartArray("findings");
        foreach (var (line, redacted, inLine) in rows)
            foreach (var one in inLine)
            {
                json.WriteStartObject();
                json.WriteNumber("line", line);
                json.WriteString("detector", one.Detector.Info().Name);
                json.WriteString("rule", one.Rule);
                json.WriteString("action", one.Action.ToString().ToLowerInvariant());
                json.WriteString("example", one.Shape);
                json.WriteString("redacted", redacted);
                json.WriteEndObject();
            }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Print(JsonElement answer)
    {
        var screen = Screen.Open();
        var table = Screen.Table("TABLE", "SERVICE", "CARRIER", "KEY", "FOUND", "RULE", "ACTION", ">COUNT", "SHAPE");
        int rows = 0;
        foreach (JsonElement finding in answer.Items("findings"))
        {
            table.AddRow(Cell("table"), Cell("service"), Cell("carrier"), Cell("key"), Cell("detector"), Cell("rule"), Cell("action"), Screen.Cell(Figures.Count(finding.Number("count"))),
                Screen.Cell(Visible.Cut(Visible.Of(finding.Items("examples").Select(example => example.GetString()).FirstOrDefault()), 32)));
            rows++;
            Text Cell(string name) => Screen.Cell(Visible.Cut(Visible.Of(finding.Text(name)), 32));
        }
        if (rows > 0) screen.WriteTable(table);
        screen.WriteLine($"{Figures.Count(answer.Number("itemsWithFindings"))} of {Figures.Count(answer.Number("scannedItems"))} items have findings.");
        Reasons.Write(screen, answer);
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{Visible.Of(path)} cannot be read: {Visible.Of(e.Message)}");
        }
    }

    private static async Task<string> ReadFile(string path, CancellationToken cancel)
    {
        using var reader = Open(path);
        return await reader.ReadToEndAsync(cancel);
    }
}
