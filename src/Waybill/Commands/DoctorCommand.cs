using System.Collections;
using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Doctor;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill doctor</c>: why does it not work? Checks the machine, the server and the settings of SDKs, and says the fix.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The server's data directory.", HelpName = "DIR", DefaultValueFactory = _ => "waybill-data" };
        var command = new Command("doctor", "Check ports, disk, clock, engine, server and the OTEL_* settings of this shell, and say the fix.") { data, ServerOption.Value };
        command.SetAction((parsed, cancel) => Run(parsed.GetRequiredValue(data), parsed.Server(), parsed.IsJson(), cancel));
        return command;
    }

    private static async Task<int> Run(string data, Uri server, bool asJson, CancellationToken cancel)
    {
        using var progress = new ProgressLine();
        progress.Show("examining; the engine's self-test takes some seconds");
        Task<Finding> engine = EngineCheck.Examine(cancel);
        IReadOnlyList<Finding> answers = await ServerCheck.Examine(server, cancel);
        bool isUp = answers[0].Level == Level.Ok && server.IsLoopback;
        List<Finding> findings =
        [
            .. answers,
            PortCheck.Examine("OTLP/gRPC", Ports.OtlpGrpc, "OTLPGRPC", isUp),
            PortCheck.Examine("OTLP/HTTP", Ports.OtlpHttp, "OTLPHTTP", isUp),
            PortCheck.Examine("console", Ports.Console, "CONSOLE", isUp),
            .. DiskCheck.Examine(data),
            .. await ClockCheck.Examine(cancel),
            await engine,
            .. SdkSettings.Examine(ReadEnvironment(), Ports.OtlpGrpc, Ports.OtlpHttp),
        ];
        progress.Dispose();
        if (asJson) JsonOutput.Write(json => Write(json, findings));
        else Print(findings);
        return findings.Exists(finding => finding.Level == Level.Fail) ? ExitCode.Failed : ExitCode.Done;
    }

    private static Dictionary<string, string> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    private static void Print(List<Finding> findings)
    {
        var screen = Screen.Open();
        var table = new Grid { Expand = false }.AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn());
        foreach (Finding finding in findings)
        {
            (string mark, Style style) = finding.Level switch { Level.Ok => ("ok", Paint.Good), Level.Warn => ("warn", Paint.Doubt), _ => ("FAIL", Paint.StrongError) };
            table.AddRow(new Text(mark, style), new Text(finding.Check, Paint.Faint), new Text(Visible.Of(finding.Text)));
            if (finding.Fix is not null) table.AddRow(new Text(""), new Text(""), new Text($"→ {Visible.Of(finding.Fix)}", Paint.Strong));
        }
        screen.Write(table);
        int fails = findings.Count(finding => finding.Level == Level.Fail), warns = findings.Count(finding => finding.Level == Level.Warn);
        screen.Write(new Text($"\n{(fails + warns == 0 ? "All is well." : $"{Figures.Count(fails, "failure")}, {Figures.Count(warns, "warning")}.")}\n", fails > 0 ? Paint.StrongError : warns > 0 ? Paint.Doubt : Paint.Good));
    }

    private static void Write(Utf8JsonWriter json, List<Finding> findings)
    {
        json.WriteStartObject();
        json.WriteBoolean("ok", !findings.Exists(finding => finding.Level == Level.Fail));
        json.WriteStartArray("findings");
        foreach (Finding finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("check", finding.Check);
            json.WriteString("level", finding.Level.ToString().ToLowerInvariant());
            json.WriteString("text", finding.Text);
            if (finding.Fix is not null) json.WriteString("fix", finding.Fix);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
