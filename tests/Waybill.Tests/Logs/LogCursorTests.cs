using Waybill.Web;

namespace Waybill.Logs;

public sealed class LogCursorTests
{
    [Fact]
    public void A_cursor_reads_back_as_it_was_written()
    {
        var cursor = new LogCursor(new TimeRange(1, 1_732_273_500_000_000_000), 77, 3);
        Assert.True(LogCursor.TryParse(cursor.ToString(), out LogCursor read));
        Assert.Equal(cursor, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("5.4.5.0")]      // begins after its end
    [InlineData("1.9.10.0")]     // lies outside of its range
    [InlineData("1.9.5.-1")]
    [InlineData("1.9.5.9999999")]
    public void What_no_server_gave_is_refused(string text) => Assert.False(LogCursor.TryParse(text, out _));

    [Theory]
    [InlineData("info", 9)]
    [InlineData("ERROR", 17)]
    [InlineData("24", 24)]
    public void A_severity_is_a_name_or_a_number(string text, int lowest)
    {
        Assert.True(Severity.TryParse(text, out int parsed));
        Assert.Equal(lowest, parsed);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("0")]
    [InlineData("25")]
    [InlineData("loud")]
    public void What_is_no_severity_is_refused(string text) => Assert.False(Severity.TryParse(text, out _));

    [Theory]
    [InlineData(0, "unknown"), InlineData(1, "trace"), InlineData(4, "trace"), InlineData(5, "debug"), InlineData(9, "info"), InlineData(16, "warn"), InlineData(17, "error"), InlineData(24, "fatal"), InlineData(99, "fatal")]
    public void Four_numbers_are_one_class(int number, string name) => Assert.Equal(name, Severity.NameOf(number));
}
