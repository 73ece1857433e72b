using System.Text.Json;
using Waybill.Processes;

namespace Waybill.Durability;

/// <summary>Clocks that are wrong must neither lose a span nor make a partition.</summary>
[Collection(nameof(OneServerAtATime))]
public sealed class FarTimesTests(ITestOutputHelper output)
{
    private const ulong Hour = 3_600_000_000_000;

    [Fact]
    public async Task Far_off_times_are_quarantined_counted_and_shown_with_their_trace_also_after_a_restart()
    {
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        string id = Convert.ToHexStringLower(trace);
        ulong now = Requests.Now, year2200 = 7_258_118_400_000_000_000;
        ulong[] far = [0, 1_000_000_000, now - 15 * 24 * Hour, now + 2 * Hour, year2200, long.MaxValue, ulong.MaxValue];
        ulong[] starts = [now, .. far];
        await server.Post("/v1/traces", Requests.Traces(starts.Select((start, i) => Requests.Span(trace, (ulong)i + 1, 0, start))).ToProtobuf());
        await server.Stored();

        Assert.Equal(1, await server.Number("SELECT count() FROM spans"));
        Assert.Equal(far.Length, await server.Number("SELECT count() FROM spans_quarantine"));
        Assert.Equal(1, await server.Number("SELECT uniqExact(partition) FROM system.parts WHERE active AND table = 'spans_quarantine'"));
        var counted = (await server.Status()).GetProperty("quarantined").EnumerateArray().Single();
        Assert.Equal(("traces", far.Length), (counted.GetProperty("signal").GetString(), counted.GetProperty("items").GetInt32()));
        await IsShown(server, id, starts);

        await server.Stop();
        await server.StartAgain();
        await IsShown(server, id, starts);
    }

    [Fact]
    public async Task A_thousand_times_over_fourteen_days_in_one_request_are_stored_in_bounded_partitions()
    {
        int seed = Switches.Seed(output);
        var random = new Random(seed);
        await using var server = await WaybillServer.Start();
        byte[] trace = Requests.NewTraceId();
        ulong now = Requests.Now;
        var spans = Enumerable.Range(1, 1_000).Select(i => Requests.Span(trace, (ulong)i, 0, now - (ulong)random.NextInt64(14 * 24 * (long)Hour - (long)Hour)));
        await server.Post("/v1/traces", Requests.Traces(spans).ToProtobuf());
        await server.Stored();

        Assert.Equal(1_000, await server.Number("SELECT count() FROM spans"));
        long partitions = await server.Number("SELECT uniqExact(partition) FROM system.parts WHERE active AND table = 'spans'");
        output.WriteLine($"{partitions} partitions");
        Assert.InRange(partitions, 100, 14 * 24 + 1);
        using var answer = await server.Trace(Convert.ToHexStringLower(trace));
        Assert.Equal(1_000, answer!.RootElement.GetProperty("spanCount").GetInt32());
        var inserts = (await server.Status()).GetProperty("spool").GetProperty("inserts");
        Assert.Equal((0, 0), (inserts.GetProperty("retries").GetInt64(), inserts.GetProperty("setAside").GetInt64()));
    }

    private static async Task IsShown(WaybillServer server, string id, ulong[] starts)
    {
        using var answer = await server.Trace(id);
        JsonElement[] spans = [.. answer!.RootElement.GetProperty("spans").EnumerateArray().OrderBy(span => span.GetProperty("spanId").GetString(), StringComparer.Ordinal)];
        Assert.Equal(starts.Select(start => start.ToString()), spans.Select(span => span.GetProperty("startUnixNano").GetString()));
        Assert.Equal(starts.Select((_, i) => i > 0), spans.Select(span => span.TryGetProperty("quarantined", out _)));
        Assert.Contains(answer.RootElement.GetProperty("reasons").EnumerateArray(), reason => reason.GetProperty("reason").GetString() == "quarantined");
    }
}
