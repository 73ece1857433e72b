namespace Waybill.Web;

public sealed class LogLinesTests
{
    [Theory]
    [InlineData("a\r\n2026-01-01T00:00:00.000Z info: Forged[0] b", "a\\r\\n2026-01-01T00:00:00.000Z info: Forged[0] b")]
    [InlineData("\u001b[31mred\u0007\u0000\u0085", "\\u001b[31mred\\u0007\\u0000\\u0085")]
    [InlineData("abc\u202egpj.exe\u2066\u200f\u2028", "abc\\u202egpj.exe\\u2066\\u200f\\u2028")]
    [InlineData("tab\tand \\ as they are: ünïcødé 😀", "tab\\tand \\ as they are: ünïcødé 😀")]
    public void Nothing_in_a_text_begins_a_line_or_is_obeyed_by_a_terminal(string text, string line) => Assert.Equal(line, LogLines.Encoded(text));

    [Fact]
    public void A_plain_text_is_not_copied() => Assert.Same("plain", LogLines.Encoded("plain"));
}
