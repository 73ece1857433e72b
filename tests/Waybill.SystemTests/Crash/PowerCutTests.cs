using Waybill.Disks;
using Waybill.Processes;

namespace Waybill.Crash;

/// <summary>Power cuts under the whole program: spool and engine lie on an ext4 file system that is shut down at once. WAYBILL_CUT_RUNS for more than three cuts.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class PowerCutTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_power_cuts_every_start_is_clean_and_everything_acknowledged_is_stored_once()
    {
        int cuts = Switches.Number("WAYBILL_CUT_RUNS", 3), seed = Switches.Seed(output);
        var random = new Random(seed);
        using var disk = LoopDisk.CreateOrSkip(bytes: 1024L * 1024 * 1024);
        await using var server = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_SPOOL__SEGMENTAGEMAX"] = "00:00:00.150" }, disk.Path);
        var load = new Load(server, seed);
        load.Start();
        for (int cut = 0; cut < cuts; cut++)
        {
            long before = load.Acks;
            await WaybillServer.Until("requests are acknowledged", () => Task.FromResult(load.Acks >= before + 100));
            await Task.Delay(random.Next(1_000), Cancel);   // the moment of the cut is what is random here
            load.PowerIsOff = true;
            disk.CutPower();
            await server.Kill();
            Assert.True(await server.EnginesEnd(), "The engine outlived its server.");
            disk.PowerOn();
            load.PowerIsOff = false;
            await server.StartAgain();
        }
        var acknowledged = await load.Finish(within: TimeSpan.FromSeconds(60));
        output.WriteLine($"{cuts} cuts: {await Account.Check(server, acknowledged, isAfterPowerCut: true)}");
    }
}
