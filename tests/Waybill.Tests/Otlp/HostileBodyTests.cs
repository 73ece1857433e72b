using System.Text;
using Waybill.Batches;
using Waybill.Decoding;
using Waybill.Spans;

namespace Waybill.Otlp;

/// <summary>Bodies that broke other receivers, by name.</summary>
public sealed class HostileBodyTests
{
    [Theory]
    [InlineData("0affffffff07", DecodeFault.Truncated)]                     // length 0x7fffffff
    [InlineData("0a0512", DecodeFault.Truncated)]                           // cut short
    [InlineData("0affffffffffffffffffff01", DecodeFault.Varint)]            // a length of eleven bytes
    [InlineData("0affffffffffffffffff7f", DecodeFault.Varint)]              // ten bytes, but more than 64 bits
    [InlineData("00", DecodeFault.Tag)]                                     // field number zero
    [InlineData("8080808080808080808001", DecodeFault.Varint)]              // an endless tag
    [InlineData("808080808001", DecodeFault.Tag)]                           // a tag beyond 32 bits
    [InlineData("0801", DecodeFault.WireType)]                              // resource_spans as a varint
    [InlineData("16", DecodeFault.WireType)]                                // wire type 6
    [InlineData("14", DecodeFault.Group)]                                   // a group that ends without beginning
    [InlineData("130b1c14", DecodeFault.Group)]                             // groups that close in the wrong order
    [InlineData("13", DecodeFault.Truncated)]                               // a group that never ends
    public void Broken_framing_fails_the_request_with_a_reason(string hex, DecodeFault expected)
    {
        var (batch, result, _) = Decode.Traces(Convert.FromHexString(hex));
        Assert.Equal(expected, result.Fault);
        Assert.Contains("at byte", result.Message, StringComparison.Ordinal);
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public void A_thousand_groups_inside_each_other_are_a_fault_not_a_crash() =>
        Assert.Equal(DecodeFault.Group, Decode.Traces([.. Enumerable.Repeat((byte)0x13, 1_000_000)]).Result.Fault);

    [Fact]
    public void An_unknown_group_and_unknown_fields_are_passed_over() =>
        Assert.Equal(1, Decode.Traces([0x13, 0x08, 0x05, 0x1b, 0x1c, 0x14, 0xfa, 0x01, 0x01, 0x78, .. Decode.Request(Decode.Span()).ToProtobuf()]).Batch.Count);

    [Fact]
    public void Fifteen_bytes_are_not_a_trace_id_and_cost_only_that_span()
    {
        var (batch, result, rejected) = Decode.Traces(Decode.Request(Decode.Span(), Decode.Span(traceId: new byte[15]), Decode.Span(spanId: new byte[8]), Decode.Span()).ToProtobuf());
        Assert.True(result.Ok);
        Assert.Equal(2, batch.Count);
        Assert.Equal(1, rejected[Rejection.TraceId]);
        Assert.Equal(1, rejected[Rejection.SpanId]);
        Assert.Equal("resource_spans[0].scope_spans[0].spans[1]", rejected.FirstPath);
    }

    [Fact]
    public void A_parent_of_eight_zeros_is_a_root_and_one_of_five_bytes_is_refused()
    {
        var (batch, _, rejected) = Decode.Traces(Decode.Request(Decode.Span().Add(4, "parentSpanId", Wire.Id, new byte[8]), Decode.Span().Add(4, "parentSpanId", Wire.Id, new byte[5])).ToProtobuf());
        Assert.True(Assert.Single(batch.ParentId.Span.ToArray()).IsZero);
        Assert.Equal(1, rejected[Rejection.ParentSpanId]);
    }

    [Fact]
    public void A_length_that_lies_inside_one_span_costs_only_that_span_and_is_named()
    {
        var liar = Decode.Span().With("a", Decode.String("x")).With("b", Decode.String("y"));
        byte[] body = Decode.Request(Decode.Span(), liar, Decode.Span()).ToProtobuf();
        int y = body.AsSpan().LastIndexOf((byte)'y');
        body[y - 1] = 0x7f;   // the string's length
        var (batch, result, rejected) = Decode.Traces(body);
        Assert.True(result.Ok);
        Assert.Equal(2, batch.Count);
        Assert.Equal(0, batch.Attributes.Count);
        Assert.Equal(1, rejected[Rejection.Malformed]);
        Assert.Equal("resource_spans[0].scope_spans[0].spans[1].attributes[1].value.string_value", rejected.FirstPath);
    }

    [Fact]
    public void One_bad_span_of_ten_thousand_leaves_9999()
    {
        var spans = Enumerable.Range(0, 10_000).Select(i => i == 5_000 ? Decode.Span(spanId: []) : Decode.Span()).ToArray();
        var (batch, _, rejected) = Decode.Traces(Decode.Request(spans).ToProtobuf());
        Assert.Equal(9_999, batch.Count);
        Assert.Equal(1, rejected.Count);
        Assert.Equal("resource_spans[0].scope_spans[0].spans[5000]", rejected.FirstPath);
    }

    [Fact]
    public void Bad_utf8_becomes_the_replacement_character_and_is_counted()
    {
        byte[] body = Decode.Request(Decode.Span().Add(5, "name", Wire.Text, "ab?cd")).ToProtobuf();
        body[body.AsSpan().IndexOf((byte)'?')] = 0xff;
        var (batch, result, _) = Decode.Traces(body);
        Assert.Equal("ab\uFFFDcd", batch.Text.GetString(batch.Name[0]));
        Assert.Equal(1, result.Counts.RepairedTexts);
    }

    [Theory]
    [InlineData(10), InlineData(33), InlineData(1000)]
    public void Values_deeper_than_the_limit_are_cut_where_it_is_and_the_span_kept(int levels)
    {
        byte[] value = [0x18, 0x01];
        for (int i = 0; i < levels; i++) value = Delimited(0x2a, Delimited(0x0a, value));
        byte[] attribute = [.. Delimited(0x0a, "deep"u8.ToArray()), .. Delimited(0x12, value)];
        byte[] span = [.. Decode.Span().ToProtobuf(), .. Delimited(0x4a, attribute)];
        var (batch, result, rejected) = Decode.Traces(Delimited(0x0a, Delimited(0x12, Delimited(0x12, span))));
        Assert.True(result.Ok);
        Assert.Equal(0, rejected.Count);
        int kept = Math.Min(levels, DecodeLimits.Default.NestingMax);
        string inner = levels > kept ? "\"…[cut: nested too deep]\"" : "1";
        Assert.Equal(new string('[', kept) + inner + new string(']', kept), batch.Text.GetString(batch.Attributes.Value[0].Text));
        Assert.Equal(levels > kept ? 1 : 0, result.Counts.TruncatedValues);

        string json = "{\"intValue\":1}";
        for (int i = 0; i < levels; i++) json = $$$"""{"arrayValue":{"values":[{{{json}}}]}}""";
        var fromJson = Decode.Traces($$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{{new string('1', 32)}}}","spanId":"{{{new string('1', 16)}}}","attributes":[{"key":"deep","value":{{{json}}}}]}]}]}]}""");
        Assert.True(fromJson.Result.Ok);
        Assert.Equal(Descriptions.Value(batch.Text, batch.Attributes.Value[0]), Descriptions.Value(fromJson.Batch.Text, fromJson.Batch.Attributes.Value[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{]")]
    [InlineData("{} x")]
    [InlineData("{\"resourceSpans\":[{}]")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"\\ud8\"}]}]}]}")]
    public void What_is_not_json_fails_the_request(string json) => Assert.Equal(DecodeFault.Json, Decode.Traces(json).Result.Fault);

    [Fact]
    public void A_million_brackets_fail_the_request_by_depth() => Assert.Equal(DecodeFault.Depth, Decode.Traces("{\"x\":" + new string('[', 1_000_000)).Result.Fault);

    [Fact]
    public void A_list_where_an_object_belongs_is_named() =>
        Assert.Equal("resourceSpans[0].resource", Decode.Traces("""{"resourceSpans":[{"resource":[]}]}""").Result.Path);

    [Fact]
    public void A_byte_order_mark_and_lone_surrogates_are_borne()
    {
        var (batch, result, _) = Decode.Traces("\uFEFF" + Json("\"name\":\"a\\ud800b\""));
        Assert.Equal("a\uFFFDb", batch.Text.GetString(batch.Name[0]));
        Assert.Equal(1, result.Counts.RepairedTexts);
    }

    [Theory]
    [InlineData("\"startTimeUnixNano\":18446744073709551616", 1)]   // 2^64
    [InlineData("\"startTimeUnixNano\":\"-1\"", 1)]
    [InlineData("\"startTimeUnixNano\":\"1\"", 0)]
    [InlineData("\"startTimeUnixNano\":1e3", 0)]
    [InlineData("\"kind\":\"SPAN_KIND_SERVER\"", 1)]                // names of enums are not allowed
    [InlineData("\"name\":5", 1)]
    [InlineData("\"name\":\"a\",\"name\":\"b\"", 0)]                // the last counts
    [InlineData("\"attributes\":[{\"key\":\"n\",\"value\":{\"intValue\":\"9223372036854775808\"}}]", 1)]   // 2^63
    [InlineData("\"attributes\":[{\"key\":\"n\",\"value\":{\"intValue\":1e300}}]", 0)]   // JavaScript's SDK sends whole numbers so
    public void A_json_field_of_the_wrong_kind_costs_its_span(string field, int refused)
    {
        var (batch, result, rejected) = Decode.Traces(Json(field));
        Assert.True(result.Ok);
        Assert.Equal(refused, rejected.Count);
        Assert.Equal(1 - refused, batch.Count);
    }

    private static string Json(string field) =>
        $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{{new string('1', 32)}}}","spanId":"{{{new string('1', 16)}}}",{{{field}}}}]}]}]}""";

    private static byte[] Delimited(byte tag, byte[] content)
    {
        var framed = new List<byte> { tag };
        uint length = (uint)content.Length;
        for (; length >= 0x80; length >>= 7) framed.Add((byte)(length | 0x80));
        return [.. framed, (byte)length, .. content];
    }
}
