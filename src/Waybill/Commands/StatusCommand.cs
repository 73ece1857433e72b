using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill status</c>: what arrives, from whom, what is refused and why, and whether it can be read yet.</summary>
internal static class StatusCommand
{
    private const int SendersShown = 30, RefusalsShown = 10;
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var watch = new Option<bool>("--watch", "-w") { Description = $"Show it anew every {WatchEvery.TotalSeconds:0} s until Ctrl-C." };
        var command = new Command("status", "Show what arrives, from whom, what is refused and why.") { watch, ServerOption.Value };
        command.SetAction((parsed, cancel) => Run(parsed.Server(), parsed.GetValue(watch), parsed.IsJson(), cancel));
        return command;
    }

    private static async Task<int> Run(Uri server, bool watch, bool asJson, CancellationToken cancel)
    {
        using var client = new ServerClient(server);
        var screen = Screen.Open();
        do
        {
            if (asJson)
            {
                await using Stream body = await client.Get("api/status", cancel);
                await JsonOutput.Copy(body, cancel);
            }
            else
            {
                using JsonDocument status = await client.GetJson("api/status", cancel);
                if (watch && screen.Profile.Capabilities.Ansi) screen.Clear(home: true);
                Write(screen, server, status.RootElement);
            }
            if (watch) await Task.Delay(WatchEvery, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (watch && !cancel.IsCancellationRequested);
        return ExitCode.Done;
    }

    private static void Write(IAnsiConsole screen, Uri server, JsonElement status)
    {
        DateTimeOffset at = status.TryGetProperty("at", out JsonElement time) ? time.GetDateTimeOffset() : default;
        var head = new List<Line> { Head(screen, $"Waybill at {server}", at == default ? "" : at.ToString("yyyy-MM-dd HH:mm:ss' UTC'", CultureInfo.InvariantCulture)) };
        if (status.TryGetProperty("engine", out JsonElement engine)) head.Add(Engine(screen, engine));
        if (status.TryGetProperty("spool", out JsonElement spool)) head.AddRange(Spool(screen, spool));
        screen.Write(head);

        Section(screen, "ARRIVED", Arrived(status), "Nothing yet. Point an OpenTelemetry SDK here: 'waybill doctor' checks its settings, 'waybill send' sends a test trace.");
        if (status.Items("senders").Any()) Section(screen, $"SENDERS ({status.Number("sendersKnown")})", Senders(status, at), "");
        if (status.Items("rejected").Concat(status.Items("quarantined")).Any()) Section(screen, "REJECTED ITEMS", Rejected(status), "");
        if (status.Items("refused").Any()) Section(screen, "REFUSED REQUESTS", Refused(status), "");
        if (status.Items("latestRefusals").Any()) Section(screen, "LATEST REFUSALS", Latest(status, at), "");
    }

    private static Line Head(IAnsiConsole screen, string title, string after) => new Line(screen.Profile.Width).Add(title, Paint.Strong).Add($"  {after}", Paint.Faint);

    private static Line Engine(IAnsiConsole screen, JsonElement engine)
    {
        bool ready = engine.Text("missing").Length == 0;
        Line line = new Line(screen.Profile.Width).Add("engine  ", Paint.Faint).Add(ready ? "ready" : engine.Text("missing"), ready ? Paint.Good : Paint.Doubt).Add($", {engine.Text("kind")}", Paint.Faint);
        if (engine.Number("processId") > 0) line.Add($", process {engine.Number("processId")}", Paint.Faint);
        if (engine.Number("restarts") > 0) line.Add($", {Figures.Count(engine.Number("restarts"), "restart")}", Paint.Doubt);
        if (engine.Text("lastError") is { Length: > 0 } error) line.Add($", last error: {error}", Paint.Doubt);
        return line;
    }

    private static IEnumerable<Line> Spool(IAnsiConsole screen, JsonElement spool)
    {
        double lag = spool.Real("lagSeconds");
        Line line = new Line(screen.Profile.Width).Add("spool   ", Paint.Faint).Add(lag == 0 ? "all is searchable" : $"{lag:0.0} s behind", lag < 10 ? Paint.Good : Paint.Doubt)
            .Add($", {Figures.Bytes(spool.Real("bytes"))}, {Figures.Count(spool.Number("recordsAppended"), "record")} since the start", Paint.Faint);
        if (spool.Real("syncP99Milliseconds") > 0) line.Add($", sync p50 {spool.Real("syncP50Milliseconds"):0.0} ms p99 {spool.Real("syncP99Milliseconds"):0.0} ms", Paint.Faint);
        yield return line.Add($", disk {Figures.Bytes(spool.Real("diskFreeBytes"))} free", spool.Real("diskFreeRatio") < 0.1 ? Paint.Doubt : Paint.Faint);
        if (spool.Text("refusal") is { Length: > 0 } refusal) yield return new Line(screen.Profile.Width).Add($"        refuses: {refusal}", Paint.Error);
        if (spool.Text("lastError") is { Length: > 0 } error) yield return new Line(screen.Profile.Width).Add($"        last error: {error}", Paint.Error);
        long damaged = spool.Number("damagedRecords") + spool.Number("quarantinedFiles");
        if (damaged > 0) yield return new Line(screen.Profile.Width).Add($"        {Figures.Count(damaged, "damaged record or file", "damaged records and files")} put aside in the spool's quarantine", Paint.Error);
    }

    private static Table Arrived(JsonElement status)
    {
        var table = Screen.Table("SIGNAL", "PROTOCOL", ">REQUESTS", ">ITEMS", ">BYTES");
        foreach (JsonElement count in status.Items("arrived"))
            table.AddRow(Screen.Cell(count.Text("signal")), Screen.Cell(count.Text("protocol")), Screen.Cell(Figures.Count(count.Number("requests"))),
                Screen.Cell(Figures.Count(count.Number("items"))), Screen.Cell(Figures.Bytes(count.Real("bytes"))));
        return table;
    }

    private static Table Senders(JsonElement status, DateTimeOffset now)
    {
        var table = Screen.Table("SERVICE", "SIGNAL", "PROTOCOL", "SDK", ">ITEMS", ">ITEMS/S", ">LAST SEEN");
        foreach (JsonElement sender in status.Items("senders").Take(SendersShown))
        {
            string service = sender.Text("service");
            table.AddRow(Screen.Cell(service.Length == 0 ? "(no service.name)" : service, service.Length == 0 ? Paint.Doubt : Paint.Service(service)),
                Screen.Cell(sender.Text("signal")), Screen.Cell(sender.Text("protocol")),
                Screen.Cell($"{sender.Text("sdkLanguage")} {sender.Text("sdkVersion")}".Trim(), Paint.Faint), Screen.Cell(Figures.Count(sender.Number("items"))),
                Screen.Cell(sender.Real("itemsPerSecond").ToString("0.0", CultureInfo.InvariantCulture)), Screen.Cell(Ago(sender, "lastSeen", now), Paint.Faint));
        }
        return table;
    }

    private static Table Rejected(JsonElement status)
    {
        var table = Screen.Table("SIGNAL", "WHY", ">ITEMS");
        foreach (JsonElement count in status.Items("rejected")) table.AddRow(Screen.Cell(count.Text("signal")), Screen.Cell(count.Text("reason"), Paint.Error), Screen.Cell(Figures.Count(count.Number("items"))));
        foreach (JsonElement count in status.Items("quarantined"))
            table.AddRow(Screen.Cell(count.Text("signal")), Screen.Cell("kept apart: a time that cannot be right", Paint.Doubt), Screen.Cell(Figures.Count(count.Number("items"))));
        return table;
    }

    private static Table Refused(JsonElement status)
    {
        var table = Screen.Table("PROTOCOL", "WHY", ">REQUESTS");
        foreach (JsonElement count in status.Items("refused")) table.AddRow(Screen.Cell(count.Text("protocol")), Screen.Cell(count.Text("reason"), Paint.Error), Screen.Cell(Figures.Count(count.Number("requests"))));
        return table;
    }

    private static Table Latest(JsonElement status, DateTimeOffset now)
    {
        var table = Screen.Table("WHEN", "FROM", "WHY", "FIX");
        table.Columns[3].NoWrap = false;
        foreach (JsonElement refusal in status.Items("latestRefusals").Take(RefusalsShown))
            table.AddRow(Screen.Cell(Ago(refusal, "at", now), Paint.Faint), Screen.Cell($"{refusal.Text("peer")} {refusal.Text("protocol")}".Trim()), Screen.Cell(refusal.Text("reason"), Paint.Error),
                new Text(Visible.Of(refusal.Text("fix"))));
        return table;
    }

    private static string Ago(JsonElement from, string field, DateTimeOffset now) =>
        from.TryGetProperty(field, out JsonElement time) && time.TryGetDateTimeOffset(out DateTimeOffset at) ? Figures.Ago(now - at) : "";

    private static void Section(IAnsiConsole screen, string title, Table table, string empty)
    {
        screen.Write(new Text($"\n{title}\n", Paint.Strong));
        if (table.Rows.Count == 0) screen.Write(new Text($"{empty}\n"));
        else screen.WriteTable(table);
    }
}
