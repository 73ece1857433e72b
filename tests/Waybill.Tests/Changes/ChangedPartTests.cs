namespace Waybill.Changes;

public sealed class ChangedPartTests
{
    private static string Show(string before, string after) =>
        ChangedPart.Between(before, after) is { } diff ? string.Join("; ", diff.Differences.Select(one => $"{one.Op} {one.Path} {one.Before}>{one.After}")) : "none";

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1.0}""", "")]
    [InlineData("""{"pool":{"max":10,"min":1}}""", """{"pool":{"max":50},"new":true}""", "changed pool.max 10>50; removed pool.min 1>; added new >true")]
    [InlineData("""{"hosts":["a","b"]}""", """{"hosts":["a","c","d"]}""", "changed hosts[1] b>c; added hosts[2] >d")]
    [InlineData("""[1,2]""", """{"a":1}""", "changed  [1,2]>{\"a\":1}")]
    [InlineData("a\nb\nc", "a\nx\nc", "removed line 2 b>; added line 2 >x")]
    [InlineData("a\nb\nc", "a\nc", "removed line 2 b>")]
    [InlineData("on", "off", "changed  on>off")]
    [InlineData("on", "on", "")]
    [InlineData("", "on", "none")]
    [InlineData("{not json", "{not json either", "changed  {not json>{not json either")]
    public void It_is_found_by_key_or_by_line(string before, string after, string expected) => Assert.Equal(expected, Show(before, after));

    [Fact]
    public void A_long_one_is_cut_and_says_so()
    {
        string before = string.Join('\n', Enumerable.Range(0, 5_000)), after = string.Join('\n', Enumerable.Range(5_000, 5_000));
        var diff = ChangedPart.Between(before, after)!.Value;
        Assert.True(diff.Truncated && diff.Differences.Count == 500);
    }

    [Fact]
    public void Deep_and_hostile_JSON_is_compared_as_text() => Assert.Equal("changed", ChangedPart.Between(new string('[', 5_000), new string('[', 5_001))!.Value.Differences[0].Op);

    [Theory]
    [InlineData("https://github.com/acme/shop", "https://github.com/acme/shop/compare/a...b")]
    [InlineData("git@github.com:acme/shop.git", "https://github.com/acme/shop/compare/a...b")]
    [InlineData("ssh://git@gitlab.example:2222/acme/shop.git", "https://gitlab.example/acme/shop/-/compare/a...b")]
    [InlineData("http://gitea.local:3000/acme/shop/", "http://gitea.local:3000/acme/shop/compare/a...b")]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("javascript:alert(1)", null)]
    [InlineData("shop", null)]
    public void Commits_are_compared_where_the_repository_is(string repository, string? url) => Assert.Equal(url, SourceLinks.Compare(repository, "a", "b"));
}
