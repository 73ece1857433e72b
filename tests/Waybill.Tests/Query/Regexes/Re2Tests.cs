namespace Waybill.Query.Regexes;

public sealed class Re2Tests
{
    [Theory]
    [InlineData("GET /.*", "GET /a", true)]
    [InlineData("GET", "GET /a", false)]          // the whole value
    [InlineData("a|b", "b", true)]
    [InlineData("a|bc", "ac", false)]
    [InlineData("a.c", "a\nc", true)]             // . is a line end too
    [InlineData("(?-s)a.c", "a\nc", false)]
    [InlineData("(?-s:a.)c.", "abc\n", true)]     // a group's flags end with it
    [InlineData(".", "🚀", true)]                 // one character, whatever its encoding
    [InlineData("..", "🚀", false)]
    [InlineData("[^a]", "🚀", true)]
    [InlineData("[🚀a]", "🚀", true)]
    [InlineData("🚀+", "🚀🚀", true)]
    [InlineData("(?i)ÄB", "äb", true)]
    [InlineData("(?i:a)B", "AB", true)]
    [InlineData("(?i:a)B", "Ab", false)]
    [InlineData("\\d+", "123", true)]
    [InlineData("\\d+", "١", false)]              // ASCII only
    [InlineData("\\w", "ä", false)]
    [InlineData("\\s", "\u00a0", false)]
    [InlineData("\\D\\W\\S", "ä-x", true)]
    [InlineData("\\pL\\p{Lu}\\P{Lu}", "aAa", true)]
    [InlineData("\\p{Greek}+", "αβγ", true)]
    [InlineData("\\p{^Greek}", "α", false)]
    [InlineData("[[:alpha:][:digit:]_]+", "a1_", true)]
    [InlineData("[[:^alpha:]]", "1", true)]
    [InlineData("[]a]+", "]a", true)]
    [InlineData("[a\\]b]+", "]ab", true)]
    [InlineData("[a-]+", "a-", true)]
    [InlineData("[\\d\\-x]+", "1-x", true)]
    [InlineData("[^\\D]", "1", true)]
    [InlineData("\\x41\\x{1F680}\\101\\t", "A🚀A\t", true)]
    [InlineData("\\Qa.b*\\E+", "a.b**", true)]
    [InlineData("a{2}", "aa", true)]
    [InlineData("a{2,}", "aaa", true)]
    [InlineData("a{2,3}", "aaaa", false)]
    [InlineData("a{,3}", "a{,3}", true)]          // not a repeat
    [InlineData("{", "{", true)]
    [InlineData("a*?b+?c??", "aabbc", true)]
    [InlineData("(?P<n>a)(?<m>b)(?:c)(d)", "abcd", true)]
    [InlineData("^a$", "a", true)]
    [InlineData("(?m)a$\n^b", "a\nb", true)]
    [InlineData("\\Aa\\z", "a", true)]
    [InlineData("a\\bb", "ab", false)]
    [InlineData("", "", true)]
    [InlineData("(|a)", "a", true)]
    [InlineData("(?U)a+", "aa", true)]
    public void Matches_as_RE2_does(string pattern, string text, bool matches)
    {
        Assert.Null(Re2.Read(pattern).Error);
        Assert.Equal(matches, RegexCache.Whole(pattern).IsMatch(text));
    }

    [Theory]
    [InlineData("a(", 1)]
    [InlineData("a)", 1)]
    [InlineData("a[b", 1)]
    [InlineData("*a", 0)]
    [InlineData("a|+", 2)]
    [InlineData("(?i)*", 4)]
    [InlineData("a**", 1)]
    [InlineData("a+{2}", 1)]
    [InlineData("a{1001}", 1)]
    [InlineData("a{3,2}", 1)]
    [InlineData("x(?=a)", 2)]
    [InlineData("(?!a)", 1)]
    [InlineData("(?<=a)", 1)]
    [InlineData("(?>a)", 2)]
    [InlineData("(?#a)", 2)]
    [InlineData("(?P=n)", 2)]
    [InlineData("(?<>a)", 1)]
    [InlineData("(a)\\1", 3)]
    [InlineData("\\Z", 0)]
    [InlineData("\\y", 0)]
    [InlineData("a\\", 1)]
    [InlineData("\\p{Klingon}", 0)]
    [InlineData("[z-a]", 2)]
    [InlineData("[[:foo:]]", 1)]
    [InlineData("[\\y]", 1)]
    [InlineData("\\x{110000}", 0)]
    public void Refuses_what_RE2_refuses(string pattern, int at)
    {
        Re2 read = Re2.Read(pattern);
        Assert.NotNull(read.Error);
        Assert.Equal(at, read.ErrorAt);
    }

    [Fact]
    public void The_size_of_nested_repeats_multiplies() => Assert.InRange(Re2.Read("((a{10}){10}){10}").Size, 1000, 3000);

    [Fact]
    public void Ten_thousand_groups_are_an_error() => Assert.NotNull(Re2.Read(new string('(', 10_000)).Error);

    [Fact]
    public void Every_accepted_expression_compiles()
    {
        const int Seed = 17, Patterns = 3000;
        string[] pieces = ["a", "[a-c]", "[^b]", ".", "\\d", "\\W", "(", ")", "(?:", "(?i)", "|", "*", "+?", "{2,3}", "^", "$", "\\b", "\\pL", "[[:alpha:]]", "🚀", "\\Q*", "\\E", "-", "]", "\\.", "(?s:", "\\x41", "#", " "];
        var random = new Random(Seed);
        int accepted = 0;
        for (int i = 0; i < Patterns; i++)
        {
            string pattern = string.Concat(Enumerable.Range(0, 1 + random.Next(8)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (Re2.Read(pattern).Error is not null) continue;
            accepted++;
            Assert.IsType<bool>(RegexCache.Whole(pattern).IsMatch("abc"));
        }
        Assert.True(accepted > Patterns / 10);
    }
}
