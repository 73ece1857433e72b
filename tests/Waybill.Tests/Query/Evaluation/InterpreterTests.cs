using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>
/// One trace, by hand:
/// <code>
/// 1 root (cart, 10 ms)
/// ├─ 2 a (cart)
/// │  ├─ 3 b (shop, error)
/// │  └─ 4 b (shop)
/// └─ 5 c (mail)
/// 6 orphan (mail), whose parent is missing
/// </code>
/// </summary>
public sealed class InterpreterTests
{
    private static readonly Trace Trace = new("0af7651916cd43dd8448eb211c80319c",
    [
        Span("1", "", "root", "cart") with { DurationNano = 10_000_000, Attributes = new() { { "n", Static.Of(1) }, { "t", Static.Of("x") } } },
        Span("2", "1", "a", "cart") with { Attributes = new() { { "n", Static.Of(2.5) }, { "list", Value.Array(Static.Of("x"), Static.Of("y")) } } },
        Span("3", "2", "b", "shop") with { Status = SpanStatus.Error, Attributes = new() { { "n", Static.Of(3) }, { "code", Static.Of(2) } } },
        Span("4", "2", "b", "shop") with { Attributes = new() { { "t", Static.Of("X\ny") }, { "flag", Static.Of(true) } } },
        Span("5", "1", "c", "mail") with { Events = [new("e1", 7, new() { { "k", Static.Of(1) } }), new("e2", 8, new() { { "k", Static.Of(2) } })] },
        Span("6", "9", "orphan", "mail"),
    ]);

    private static TraceSpan Span(string id, string parent, string name, string service) =>
        new() { SpanId = id, ParentId = parent, Name = name, StartUnixNano = int.Parse(id, System.Globalization.CultureInfo.InvariantCulture), DurationNano = 1, Resource = new() { { "service.name", Static.Of(service) } } };

    [Theory]
    [InlineData("{ }", "123456")]
    [InlineData("{ .n = 1 }", "1")]
    [InlineData("{ .n != 1 }", "23")]                      // the others have no n
    [InlineData("{ !(.n = 1) }", "23456")]
    [InlineData("{ .n = nil }", "456")]
    [InlineData("{ .n != nil }", "123")]
    [InlineData("{ nil = nil }", "")]
    [InlineData("{ nil != nil }", "")]
    [InlineData("{ .n = \"1\" }", "")]                     // another type is never equal
    [InlineData("{ .n != \"1\" }", "")]                    // nor unequal
    [InlineData("{ .n > 1 }", "23")]
    [InlineData("{ 1 < .n }", "23")]
    [InlineData("{ .n + 0.5 = 3 }", "2")]
    [InlineData("{ .n / 2 = 1 }", "3")]                    // ints divide to an int
    [InlineData("{ .n / 0 = 1 || .n / 0 != 1 }", "2")]     // a float divided by zero is infinite, an int has no result
    [InlineData("{ .n ^ 2 = 9 }", "3")]
    [InlineData("{ -.n < -2 }", "23")]
    [InlineData("{ .list = \"y\" }", "2")]
    [InlineData("{ .list != \"y\" }", "")]                 // not all differ
    [InlineData("{ .list != \"z\" }", "2")]
    [InlineData("{ .list =~ \"x|z\" }", "2")]
    [InlineData("{ .t =~ \"x\" }", "1")]                   // the whole value
    [InlineData("{ .t =~ \"(?i)x.y\" }", "4")]             // . is a line end too
    [InlineData("{ .t !~ \"x\" }", "4")]
    [InlineData("{ .flag }", "4")]
    [InlineData("{ !.flag }", "")]                         // of what is not there there is no opposite
    [InlineData("{ .t }", "")]
    [InlineData("{ .t || .flag }", "4")]
    [InlineData("{ event.k = 1 }", "5")]
    [InlineData("{ event.k != 1 }", "")]
    [InlineData("{ event.k != 3 }", "5")]
    [InlineData("{ .k = 2 }", "5")]                        // without a scope, found in the events
    [InlineData("{ event:name = \"e2\" && event:timeSinceStart = 3ns }", "5")]
    [InlineData("{ status = error }", "3")]
    [InlineData("{ .code = error }", "3")]                 // an int equals the status of that number
    [InlineData("{ duration >= 10ms }", "1")]
    [InlineData("{ rootName = \"root\" && rootServiceName = \"cart\" }", "123456")]
    [InlineData("{ traceDuration > 10ms }", "")]
    [InlineData("{ traceDuration = 10ms }", "123456")]
    [InlineData("{ span:childCount = 2 }", "12")]
    [InlineData("{ nestedSetParent = -1 }", "1")]
    [InlineData("{ nestedSetLeft = 0 }", "6")]
    [InlineData("{ nestedSetRight - nestedSetLeft = 1 }", "345")]
    [InlineData("{ span:parentID = \"2\" }", "34")]
    [InlineData("{ name < \"b\" }", "2")]
    public void A_filter_keeps_the_spans_for_which_it_is_true(string query, string spans) => Matches(query, spans);

