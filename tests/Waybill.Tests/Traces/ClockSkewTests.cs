using System.Buffers.Binary;
using Waybill.Batches;
using Waybill.Spans;

namespace Waybill.Traces;

public sealed class ClockSkewTests
{
    [Fact]
    public void A_server_outside_its_client_shows_the_difference_of_the_clocks()
    {
        // The call took 100, the server 80 in the middle of it, on a clock that is 1000 ahead.
        ClockOffset offset = Assert.Single(Estimate(Client(1, 0, 0, 100, clock: 0), Server(2, 1, 1010, 80, clock: 1)));
        Assert.Equal(new ClockOffset(1, 1000, 10), offset);
    }

    [Fact]
    public void A_server_inside_its_client_is_no_evidence_of_skew() =>
        Assert.Empty(Estimate(Client(1, 0, 0, 100, 0), Server(2, 1, 15, 80, 1)));

    [Fact]
    public void Offsets_add_up_along_the_path_from_the_root()
    {
        var offsets = Estimate(Client(1, 0, 0, 100, 0), Server(2, 1, 1010, 80, 1), Client(3, 2, 1020, 60, 1), Server(4, 3, -480, 60, 2));
        Assert.Equal([new ClockOffset(1, 1000, 10), new ClockOffset(2, -500, 10)], offsets);
    }

    [Fact]
    public void The_call_with_the_least_slack_decides() =>
        Assert.Equal(new ClockOffset(1, 1000, 1), Assert.Single(Estimate(
            Client(1, 0, 0, 500, 0), Server(2, 1, 1050, 100, 1), Client(3, 1, 200, 100, 0), Server(4, 3, 1201, 98, 1))));

    [Fact]
    public void A_server_that_took_longer_than_its_call_says_nothing_about_clocks() =>
        Assert.Empty(Estimate(Client(1, 0, 0, 100, 0), Server(2, 1, 5000, 300, 1)));

    private static IReadOnlyList<ClockOffset> Estimate(params SpanNode[] spans) => ClockSkew.Estimate(spans, TraceTree.Build(spans));

    private static SpanNode Client(uint id, uint parent, long start, long duration, int clock) => Span(id, parent, start, duration, SpanKind.Client, clock);

    private static SpanNode Server(uint id, uint parent, long start, long duration, int clock) => Span(id, parent, start, duration, SpanKind.Server, clock);

    private static SpanNode Span(uint id, uint parent, long start, long duration, SpanKind kind, int clock) => new(Id(id), Id(parent), start, duration, (byte)kind, clock, id);

    private static SpanId Id(uint number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return new SpanId(bytes);
    }
}
