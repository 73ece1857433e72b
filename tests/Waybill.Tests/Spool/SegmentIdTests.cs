namespace Waybill.Spool;

public sealed class SegmentIdTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1469918176385);

    [Fact]
    public void Is_written_as_a_ULID()
    {
        string text = SegmentId.Next(Now, default).ToString();

        Assert.StartsWith("01ARYZ6S41", text, StringComparison.Ordinal);   // the time part of the ULID specification's example
        Assert.Equal(26, text.Length);
        Assert.True(SegmentId.TryParse(text, out SegmentId again));
        Assert.Equal(text, again.ToString());
    }

    [Fact]
    public void Sorts_by_age_even_when_the_clock_is_set_back()
    {
        SegmentId last = default;
        string lastText = "";
        for (int i = 0; i < 1000; i++)
        {
            SegmentId next = SegmentId.Next(Now.AddMilliseconds(-10 * i), last);
            Assert.True(next.CompareTo(last) > 0);
            Assert.True(string.CompareOrdinal(next.ToString(), lastText) > 0);
            (last, lastText) = (next, next.ToString());
        }
    }

    [Fact]
    public void Two_of_the_same_moment_in_two_directories_differ() => Assert.NotEqual(SegmentId.Next(Now, default), SegmentId.Next(Now, default));

    [Theory]
    [InlineData("")]
    [InlineData("01ARYZ6S41TSV4RRFFQ69G5FA")]    // one short
    [InlineData("81ARYZ6S41TSV4RRFFQ69G5FAV")]   // more than 128 bits
    [InlineData("01ARYZ6S41TSV4RRFFQ69G5FAU")]   // U is no letter of Crockford's
    [InlineData("01aryz6s41tsv4rrffq69g5fav")]   // file names are upper case
    public void Refuses_what_it_would_not_write(string text) => Assert.False(SegmentId.TryParse(text, out _));
}
