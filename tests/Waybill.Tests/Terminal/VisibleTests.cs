using FsCheck;
using FsCheck.Fluent;

namespace Waybill.Terminal;

public sealed class VisibleTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("a\u001b[31mb", "a␛[31mb")]
    [InlineData("line\r\nnext\tcolumn", "line␍⏎next⇥column")]
    [InlineData("\u009b2J", "\\u009b2J")]
    [InlineData("a\u202eb", "a\\u202eb")]
    [InlineData("naïve 漢字 ✓ 😀", "naïve 漢字 ✓ 😀")]
    public void What_a_terminal_would_act_on_is_shown_instead(string text, string shown) => Assert.Equal(shown, Visible.Of(text));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("漢字漢字", 5, "漢字…")]
    [InlineData("漢字漢字", 4, "漢…")]
    [InlineData("abc", 0, "")]
    public void A_text_is_cut_by_columns(string text, int width, string cut) => Assert.Equal(cut, Visible.Cut(text, width));

    [Fact]
    public void Any_text_becomes_harmless_and_fits() => Prop.ForAll<string?, int>((text, width) =>
    {
        string shown = Visible.Of(text);
        int columns = Math.Abs(width % 50);
        return shown.EnumerateRunes().All(Visible.IsHarmless) && Visible.Width(Visible.Fit(shown, columns)) == columns;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(999, "999 ns")]
    [InlineData(1_500, "1.50 µs")]
    [InlineData(999_600, "1.00 ms")]
    [InlineData(12_345_678, "12.3 ms")]
    [InlineData(1_240_000_000, "1.24 s")]
    [InlineData(61_000_000_000, "1m 01s")]
    [InlineData(-5_000_000, "-5.00 ms")]
    public void A_duration_has_three_figures(long nanoseconds, string text) => Assert.Equal(text, Figures.Duration(nanoseconds));
}
