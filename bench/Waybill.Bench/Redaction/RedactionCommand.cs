using System.CommandLine;
using System.Globalization;
using Waybill.Ingest;
using Waybill.Measuring;
using Waybill.Servers;

namespace Waybill.Redaction;

/// <summary><c>redaction</c>: what redaction costs of all that ingest costs. The same load with it on and off, in turns, so that what else the machine does meets both.</summary>
internal static class RedactionCommand
{
    private const string Switch = "WAYBILL_REDACTION__ENABLED";

    private const string Header =
        """
        | Spans | Rounds | CPU-s acknowledged off / on | CPU-s all in off / on | On against off, acknowledged (each round) | On against off, all in (each round) | Machine |
        |---|---|---|---|---|---|---|
        """;

    /// <summary>CPU of the server's processes in one run: to the last answer, and until all was settled.</summary>
    private readonly record struct Cost(double Acknowledged, double AllIn);

    public static Command Create()
    {
        var load = new LoadArguments();
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5, Description = "Times each, off and on in turns" };
        var budget = new Option<double>("--budget") { DefaultValueFactory = _ => 1.15, Description = "The most that CPU all in with redaction may be of that without; exit code 1 above it" };
        var append = new Option<string?>("--append") { Description = "Append a Markdown row to this file" };
        var command = new Command("redaction", "Measure what redaction costs: CPU of ingest with its defaults against without it") { rounds, budget, append };
        load.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            LoadOptions options = load.Read(parsed);
            var off = new List<Cost>();
            var on = new List<Cost>();
            for (int round = 0; round < parsed.GetValue(rounds); round++)
                foreach (bool enabled in round % 2 == 0 ? (bool[])[false, true] : [true, false])
                {
                    (enabled ? on : off).Add(await Run(options, enabled, cancel));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}  redaction {(enabled ? "on " : "off")}  {(enabled ? on : off)[^1].Acknowledged:F2} CPU-s acknowledged, {(enabled ? on : off)[^1].AllIn:F2} all in"));
                }
            // The least of each is what the work costs; what is above it came from elsewhere.
            double acknowledged = on.Min(cost => cost.Acknowledged) / off.Min(cost => cost.Acknowledged), allIn = on.Min(cost => cost.AllIn) / off.Min(cost => cost.AllIn);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"on against off  {acknowledged:F3} acknowledged, {allIn:F3} all in (least of {on.Count} each; budget {parsed.GetValue(budget):F2} all in)"));
            if (parsed.GetValue(append) is { } file) Append(file, options, off, on, acknowledged, allIn);
            return allIn <= parsed.GetValue(budget) ? 0 : 1;
        });
        return command;
    }

    private static async Task<Cost> Run(LoadOptions options, bool enabled, CancellationToken cancel)
    {
        RunDirectory run = RunDirectory.Open(null);
        try
        {
            await using var server = await ServerUnderTest.Start(null, run.Data, run.ServerLog, cancel, new Dictionary<string, string> { [Switch] = enabled ? "true" : "false" });
            LoadResult result = await Load.Run(server, run, options, TimeProvider.System, cancel);
            if (result.Acknowledged != result.Sent || !result.Settled) throw new InvalidOperationException($"{result.Acknowledged} of {result.Sent} spans acknowledged, settled: {result.Settled}. The run measures nothing.");
            return new Cost(result.CpuSecondsAtLastAck, result.CpuSecondsAllIn);
        }
        finally
        {
            Directory.Delete(run.Path, recursive: true);
        }
    }

    private static void Append(string file, LoadOptions options, List<Cost> off, List<Cost> on, double acknowledged, double allIn)
    {
        if (!File.Exists(file)) File.WriteAllText(file, $"# What redaction costs\n\nWhat the columns mean: ../README.md\n\n{Header}\n");
        string Each(Func<Cost, double> of) => string.Join(", ", on.Zip(off, (with, without) => (of(with) / of(without)).ToString("F2", CultureInfo.InvariantCulture)));
        File.AppendAllText(file, string.Create(CultureInfo.InvariantCulture,
            $"| {options.Spans:N0} | {on.Count} | {off.Min(cost => cost.Acknowledged):F2} / {on.Min(cost => cost.Acknowledged):F2} | {off.Min(cost => cost.AllIn):F2} / {on.Min(cost => cost.AllIn):F2} | {acknowledged:F3} ({Each(cost => cost.Acknowledged)}) | {allIn:F3} ({Each(cost => cost.AllIn)}) | {Machine.Describe()} |\n"));
    }
}
