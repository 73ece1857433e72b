using System.Diagnostics;
using Waybill.Crash;
using Waybill.Processes;
using Waybill.Spool;

namespace Waybill.Durability;

/// <summary>Stopping in good order, starting over damage, and two servers that want one directory.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class StopAndDamageTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_graceful_stop_under_load_leaves_nothing_in_the_spool()
    {
        await using var server = await WaybillServer.Start();
        var load = new Load(server, Switches.Seed(output));
        load.Start();
        await WaybillServer.Until("requests are acknowledged", () => Task.FromResult(load.Acks > 200));

        TimeSpan took = await server.Stop();

        // The last segment stays as a file; without records it is only its header.
        string[] waiting = [.. Directory.GetFiles(server.SegmentsDirectory).Where(path => new FileInfo(path).Length > SegmentFile.HeaderBytes)];
        Assert.Empty(waiting);
        await server.StartAgain();
        string found = await Account.Check(server, await load.Finish(within: TimeSpan.FromSeconds(30)));
        output.WriteLine($"stopped in {took.TotalSeconds:F1} s: {found}");
    }

    [Fact]
    public async Task A_flipped_byte_in_the_spool_costs_one_request_which_is_counted_and_kept_aside()
    {
        await using var server = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_SPOOL__SEGMENTAGEMAX"] = "00:30:00" });   // so that it stays in the spool
        byte[][] traces = [.. Enumerable.Range(0, 5).Select(_ => Requests.NewTraceId())];
        var ends = new List<long>();
        foreach (byte[] trace in traces)
        {
            await server.Post("/v1/traces", Requests.Traces(Requests.Span(trace, 1, 0, Requests.Now)).ToProtobuf());
            ends.Add(new FileInfo(SegmentOf(server)).Length);
        }
        await server.Kill();
        await using (var segment = new FileStream(SegmentOf(server), FileMode.Open))
        {
            segment.Position = (ends[1] + ends[2]) / 2;   // within the third
            int was = segment.ReadByte();
            segment.Position--;
            segment.WriteByte((byte)(was ^ 0x10));
        }

        server.Settings.Clear();
        await server.StartAgain();
        await server.Stored();

        var spool = (await server.Status()).GetProperty("spool");
        Assert.Equal(1, spool.GetProperty("damagedRecords").GetInt64());
        Assert.Equal(1, spool.GetProperty("quarantinedFiles").GetInt64());
        for (int i = 0; i < traces.Length; i++)
        {
            using var answer = await server.Trace(Convert.ToHexStringLower(traces[i]));
            Assert.Equal(i != 2, answer is not null);
        }
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_ends_with_a_clear_message_and_the_first_goes_on()
    {
        await using var first = await WaybillServer.Start();
        await using var second = WaybillServer.Prepare(first.Directory);
        long began = Stopwatch.GetTimestamp();
        second.Launch();
        int code = await second.Ended();
        output.WriteLine($"ended with {code} after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s: {second.Log}");
        Assert.Equal(1, code);
        Assert.Contains("in use by another process", second.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Log, StringComparison.Ordinal);

        byte[] trace = Requests.NewTraceId();
        await first.Post("/v1/traces", Requests.Traces(Requests.Span(trace, 1, 0, Requests.Now)).ToProtobuf());
        await first.Stored();
        using var answer = await first.Trace(Convert.ToHexStringLower(trace));
        Assert.NotNull(answer);
    }

    private static string SegmentOf(WaybillServer server) => Assert.Single(Directory.GetFiles(server.SegmentsDirectory));
}