    [Theory]
    [InlineData("{ name = \"a\" } > { name = \"b\" }", "34")]
    [InlineData("{ name = \"root\" } > { name = \"b\" }", "")]
    [InlineData("{ name = \"root\" } >> { name = \"b\" }", "34")]
    [InlineData("{ name = \"b\" } >> { name = \"b\" }", "")]
    [InlineData("{ name = \"b\" } < { name = \"a\" }", "2")]
    [InlineData("{ name = \"b\" } << { }", "12")]
    [InlineData("{ status = error } ~ { }", "4")]
    [InlineData("{ name = \"b\" } ~ { name = \"b\" }", "34")]
    [InlineData("{ name = \"a\" } !> { }", "1256")]
    [InlineData("{ name = \"a\" } !>> { name = \"b\" }", "")]
    [InlineData("{ name = \"z\" } !>> { name = \"b\" }", "34")]
    [InlineData("{ name = \"b\" } !< { }", "13456")]
    [InlineData("{ name = \"b\" } !<< { }", "3456")]
    [InlineData("{ status = error } !~ { name = \"b\" }", "3")]
    [InlineData("{ name = \"a\" } &> { name = \"b\" }", "234")]
    [InlineData("{ name = \"root\" } &>> { status = error }", "13")]
    [InlineData("{ status = error } &< { }", "23")]
    [InlineData("{ name = \"c\" } &<< { }", "15")]
    [InlineData("{ status = error } &~ { }", "34")]
    [InlineData("{ name = \"orphan\" } ~ { }", "")]
    [InlineData("{ } > { } > { name = \"b\" }", "34")]
    [InlineData("{ name = \"a\" } && { name = \"c\" }", "25")]
    [InlineData("{ name = \"a\" } && { name = \"z\" }", "")]
    [InlineData("{ name = \"a\" } || { name = \"z\" }", "2")]
    [InlineData("({ } | count() > 5) && ({ name = \"a\" })", "123456")]
    public void A_relation_keeps_the_spans_that_have_it(string query, string spans) => Matches(query, spans);

    [Theory]
    [InlineData("{ name = \"b\" } | { status = error }", "3")]
    [InlineData("{ } | count() = 6", "123456")]
    [InlineData("{ } | count() > 6", "")]
    [InlineData("{ } | by(resource.service.name)", "12,34,56")]
    [InlineData("{ } | by(.n)", "1,2,3,456")]
    [InlineData("{ } | by(resource.service.name) | { status = error }", "3")]
    [InlineData("{ } | by(name) | count() > 1", "34")]
    [InlineData("{ } | by(resource.service.name) | coalesce() | count() = 6", "123456")]
    [InlineData("{ } | avg(.n) > 2.1", "123456")]
    [InlineData("{ } | sum(.n) = 6.5", "123456")]
    [InlineData("{ } | by(resource.service.name) | max(.n) >= 2.5", "12,34")]   // mail has no n
    [InlineData("{ } | min(duration) = 1ns", "123456")]
    [InlineData("{ } | select(.n)", "123456")]
    public void A_pipeline_maps_spansets(string query, string spans) => Matches(query, spans);

    private static void Matches(string query, string spans)
    {
        var parsed = (SearchQuery)TraceQl.Parse(query).Query!;
        Assert.NotNull(parsed);
        Assert.Equal(spans, string.Join(',', new Interpreter(Trace).Search(parsed.Pipeline).Select(set => string.Concat(set.Spans.Select(span => span.SpanId)))));
    }

    [Fact]
    public void What_stages_find_out_is_told()
    {
        var query = (SearchQuery)TraceQl.Parse("{ } | by(resource.service.name) | count() > 1 | avg(.n) > 0").Query!;
        Assert.Equal("by(resource.service.name)=\"cart\" count()=2 avg(.n)=1.75", string.Join(' ', new Interpreter(Trace).Search(query.Pipeline)[0].Attributes.Select(item => $"{item.Name}={item.Value}")));
    }
}
