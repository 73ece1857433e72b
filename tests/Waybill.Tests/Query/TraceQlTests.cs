using Waybill.Query.Syntax;

namespace Waybill.Query;

public sealed class TraceQlTests
{
    [Theory]
    [InlineData("{}", "{ }")]
    [InlineData("{ .a }", "{ .a }")]
    [InlineData("{resource.service.name=\"checkout\"&&duration>100ms}", "{ resource.service.name = \"checkout\" && duration > 100ms }")]
    [InlineData("{ span:status = error || kind = server }", "{ status = error || kind = server }")]
    [InlineData("{ .a = 1 || .b = 2 && .c = 3 }", "{ (.a = 1 || .b = 2) && .c = 3 }", false)]
    [InlineData("{ .a + 1 * 2 ^ 3 ^ 2 > -5 }", "{ .a + 1 * 2 ^ 3 ^ 2 > -5 }")]
    [InlineData("{ !(.a = \"x\") }", "{ !(.a = \"x\") }")]
    [InlineData("{ -.a * .b = 1 }", "{ -(.a * .b) = 1 }")]
    [InlineData("{ (-.a) * .b = 1 }", "{ (-.a) * .b = 1 }")]
    [InlineData("{ .a } >> { .b } && { .c } !~ { .d }", "{ .a } >> { .b } && { .c } !~ { .d }")]
    [InlineData("{ .a } >> ({ .b } && { .c })", "{ .a } >> ({ .b } && { .c })")]
    [InlineData("{ .a } | { .b } | count() > 2", "{ .a } | { .b } | count() > 2")]
    [InlineData("{ } | avg(.a) > 2 * 3 + 1", "{ } | avg(.a) > 7")]
    [InlineData("{ } | by(resource.service.name) | coalesce() | select(.a, name)", "{ } | by(resource.service.name) | coalesce() | select(.a, name)")]
    [InlineData("({ .a } | count() > 1) && ({ .b })", "({ .a } | count() > 1) && ({ .b })")]
    [InlineData("{ } | rate() by(name) | topk(5) | > 2", "{ } | rate() by(name) | topk(5) | > 2")]
    [InlineData("({ status=error } | rate()) / ({ } | rate()) * 100 | > 5 with(exemplars=100)", "({ status = error } | rate()) / ({ } | rate()) * 100 | > 5 with (exemplars=100)")]
    [InlineData("{ } | quantile_over_time(duration, .5, 0.99) by (.a)", "{ } | quantile_over_time(duration, 0.5, 0.99) by(.a)")]
    [InlineData("{ } | compare({ status = error }, 5, 1, 2)", "{ } | compare({ status = error }, 5, 1, 2)")]
    [InlineData("{ .\"a b\".c = `x\\` }", "{ .\"a b.c\" = \"x\\\\\" }")]
    [InlineData("{ nestedSetParent = minInt } // all", "{ nestedSetParent = minInt }")]
    public void Prints_what_it_has_read(string text, string printed, bool exactly = true)
    {
        var result = TraceQl.Parse(text);
        Assert.Empty(result.Diagnostics);
        if (exactly) Assert.Equal(printed, result.Query!.ToString());
        Assert.Equal(result.Query, TraceQl.Parse(result.Query!.ToString()).Query);
    }

    [Fact]
    public void A_node_knows_where_it_stands()
    {
        const string Text = "{ .a = 1 }  >>  { .bb = 2 }";
        var query = (SearchQuery)TraceQl.Parse(Text).Query!;
        var below = (StructuralOperation)query.Pipeline.Stages[0];
        Assert.Equal("{ .bb = 2 }", Text.Substring(below.Right.At.Start, below.Right.At.Length));
        Assert.Equal(Text, Text.Substring(below.At.Start, below.At.Length));
    }

    [Theory]
    [InlineData("(")]
    [InlineData("{ (")]
    [InlineData("{ !")]
    [InlineData("{ - ")]
    [InlineData("{ .a || ")]
    [InlineData("{ } && ")]
    [InlineData("-")]
    [InlineData("- ")]
    [InlineData("{ } | ")]
    [InlineData("{ } | count() > -(")]
    [InlineData("{ } | rate() | > (")]
    [InlineData("({ } | ")]
    [InlineData("1 + ")]
    [InlineData("count() + ")]
    [InlineData("2 ^ ")]
    [InlineData("{ .a ^ ")]
    public void Ten_thousand_levels_are_an_error(string level)
    {
        var result = TraceQl.Parse(string.Concat(Enumerable.Repeat(level, 10_000)));
        Assert.False(result.IsValid);
        Assert.Single(result.Diagnostics);
    }
}
