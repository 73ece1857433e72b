using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Otlp;
using Waybill.Spans;

namespace Waybill.Zipkin;

public sealed class ZipkinTests
{
    private static string Expected()
    {
        string derived = ZipkinRows.Derive(Trace, Id, SpanKind.Server).ToString();
        return
            "resource {service.name=s:web} 0 [] scope [lib] [] {} 0 [] 00000000000000008448eb211c80319c b7ad6b7169203331 0000000000000000 [] 0 [get /] 3 1700000000000001000 1700000000000006000 2 [boom] " +
            "{http.path=s:/; service.peer.name=s:cart; network.peer.address=s:2001:db8::1; network.local.address=s:192.0.2.1; network.local.port=i:80} 0 events {1700000000000002000 [retry] {}} 0 links {} 0\n" +
            $"resource {{service.name=s:cart}} 0 [] scope [] [] {{}} 0 [] 00000000000000008448eb211c80319c {derived} b7ad6b7169203331 [] 0 [] 2 0 0 1 [] {{zipkin.debug=b:true}} 0 events {{}} 0 links {{}} 0";
    }

    private static TraceId Trace => TraceId.TryParse("8448eb211c80319c", out var id) ? id : default;
    private static SpanId Id => SpanId.TryParse("b7ad6b7169203331", out var id) ? id : default;

    [Fact]
    public void Json_becomes_spans_with_the_server_below_the_client_it_shares_an_id_with() => Assert.Equal(Expected(), Descriptions.Of(Decode.Zipkin(ZipkinSamples.Json).Batch));

    [Fact]
    public void Protobuf_becomes_the_same_spans() => Assert.Equal(Expected(), Descriptions.Of(Decode.Zipkin(ZipkinSamples.Protobuf()).Batch));

    [Fact]
    public void Derived_ids_differ_by_trace_id_and_kind()
    {
        Assert.NotEqual(ZipkinRows.Derive(Trace, Id, SpanKind.Server), ZipkinRows.Derive(Trace, Id, SpanKind.Client));
        Assert.NotEqual(ZipkinRows.Derive(Trace, Id, SpanKind.Server), ZipkinRows.Derive(default, Id, SpanKind.Server));
        Assert.Equal(ZipkinRows.Derive(Trace, Id, SpanKind.Server), ZipkinRows.Derive(Trace, Id, SpanKind.Server));
    }

    [Theory]
    [InlineData(0UL, 0UL), InlineData(5UL, 5000UL), InlineData(ulong.MaxValue, ulong.MaxValue), InlineData(ulong.MaxValue / 1000 + 1, ulong.MaxValue)]
    public void Microseconds_become_nanoseconds_without_overflow(ulong micros, ulong nanos) => Assert.Equal(nanos, ZipkinRows.Nanoseconds(micros));

    [Theory]
    [InlineData("7f000001", "127.0.0.1")]
    [InlineData("00000000000000000000000000000000", "::")]
    [InlineData("00000000000000000000000000000001", "::1")]
    [InlineData("20010db8000000000001000000000000", "2001:db8:0:0:1::")]
    [InlineData("20010db8000100000001000100010001", "2001:db8:1:0:1:1:1:1")]
    [InlineData("0102", "")]
    public void Addresses_are_written_as_rfc_5952_says(string hex, string expected)
    {
        var arena = new TextArena();
        Assert.Equal(expected, arena.GetString(IpAddresses.Append(arena, Convert.FromHexString(hex))));
    }

    [Fact]
    public void A_span_without_an_id_costs_only_itself()
    {
        var (batch, result, rejected) = Decode.Zipkin("""[{"traceId":"8448eb211c80319c"},5,{"traceId":"8448eb211c80319c","id":"b7ad6b7169203331"}]""");
        Assert.True(result.Ok);
        Assert.Equal(1, batch.Count);
        Assert.Equal(1, rejected[Rejection.SpanId]);
        Assert.Equal(1, rejected[Rejection.Malformed]);
        Assert.Equal("[0]", rejected.FirstPath);
    }
}
