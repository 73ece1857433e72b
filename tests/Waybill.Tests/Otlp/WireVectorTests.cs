using Waybill.Metrics;

namespace Waybill.Otlp;

/// <summary>Bytes made with protoc from opentelemetry-proto ac2c4b5.</summary>
public sealed class WireVectorTests
{
    private const string Trace =
        "0a730a150a130a0c736572766963652e6e616d6512030a0161125a0a030a017312530a100af7651916cd43dd8448eb211c80319c1208b7ad6b71692033312a026f70300239010000000000000041" +
        "02000000000000004a100a016e120b18ffffffffffffffffff017a051201781802850101010000";
    private const string TraceJson =
        """{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"scope":{"name":"s"},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"op","kind":2,"startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[{"key":"n","value":{"intValue":"-1"}}],"status":{"message":"x","code":2},"flags":257}]}]}]}""";
    private const string TraceText =
        "resource {service.name=s:a} 0 [] scope [s] [] {} 0 [] 0af7651916cd43dd8448eb211c80319c b7ad6b7169203331 0000000000000000 [] 257 [op] 2 1 2 2 [x] {n=i:-1} 0 events {} 0 links {} 0";

    [Fact]
    public void A_trace_is_read_from_protobuf() => Assert.Equal(TraceText, Descriptions.Of(Decode.Traces(Convert.FromHexString(Trace)).Batch));

    [Fact]
    public void The_same_trace_is_read_from_json() => Assert.Equal(TraceText, Descriptions.Of(Decode.Traces(TraceJson).Batch));

    [Fact]
    public void Metrics_are_read_from_protobuf()
    {
        var (batch, result, rejected) = Decode.Metrics(Convert.FromHexString(
            "0a771275121d0a016d3a180a1219050000000000000031feffffffffffffff1001180112400a01684a3b0a3719050000000000000021030000000000000029000000000000f83f321001000000" +
            "0000000002000000000000003a08000000000000f03f100212120a0165520d0a0b300142070805120301ac02"));
        Assert.True(result.Ok);
        Assert.Equal(0, rejected.Count);
        const string Origin = "resource {} 0 [] scope [] [] {} 0 []";
        Assert.Equal(
            $"{Origin} [m] [] [] Sum Delta True {{}} \n  point 0 5 0 {{}} 0 i:-2 exemplars {{}}\n" +
            $"{Origin} [h] [] [] Histogram Cumulative False {{}} \n  point 0 5 0 {{}} 0 3 Sum 1.5 0 0 {{1; 2}}{{1}} exemplars {{}}\n" +
            $"{Origin} [e] [] [] ExponentialHistogram Unspecified False {{}} \n  point 0 0 0 {{}} 0 0 None 0 0 0 -1 0 0 -3 {{1; 300}} 0 {{}} exemplars {{}}",
            Descriptions.Of(batch));
    }

    [Fact]
    public void An_empty_request_is_a_success_in_both_encodings()
    {
        Assert.True(Decode.Traces([]).Result.Ok);
        Assert.True(Decode.Traces("{}").Result.Ok);
    }

    [Fact]
    public void Unpacked_buckets_are_read_like_packed_ones()
    {
        var point = new Message().Add(6, "bucketCounts", Wire.Fixed64, 1UL).Add(6, "bucketCounts", Wire.Fixed64, 2UL).Add(7, "explicitBounds", Wire.Double, 1.0);
        var metric = new Message().Add(1, "name", Wire.Text, "h").Add(9, "histogram", Wire.Message, new Message().AddAll(1, "dataPoints", [point]));
        var request = new Message().AddAll(1, "resourceMetrics", [new Message().AddAll(2, "scopeMetrics", [new Message().AddAll(2, "metrics", [metric])])]);
        var batch = Decode.Metrics(request.ToProtobuf()).Batch;
        Assert.Equal([1UL, 2UL], batch.Histograms.BucketCounts.Span.ToArray());
        Assert.Equal([1.0], batch.Histograms.Bounds.Span.ToArray());
        Assert.Equal(MetricKind.Histogram, batch.Kind[0]);
    }
}
