using FsCheck;
using FsCheck.Fluent;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Random requests, written by Google's library, must come back field by field; and the two encodings must agree.</summary>
public sealed class OtlpPropertyTests
{
    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(300);

    [Fact]
    public void Traces_come_back_field_by_field_in_both_encodings() => ForAnySeed(samples =>
    {
        var request = samples.Traces();
        var fromProtobuf = new SpanBatch();
        var fromJson = new SpanBatch();
        fromProtobuf.Text.Append(request.ToProtobuf());
        fromJson.Text.Append(request.ToJson(samples.Random));
        AssertWhole(OtlpProtobuf.DecodeTraces(fromProtobuf, DecodeLimits.Default, new Rejections()));
        AssertWhole(OtlpJson.DecodeTraces(fromJson, DecodeLimits.Default, new Rejections()));
        Assert.Equal(Expectations.OfTraces(request), Descriptions.Of(fromProtobuf));
        Assert.Equal(Expectations.OfTraces(request), Descriptions.Of(fromJson));
    });

    [Fact]
    public void Logs_come_back_field_by_field_in_both_encodings() => ForAnySeed(samples =>
    {
        var request = samples.Logs();
        var fromProtobuf = new LogBatch();
        var fromJson = new LogBatch();
        fromProtobuf.Text.Append(request.ToProtobuf());
        fromJson.Text.Append(request.ToJson(samples.Random));
        AssertWhole(OtlpProtobuf.DecodeLogs(fromProtobuf, DecodeLimits.Default, new Rejections()));
        AssertWhole(OtlpJson.DecodeLogs(fromJson, DecodeLimits.Default, new Rejections()));
        Assert.Equal(Expectations.OfLogs(request), Descriptions.Of(fromProtobuf));
        Assert.Equal(Expectations.OfLogs(request), Descriptions.Of(fromJson));
    });

    [Fact]
    public void Metrics_come_back_field_by_field_in_both_encodings() => ForAnySeed(samples =>
    {
        var request = samples.Metrics();
        var fromProtobuf = new MetricBatch();
        var fromJson = new MetricBatch();
        fromProtobuf.Text.Append(request.ToProtobuf());
        fromJson.Text.Append(request.ToJson(samples.Random));
        AssertWhole(OtlpProtobuf.DecodeMetrics(fromProtobuf, DecodeLimits.Default, new Rejections()));
        AssertWhole(OtlpJson.DecodeMetrics(fromJson, DecodeLimits.Default, new Rejections()));
        Assert.Equal(Expectations.OfMetrics(request), Descriptions.Of(fromProtobuf));
        Assert.Equal(Expectations.OfMetrics(request), Descriptions.Of(fromJson));
    });

    /// <summary>FsCheck chooses the seeds and prints the one that failed.</summary>
    private static void ForAnySeed(Action<Samples> check) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check(new Samples(seed))).Check(Config);

    private static void AssertWhole(DecodeResult result)
    {
        Assert.Equal("", result.Message);
        Assert.Equal(default, result.Counts);
    }
}
