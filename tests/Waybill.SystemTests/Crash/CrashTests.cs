using System.Diagnostics;
using Waybill.Processes;

namespace Waybill.Crash;

/// <summary>SIGKILL at random moments, under load. WAYBILL_CRASH_RUNS for more kills than the 30 of an ordinary run, WAYBILL_SEED to repeat one.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class CrashTests(ITestOutputHelper output)
{
    private enum Victim { Server, Engine, Both, ServerWhileStarting, ServerWhileStopping }

    /// <summary>Segments are sealed quickly, so that kills meet inserts in all their steps.</summary>
    private static readonly Dictionary<string, string> Settings = new() { ["WAYBILL_SPOOL__SEGMENTAGEMAX"] = "00:00:00.150" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_random_points_nothing_acknowledged_is_lost_and_nothing_is_stored_twice()
    {
        int kills = Switches.Number("WAYBILL_CRASH_RUNS", 30), seed = Switches.Seed(output);
        var random = new Random(seed);
        long began = Stopwatch.GetTimestamp();
        await using var server = await WaybillServer.Start(Settings);
        var load = new Load(server, seed);
        load.Start();
        var starts = new List<TimeSpan>();

        for (int kill = 0; kill < kills; kill++)
        {
            await AcksGoOn(load, "between two kills");
            await Task.Delay(random.Next(800), Cancel);   // the moment of the kill is what is random here
            var victim = (Victim)(kill % 5);
            switch (victim)
            {
                case Victim.Server:
                    await server.Kill();
                    break;
                case Victim.Engine:
                    server.KillEngine();
                    await AcksGoOn(load, "while the engine is down");
                    break;
                case Victim.Both:
                    server.KillEngine();
                    await server.Kill();
                    break;
                case Victim.ServerWhileStarting:
                    await server.Kill();
                    server.Launch();
                    await Task.Delay(random.Next(1_500), Cancel);
                    await server.Kill();
                    break;
                case Victim.ServerWhileStopping:
                    server.Terminate();
                    await Task.Delay(random.Next(400), Cancel);
                    await server.Kill();
                    break;
            }
            if (!server.IsRunning) server.Launch();
            await server.Listening.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            // Half of the kills meet a server that is not ready yet.
            if (random.Next(2) == 0) starts.Add(await server.Ready());
        }

        starts.Add(await server.Ready());
        var acknowledged = await load.Finish(within: TimeSpan.FromSeconds(60));
        string found = await Account.Check(server, acknowledged);
        output.WriteLine($"{kills} kills in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s: {found}; {load.Failures} posts unanswered, {load.Refusals} refused; ready after {starts.Max().TotalSeconds:F1} s at most");
    }

    [Fact]
    public async Task The_engine_dies_and_comes_back_while_every_request_is_acknowledged()
    {
        int seed = Switches.Seed(output);
        await using var server = await WaybillServer.Start(Settings);
        var load = new Load(server, seed);
        load.Start();
        for (int kill = 0; kill < 3; kill++)
        {
            await AcksGoOn(load, "before the kill");
            int? killed = server.KillEngine();
            Assert.NotNull(killed);
            await AcksGoOn(load, "while the engine is down");
            await WaybillServer.Until("another engine answers", async () =>
            {
                var engine = (await server.Status()).GetProperty("engine");
                return engine.GetProperty("ready").GetBoolean() && engine.GetProperty("processId").GetInt32() != killed;
            });
        }
        var acknowledged = await load.Finish(within: TimeSpan.FromSeconds(30));
        Assert.Equal((0, 0), (load.Failures, load.Refusals));
        output.WriteLine(await Account.Check(server, acknowledged));
    }

    private static async Task AcksGoOn(Load load, string when)
    {
        long before = load.Acks;
        await WaybillServer.Until($"requests are acknowledged {when}", () => Task.FromResult(load.Acks >= before + 20));
    }
}
