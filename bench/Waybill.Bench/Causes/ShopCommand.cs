using System.CommandLine;
using Waybill.Ingest;

namespace Waybill.Causes;

/// <summary><c>causes-shop</c>: breaks the running Shop in each of its ways and asks what the cause is.</summary>
internal static class ShopCommand
{
    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => 1, Description = "So many Shops, one after the other, each with another seed of the customers' behaviour" };
        var first = new Option<int>("--first-seed", "--seed") { DefaultValueFactory = _ => 1, Description = "The first seed" };
        var parallel = new Option<int>("--parallel") { DefaultValueFactory = _ => 1, Description = "Shops that run at a time, each with a server of its own" };
        var rate = new Option<double>("--rate") { DefaultValueFactory = _ => 6, Description = "Customers' requests per second" };
        var only = new Option<string[]>("--fault") { AllowMultipleArgumentsPerToken = true, Description = "Only these faults" };
        var program = new Option<string?>("--program") { Description = "A waybill executable instead of this repository's Release build" };
        var shop = new Option<string>("--shop") { Description = "The Shop's executable", Required = true };
        var append = new Option<string?>("--append") { Description = "Append the table of all seeds, as Markdown, to this file" };
        var command = new Command("causes-shop", "Break the running Shop in each of its ways and see whether causes names the right one first, and why tells the right change") { seeds, first, parallel, rate, only, program, shop, append };
        command.SetAction(async (parsed, cancel) =>
        {
            var report = new ShopReport(Console.Out);
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(120) };
            var how = new ParallelOptions { MaxDegreeOfParallelism = parsed.GetValue(parallel), CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(parsed.GetValue(first), parsed.GetValue(seeds)), how, async (seed, stop) =>
                await new ShopRun(seed, parsed.GetValue(rate), parsed.GetValue(only) ?? [], parsed.GetRequiredValue(shop), parsed.GetValue(program), http, report).Run(RunDirectory.Open(null), stop));
            Console.WriteLine(report.Table());
            if (parsed.GetValue(append) is { } file) await File.AppendAllTextAsync(file, report.Table(), cancel);
            return report.AllRight ? 0 : 1;
        });
        return command;
    }
}
