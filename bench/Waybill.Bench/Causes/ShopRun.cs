using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Waybill.Ingest;
using Waybill.Servers;

namespace Waybill.Causes;

/// <summary>One Shop and one server: a healthy window, then each fault for a while, one after the other.</summary>
internal sealed class ShopRun(int seed, double rate, string[] only, string shop, string? program, HttpClient http, ShopReport report)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(110), Broken = TimeSpan.FromSeconds(45), Arriving = TimeSpan.FromSeconds(9), Recovering = TimeSpan.FromSeconds(80), OpenWithin = TimeSpan.FromSeconds(120);
    private const int BaselineSeconds = 75, ClockSeconds = 2;
    private static readonly string[] Fields = ["operation", "dependency", "instance", "sentence"];

    public async Task Run(RunDirectory run, CancellationToken cancel)
    {
        await using var server = await ServerUnderTest.Start(program, run.Data, run.ServerLog, cancel);
        string data = Path.Combine(run.Path, "shop");
        Directory.CreateDirectory(data);
        var start = new ProcessStartInfo(shop,
            ["run", "--otlp-grpc", $"{server.Grpc}", "--otlp-http", $"{new Uri(server.Traces, "/")}", "--seed", $"{seed}", "--rate", rate.ToString(CultureInfo.InvariantCulture), "--data", data]) { RedirectStandardOutput = true };
        start.Environment["SHOP_CHANGES_URL"] = $"{new Uri(server.Traces, "/v1/changes")}";
        using var process = Process.Start(start)!;
        try
        {
            await Break(server.Api!, await Opened(Path.Combine(data, "control.url"), cancel), cancel);
        }
        finally
        {
            using var stop = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<Uri> Opened(string control, CancellationToken cancel)
    {
        for (long began = Stopwatch.GetTimestamp(); !File.Exists(control); await Task.Delay(200, cancel))
            if (Stopwatch.GetElapsedTime(began) > OpenWithin) throw new InvalidOperationException("The Shop did not open.");
        return new Uri((await File.ReadAllTextAsync(control, cancel)).Trim());
    }

    private async Task Break(Uri api, Uri control, CancellationToken cancel)
    {
        await Task.Delay(WarmUp, cancel);
        long now = Now();
        var healthy = await Suspects(api, now - 45, now - 15, now - 110, now - 45, cancel);
        report.Add(new ShopTrial(seed, ShopFault.None, healthy.Count == 0 ? "nobody" : Name(healthy[0]), healthy.Count == 0 ? 0 : -1, "", null, ""));
        foreach (ShopFault fault in ShopFault.All.Where(of => of != ShopFault.None && (only.Length == 0 || only.Contains(of.Name))))
        {
            var path = new Uri(control, $"faults/{fault.Name}{(fault.Name == "credential-rotation" ? "?zone=b" : "")}");
            long since = Now();
            using (await http.PutAsync(path, null, cancel)) { }
            await Task.Delay(Broken, cancel);
            long until = Now();
            using (await http.DeleteAsync(path, cancel)) { }
            await Task.Delay(Arriving, cancel);
            report.Add(await Ask(api, fault, since, until, cancel));
            await Task.Delay(Recovering, cancel);
        }
    }

    private async Task<ShopTrial> Ask(Uri api, ShopFault fault, long since, long until, CancellationToken cancel)
    {
        var suspects = await Suspects(api, since + 1, until, since - BaselineSeconds, since - 1, cancel);
        int rank = suspects.FindIndex(suspect => Text(suspect, "service") == fault.Service && Text(suspect, "instance").StartsWith(fault.Instance, StringComparison.Ordinal) && (fault.Parts.Length == 0 || fault.Parts.Any(part => Says(suspect, part))));
        var during = (since - ClockSeconds, until - 1);
        string blamed = suspects.Count == 0 ? "" : await KindOf(api, Text(suspects[0], "change"), during, cancel);
        string? bad = suspects.SelectMany(s => s.GetProperty("evidence").EnumerateArray()).Select(e => e.TryGetProperty("badTraces", out var traces) ? traces[0].GetString() : null).FirstOrDefault(t => t is not null);
        var (told, answer) = bad is null ? (null, "") : await Why(api, bad, during, cancel);
        return new ShopTrial(seed, fault, suspects.Count == 0 ? "nobody" : Name(suspects[0]), rank, blamed, told, answer);
    }

    private static bool Says(JsonElement suspect, string part) => Fields.Any(field => Text(suspect, field).Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>Empty for no change; with a remark when it is not of the time of the fault: the one before, or the repair.</summary>
    private async Task<string> KindOf(Uri api, string change, (long Since, long Until) during, CancellationToken cancel)
    {
        if (change.Length == 0) return "";
        using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(api, $"/api/changes/{change}"), cancel));
        string kind = Text(answer.RootElement, "kind");
        return long.Parse(Text(answer.RootElement, "startedUnixNano"), CultureInfo.InvariantCulture) / 1_000_000_000 is var started && started >= during.Since && started <= during.Until ? kind : $"{kind}, another one";
    }

    /// <summary>The kind of the change that the story tells first, and its answer.</summary>
    private async Task<(string? Told, string Answer)> Why(Uri api, string trace, (long Since, long Until) during, CancellationToken cancel)
    {
        using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(api, $"/api/why/{trace}"), cancel));
        JsonElement told = answer.RootElement.GetProperty("steps").EnumerateArray().Where(step => Text(step, "part") == "what_changed").SelectMany(step => step.GetProperty("evidence").EnumerateArray())
            .FirstOrDefault(evidence => Text(evidence, "kind") == "change" && Text(evidence, "value").Length > 0);
        return (told.ValueKind == JsonValueKind.Undefined ? "" : await KindOf(api, Text(told, "value"), during, cancel), Text(answer.RootElement, "answer"));
    }

    private async Task<List<JsonElement>> Suspects(Uri api, long since, long until, long baselineSince, long baselineUntil, CancellationToken cancel)
    {
        using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(api, $"/api/causes?since={since}&until={until}&baselineSince={baselineSince}&baselineUntil={baselineUntil}"), cancel));
        return [.. answer.RootElement.GetProperty("suspects").EnumerateArray().Select(suspect => suspect.Clone())];
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private static string Name(JsonElement suspect) => $"{suspect.GetProperty("score").GetDouble():0.00} {Text(suspect, "sentence")}";

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
