using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Bodies made of the smallest messages there are must not swell into memory.</summary>
public sealed class MemoryBoundTests
{
    private const int BodyBytes = 512 * 1024;

    public static TheoryData<string, byte[]> SmallestMessages => new()
    {
        { "resources", [0x0a, 0x00] },
        { "spans", [0x0a, 0x04, 0x12, 0x02, 0x12, 0x00] },
        { "scopes", [0x0a, 0x02, 0x12, 0x00] },
    };

    [Theory]
    [MemberData(nameof(SmallestMessages))]
    public void Empty_messages_leave_no_rows(string name, byte[] message)
    {
        byte[] body = Repeat(message);
        var batch = new SpanBatch();
        batch.Text.Append(body);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(OtlpProtobuf.DecodeTraces(batch, DecodeLimits.Default, new Rejections()).Ok, name);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        Assert.Equal(0, batch.Count + batch.Resources.Count + batch.Scopes.Count);
    }

    [Fact]
    public void Empty_attributes_events_and_links_are_counted_not_kept()
    {
        byte[] span = [.. Decode.Span().ToProtobuf(), .. Repeat([0x4a, 0x00, 0x5a, 0x00, 0x6a, 0x00])];
        byte[] body = Nest(span, 0x12, 0x12, 0x0a);
        var (batch, result, _) = Decode.Traces(body);
        Assert.Equal(1, batch.Count);
        Assert.Equal(0, batch.Attributes.Count + batch.Events.Count + batch.Links.Count);
        Assert.Equal(BodyBytes / 6, result.Counts.DroppedAttributes);
        Assert.Equal((uint)(BodyBytes / 6), batch.DroppedEvents[0]);
        Assert.Equal((uint)(BodyBytes / 6), batch.DroppedLinks[0]);
    }

    [Fact]
    public void Points_beyond_the_item_limit_are_refused()
    {
        byte[] metric = [0x0a, 0x01, (byte)'m', .. Nest(Repeat([0x0a, 0x00]), 0x4a)];   // histogram points with nothing in them
        var batch = new MetricBatch();
        var rejected = new Rejections();
        batch.Text.Append(Nest(metric, 0x12, 0x12, 0x0a));
        Assert.True(OtlpProtobuf.DecodeMetrics(batch, new DecodeLimits { ItemsMax = 1000 }, rejected).Ok);
        Assert.Equal(1000, batch.PointCount);
        Assert.Equal(BodyBytes / 2 - 1000, rejected[Rejection.Items]);
    }

    private static byte[] Repeat(byte[] message) => [.. Enumerable.Repeat(message, BodyBytes / message.Length).SelectMany(b => b)];

    private static byte[] Nest(byte[] content, params byte[] tags)
    {
        foreach (byte tag in tags)
        {
            var framed = new List<byte> { tag };
            uint length = (uint)content.Length;
            for (; length >= 0x80; length >>= 7) framed.Add((byte)(length | 0x80));
            content = [.. framed, (byte)length, .. content];
        }
        return content;
    }
}
