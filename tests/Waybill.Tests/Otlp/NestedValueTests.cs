using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

public sealed class NestedValueTests
{
    /// <summary>Stored value to OTLP/JSON and decoded again: the same value.</summary>
    [Fact]
    public void Any_value_survives_the_way_back_to_otlp_json() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var value = new Samples(seed).Value(0);
        var (batch, _, _) = Decode.Traces(Decode.Request(Decode.Span().With("v", value)).ToProtobuf());
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            NestedValue.WriteOtlpJson(writer, batch.Attributes.Value[0], batch.Attributes.Value[0].HasText ? batch.Text[batch.Attributes.Value[0].Text] : default);
        var (again, result, _) = Decode.Traces(
            $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{{new string('1', 32)}}}","spanId":"{{{new string('1', 16)}}}","attributes":[{"key":"v","value":{{{Encoding.UTF8.GetString(stream.ToArray())}}}}]}]}]}]}""");
        Assert.Equal("", result.Message);
        Assert.Equal(Descriptions.Value(batch.Text, batch.Attributes.Value[0]), Descriptions.Value(again.Text, again.Attributes.Value[0]));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_list_whose_values_come_before_their_keys_reads_the_same()
    {
        var (batch, _, _) = Decode.Traces(
            $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{{new string('1', 32)}}}","spanId":"{{{new string('1', 16)}}}","attributes":[{"value":{"kvlistValue":{"values":[{"value":{"intValue":1},"key":"a"},{"value":{"stringValue":"x"}},{"key":"$b"}]}},"key":"v"}]}]}]}]}""");
        Assert.Equal("""{"a":1,"":"x","$$b":null}""", batch.Text.GetString(batch.Attributes.Value[0].Text));
    }
}
