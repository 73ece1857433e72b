using Waybill.Causes;

namespace Waybill.Tests.Causes;

public sealed class AttributeContrastTests
{
    private static readonly Finding Failing = new("errors", "failing", "orders", 0.9, 1, "failures begin in POST /orders");

    [Fact]
    public void The_customer_whose_requests_fail_is_told_from_the_others()
    {
        var finding = Find(bad: i => [("tenant.id", "acme"), ("http.route", "/orders"), ("request", $"{i}")], good: i => [("tenant.id", i % 50 == 0 ? "acme" : "other"), ("http.route", "/orders"), ("request", $"{i + 1000}")]);
        Assert.Equal(new AttributeValue("tenant.id", "acme"), finding?.Attribute);
        Assert.Equal("tenant.id = acme is on 100.0 % of the bad POST /orders and on 2.0 % of the others", finding!.Text);
        Assert.True(finding.Contribution < Ranking.Threshold, "A value accuses nobody by itself.");
    }

    [Fact]
    public void Values_that_tell_the_same_are_named_together()
    {
        var finding = Find(bad: _ => [("tenant.id", "acme"), ("resource.cloud.region", "eu")], good: _ => [("tenant.id", "other"), ("resource.cloud.region", "us")]);
        Assert.EndsWith(", as is tenant.id = acme", finding?.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exception.type", "DivideByZero")]
    [InlineData("http.response.status_code", "500")]
    [InlineData("resource.service.instance.id", "orders-2")]
    [InlineData("server.port", "4711")]
    public void What_follows_from_the_failure_or_names_the_place_is_no_cause(string key, string value) =>
        Assert.Null(Find(bad: _ => [(key, value)], good: _ => [(key, "other")]));

    [Fact]
    public void A_key_that_only_bad_requests_have_was_written_because_they_are_bad() =>
        Assert.Null(Find(bad: _ => [("fallback", "used")], good: i => i < 3 ? [("fallback", "unused")] : []));

    [Fact]
    public void Chance_among_many_values_is_no_news()
    {
        var random = new Random(7);
        Assert.Null(Find(bad: _ => Coins(), good: _ => Coins()));

        (string, string)[] Coins() => [.. Enumerable.Range(0, 200).Select(i => ($"coin.{i}", random.Next(2) == 0 ? "head" : "tail"))];
    }

    [Fact]
    public void A_name_of_an_instance_is_left_to_the_instances() => Assert.Null(Find(bad: _ => [("shard", "orders-7")], good: _ => [("shard", "orders-8")]));

    private static Finding? Find(Func<int, (string, string)[]> bad, Func<int, (string, string)[]> good) => AttributeContrast.Find(
        new Contrast(Failing, "POST /orders", [.. Enumerable.Range(0, 40)], [.. Enumerable.Range(40, 100)]),
        [.. Enumerable.Range(0, 40).Select(i => bad(i).ToHashSet())], [.. Enumerable.Range(0, 100).Select(i => good(i).ToHashSet())], name => name.StartsWith("orders-", StringComparison.Ordinal));
}
