using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Waybill.Ingest;
using Waybill.Servers;

namespace Waybill.Causes;

/// <summary><c>causes-shop</c>: breaks the running Shop in each of its ways and asks what the cause is.</summary>
internal static class ShopCommand
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(110), Broken = TimeSpan.FromSeconds(45), Arriving = TimeSpan.FromSeconds(9), Recovering = TimeSpan.FromSeconds(80), OpenWithin = TimeSpan.FromSeconds(120);
    private const int BaselineSeconds = 75;

    /// <summary>Whose fault each is, how the instance's name begins where one instance holds it, and of which kind the change is that led to it.</summary>
    private static readonly (string Fault, string Service, string Instance, string Change)[] Truths =
    [
        ("payment-429", "payments", "", ""), ("slow-query", "orders", "", "schema_migration"), ("lost-context", "scheduler", "", "config"), ("bad-deploy", "orders", "", "deployment"),
        ("cache-eviction", "inventory", "", "config"), ("credential-rotation", "payments", "payments-b", "credential_rotation"), ("runaway-job", "scheduler", "", "scheduled_job"),
    ];

    public static Command Create()
    {
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "Seed of the customers' behaviour" };
        var rate = new Option<double>("--rate") { DefaultValueFactory = _ => 6, Description = "Customers' requests per second" };
        var only = new Option<string[]>("--fault") { AllowMultipleArgumentsPerToken = true, Description = "Only these faults" };
        var program = new Option<string?>("--program") { Description = "A waybill executable instead of this repository's Release build" };
        var shop = new Option<string>("--shop") { Description = "The Shop's executable", Required = true };
        var command = new Command("causes-shop", "Break the running Shop in each of its ways and see whether causes names the right one first") { seed, rate, only, program, shop };
        command.SetAction(async (parsed, cancel) =>
        {
            var run = RunDirectory.Open(null);
            await using var server = await ServerUnderTest.Start(parsed.GetValue(program), run.Data, run.ServerLog, cancel);
            string data = Path.Combine(run.Path, "shop");
            Directory.CreateDirectory(data);
            var start = new ProcessStartInfo(parsed.GetRequiredValue(shop),
                ["run", "--otlp-grpc", $"{server.Grpc}", "--otlp-http", $"{new Uri(server.Traces, "/")}", "--seed", $"{parsed.GetValue(seed)}", "--rate", parsed.GetValue(rate).ToString(CultureInfo.InvariantCulture), "--data", data]) { RedirectStandardOutput = true };
            start.Environment["SHOP_CHANGES_URL"] = $"{new Uri(server.Traces, "/v1/changes")}";
            using var process = Process.Start(start)!;
            try
            {
                return await Run(server, data, parsed.GetValue(seed), parsed.GetValue(only) ?? [], cancel);
            }
            finally
            {
                using var stop = Process.Start("kill", ["-TERM", $"{process.Id}"]);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        });
        return command;
    }

    private static async Task<int> Run(ServerUnderTest server, string data, int seed, string[] only, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(120) };
        var clock = TimeProvider.System;
        string control = Path.Combine(data, "control.url");
        for (long began = Stopwatch.GetTimestamp(); !File.Exists(control); await Task.Delay(200, cancel))
            if (Stopwatch.GetElapsedTime(began) > OpenWithin) throw new InvalidOperationException("The Shop did not open.");
        var shop = new Uri((await File.ReadAllTextAsync(control, cancel)).Trim());
        await Task.Delay(WarmUp, cancel);

        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        var healthy = await Ask(now - 45, now - 15, now - 110, now - 45);
        Console.WriteLine($"| Fault, seed {seed} | First suspect | Rank of the truth | Change of causes | Change of why, asked of a bad trace |\n|---|---|---|---|---|\n| none | {(healthy.Count == 0 ? "none" : Name(healthy[0]))} | | | |");
        int wrong = healthy.Count == 0 ? 0 : 1;
        foreach (var (fault, service, instance, change) in Truths.Where(t => only.Length == 0 || only.Contains(t.Fault)))
        {
            string path = $"faults/{fault}{(fault == "credential-rotation" ? "?zone=b" : "")}";
            long since = clock.GetUtcNow().ToUnixTimeSeconds();
            using (await http.PutAsync(new Uri(shop, path), null, cancel)) { }
            await Task.Delay(Broken, cancel);
            long until = clock.GetUtcNow().ToUnixTimeSeconds();
            using (await http.DeleteAsync(new Uri(shop, path), cancel)) { }
            await Task.Delay(Arriving, cancel);
            var suspects = await Ask(since + 1, until, since - BaselineSeconds, since - 1);
            int rank = suspects.FindIndex(s => Text(s, "service") == service && Text(s, "instance").StartsWith(instance, StringComparison.Ordinal));
            if (rank != 0) wrong++;
            string blamed = suspects.Count == 0 ? "" : await KindOf(Text(suspects[0], "change")), told = await Why(suspects);
            if (change.Length > 0 && blamed != change) wrong++;
            Console.WriteLine($"| {fault} | {(suspects.Count == 0 ? "none" : Name(suspects[0]))} | {(rank < 0 ? "not listed" : rank + 1)} | {Verdict(blamed)} | {Verdict(told)} |");

            string Verdict(string kind) => $"{(kind.Length == 0 ? "none" : kind)}{(kind == change ? "" : change.Length == 0 ? ", nobody announces one" : ": wrong")}";
            await Task.Delay(Recovering, cancel);
        }
        return wrong == 0 ? 0 : 1;

        async Task<string> KindOf(string change)
        {
            if (change.Length == 0) return "";
            using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(server.Api!, $"/api/changes/{change}"), cancel));
            return Text(answer.RootElement, "kind");
        }

        // The change that the story of the first bad trace tells first.
        async Task<string> Why(List<JsonElement> suspects)
        {
            string? bad = suspects.SelectMany(s => s.GetProperty("evidence").EnumerateArray()).Select(e => e.TryGetProperty("badTraces", out var traces) ? traces[0].GetString() : null).FirstOrDefault(t => t is not null);
            if (bad is null) return "";
            using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(server.Api!, $"/api/why/{bad}"), cancel));
            JsonElement told = answer.RootElement.GetProperty("steps").EnumerateArray().Where(step => Text(step, "part") == "what_changed").SelectMany(step => step.GetProperty("evidence").EnumerateArray())
                .FirstOrDefault(evidence => Text(evidence, "kind") == "change" && Text(evidence, "value").Length > 0);
            return told.ValueKind == JsonValueKind.Undefined ? "" : await KindOf(Text(told, "value"));
        }

        async Task<List<JsonElement>> Ask(long since, long until, long baselineSince, long baselineUntil)
        {
            using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(server.Api!, $"/api/causes?since={since}&until={until}&baselineSince={baselineSince}&baselineUntil={baselineUntil}"), cancel));
            return [.. answer.RootElement.GetProperty("suspects").EnumerateArray().Select(s => s.Clone())];
        }
    }

    private static string Name(JsonElement suspect) => $"{suspect.GetProperty("score").GetDouble():0.00} {Text(suspect, "sentence").Split(':')[0]}{(Text(suspect, "change").Length > 0 ? ", with the change" : "")}";

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
