using System.Text;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Otlp;

public sealed class LimitTests
{
    [Theory]
    [InlineData(1024, false), InlineData(65_536, false), InlineData(65_537, true), InlineData(16 * 1024 * 1024, true)]
    public void A_value_over_the_limit_is_cut_visibly_on_a_character(int bytes, bool cut)
    {
        string value = string.Concat(Enumerable.Repeat("é", bytes / 2)) + (bytes % 2 == 1 ? "x" : "");
        var (batch, result, _) = Decode.Traces(Decode.Request(Decode.Span().With("big", Decode.String(value))).ToProtobuf());
        string kept = batch.Text.GetString(batch.Attributes.Value[0].Text);
        Assert.InRange(Encoding.UTF8.GetByteCount(kept), 0, 65_536);
        Assert.Equal(cut ? 1 : 0, result.Counts.TruncatedValues);
        Assert.Equal(0, result.Counts.RepairedTexts);
        if (cut) Assert.EndsWith($"é…[cut from {bytes} bytes]", kept, StringComparison.Ordinal);
        else Assert.Equal(value, kept);
    }

    [Fact]
    public void Attributes_over_the_limit_are_counted_as_dropped()
    {
        var span = Decode.Span().Add(10, "droppedAttributesCount", Wire.Varint, 7UL);
        for (int i = 0; i < 10_000; i++) span.With("k" + i, Decode.String("v"));
        var (batch, result, _) = Decode.Traces(Decode.Request(span).ToProtobuf());
        Assert.Equal(128, batch.Attributes.Count);
        Assert.Equal(10_000 - 128 + 7u, batch.DroppedAttributes[0]);
        Assert.Equal(10_000 - 128, result.Counts.DroppedAttributes);
    }

    [Fact]
    public void Nested_values_over_the_limit_stay_json_and_say_that_they_were_cut()
    {
        var array = new Message().AddAll(1, "values", Enumerable.Range(0, 20_000).Select(_ => Decode.String("0123456789")));
        var (batch, result, _) = Decode.Traces(Decode.Request(Decode.Span().With("a", new Message().Add(5, "arrayValue", Wire.Message, array))).ToProtobuf());
        string json = batch.Text.GetString(batch.Attributes.Value[0].Text);
        Assert.InRange(json.Length, 60_000, 65_536);
        using var parsed = System.Text.Json.JsonDocument.Parse(json);
        Assert.Equal("…[cut: too long]", parsed.RootElement[parsed.RootElement.GetArrayLength() - 1].GetString());
        Assert.Equal(1, result.Counts.TruncatedValues);
    }

    [Fact]
    public void A_text_in_a_nested_value_is_cut_between_escapes()
    {
        for (int length = 300; length < 340; length++)
        {
            var array = new Message().AddAll(1, "values", [Decode.String(string.Concat(Enumerable.Repeat("\"\u0001\\é", length)))]);
            var (batch, _, _) = Decode.Traces(Decode.Request(Decode.Span().With("a", new Message().Add(5, "arrayValue", Wire.Message, array))).ToProtobuf(), new DecodeLimits { ValueBytesMax = length * 2 });
            using var parsed = System.Text.Json.JsonDocument.Parse(batch.Text.GetString(batch.Attributes.Value[0].Text));
            Assert.Contains("[cut from ", parsed.RootElement[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Spans_over_the_limit_are_refused_and_say_why()
    {
        var (batch, _, rejected) = Decode.Traces(Decode.Request(Decode.Span(), Decode.Span(), Decode.Span()).ToProtobuf(), new DecodeLimits { ItemsMax = 2 });
        Assert.Equal(2, batch.Count);
        Assert.Equal(1, rejected[Rejection.Items]);
    }

    [Fact]
    public void Decoding_again_allocates_nothing()
    {
        var samples = new Samples(7);
        byte[] body = Decode.Request([.. Enumerable.Range(0, 500).Select(_ => samples.Span())]).ToProtobuf();
        var batch = new SpanBatch();
        var rejected = new Rejections();
        long allocated = 0;
        for (int i = 0; i < 40; i++)
        {
            batch.Clear();
            batch.Text.Append(body);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var result = OtlpProtobuf.DecodeTraces(batch, DecodeLimits.Default, rejected);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(result.Ok && batch.Count == 500 && rejected.Count == 0);
        }
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Decoding_json_and_metrics_again_allocates_nothing_either()
    {
        byte[] json = Decode.Request([.. Enumerable.Range(0, 100).Select(_ => new Samples(7).Span())]).ToJson(new Random(7)), metrics = new Samples(11).Metrics().ToProtobuf();
        var spanBatch = new SpanBatch();
        var metricBatch = new MetricBatch();
        var rejected = new Rejections();
        long allocated = 0;
        for (int i = 0; i < 40; i++)
        {
            spanBatch.Clear();
            metricBatch.Clear();
            spanBatch.Text.Append(json);
            metricBatch.Text.Append(metrics);
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool whole = OtlpJson.DecodeTraces(spanBatch, DecodeLimits.Default, rejected).Ok & OtlpProtobuf.DecodeMetrics(metricBatch, DecodeLimits.Default, rejected).Ok;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(whole && rejected.Count == 0);
        }
        Assert.Equal(100, spanBatch.Count);
        Assert.Equal(0, allocated);
    }
}
