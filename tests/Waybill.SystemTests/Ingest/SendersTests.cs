using Waybill.Batches;

namespace Waybill.Ingest;

public sealed class SendersTests
{
    private static readonly Caller Local = new(Protocol.OtlpGrpc, "127.0.0.1", "test/1");

    private static Reception Spans(string service, int count)
    {
        var reception = new Reception(Signal.Traces);
        Add(reception, service, count);
        return reception;
    }

    private static void Add(Reception reception, string service, int count)
    {
        Text Text(string text) => reception.Text.Append(System.Text.Encoding.UTF8.GetBytes(text));
        reception.Spans.Resources.Attributes.Add(Text("service.name"), AnyValue.String(Text(service)));
        int resource = reception.Spans.Resources.Add(0, default);
        for (int i = 0; i < count; i++) reception.Spans.Resource.Add(resource);
    }

    [Fact]
    public void Items_count_for_the_resource_they_came_from()
    {
        var senders = new Senders(new IngestOptions(), TimeProvider.System);
        using var reception = Spans("a", 3);
        Add(reception, "b", 4);
        senders.Saw(reception, Local);
        senders.Saw(reception, Local);
        Assert.Equal([("a", 6L, 2L), ("b", 8L, 2L)], senders.Latest(10).OrderBy(s => s.Service).Select(s => (s.Service, s.Items, s.Requests)));
    }

    [Fact]
    public void The_one_silent_for_longest_makes_room()
    {
        var senders = new Senders(new IngestOptions { SendersMax = 10 }, TimeProvider.System);
        for (int i = 0; i < 12; i++)
        {
            using var reception = Spans($"s{i}", 1);
            senders.Saw(reception, Local);
            using var first = Spans("s0", 1);
            senders.Saw(first, Local);
        }
        Assert.Equal(10, senders.Count);
        Assert.Equal(["s0", "s11", "s10", "s9", "s8", "s7", "s6", "s5", "s4", "s3"], senders.Latest(10).Select(s => s.Service));
    }

    [Fact]
    public void The_rate_is_that_of_the_last_minute()
    {
        var clock = new SteppedClock();
        var senders = new Senders(new IngestOptions(), clock);
        using var reception = Spans("a", 60);
        for (int i = 0; i < 120; i++)
        {
            senders.Saw(reception, Local);
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(senders.Latest(1)[0].ItemsPerSecond, 50, 60); // The step that has just begun is empty.
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, senders.Latest(1)[0].ItemsPerSecond);
    }

    [Fact]
    public void Long_names_are_cut()
    {
        var senders = new Senders(new IngestOptions(), TimeProvider.System);
        using var reception = Spans(new string('x', 10_000), 1);
        senders.Saw(reception, Local with { UserAgent = new string('u', 10_000) });
        senders.Saw(reception, Local with { UserAgent = new string('u', 10_000) });
        var sender = Assert.Single(senders.Latest(10));
        Assert.Equal(128, sender.Service.Length);
    }
}
