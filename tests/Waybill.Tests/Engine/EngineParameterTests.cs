namespace Waybill.Engine;

public sealed class EngineParameterTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\tb\nc\rd\be\ff\0g", @"a\tb\nc\rd\be\ff\0g")]
    [InlineData(@"\N", @"\\N")]
    [InlineData("it's", @"it\'s")]
    [InlineData("", "")]
    [InlineData("漢字 🧭", "漢字 🧭")]
    public void Text_is_escaped_for_TSV(string value, string expected) => Assert.Equal(expected, EngineParameter.String("x", value).Value);

    [Fact]
    public void Texts_in_a_list_cannot_leave_their_quotes() => Assert.Equal(@"['a','\'],[\'','\\']", EngineParameter.Strings("x", ["a", "'],['", "\\"]).Value);

    [Fact]
    public void Bytes_are_written_as_hexadecimal() => Assert.Equal(@"\x00\xff\x3b", EngineParameter.Bytes("x", [0, 255, (byte)';']).Value);

    [Theory]
    [InlineData(0, "0.000000000")]
    [InlineData(1_700_000_000_123_456_789, "1700000000.123456789")]
    [InlineData(-1, "-0.000000001")]
    [InlineData(-1_500_000_000, "-1.500000000")]
    public void Times_are_decimal_seconds(long nanoseconds, string expected) => Assert.Equal(expected, EngineParameter.UnixNanoseconds("x", nanoseconds).Value);

    [Theory]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(0.1, "0.1")]
    public void Fractions_are_in_ClickHouses_spelling(double value, string expected) => Assert.Equal(expected, EngineParameter.Double("x", value).Value);
}
