using Waybill.Batches;
using Waybill.Causes;
using Waybill.Comparisons;
using Waybill.Spans;

namespace Waybill.Tests.Comparisons;

public sealed class AttributeDifferencesTests
{
    private static readonly Dictionary<ulong, ResourceNames> Resources = new()
    {
        [1] = new("", "", "", new Dictionary<string, string> { ["s:service.name"] = "orders", ["s:service.version"] = "1.4.0" }),
        [2] = new("", "", "", new Dictionary<string, string> { ["s:service.name"] = "orders", ["s:service.version"] = "1.4.1" }),
    };

    [Fact]
    public void Shares_of_values_of_spans_and_their_resources_are_compared_and_examples_are_of_the_side_that_has_more()
    {
        var found = Of(i => Span(i, resource: 2, ("s:tenant.id", "acme")), i => Span(i + 500, resource: 1, ("s:tenant.id", i % 10 == 0 ? "acme" : $"t{i}")));
        var tenant = Assert.Single(found, d => d.Key == "tenant.id");
        Assert.Equal(("attribute", "share", "acme", 1.0, 0.1), (tenant.Kind, tenant.Measure, tenant.Value, tenant.ARatio, tenant.BRatio));
        Assert.All(tenant.Traces!, trace => Assert.StartsWith("0000", trace, StringComparison.Ordinal));
        Assert.Contains(found, d => d is { Key: "resource.service.version", Value: "1.4.1", ARatio: 1, BRatio: 0 });
        Assert.DoesNotContain(found, d => d.Value == "orders");
    }

    [Fact]
    public void Numbers_of_many_values_are_compared_by_size()
    {
        var number = Assert.Single(Of(i => Span(i, 1, ("i:cart.items", $"{50 + i}")), i => Span(i, 1, ("i:cart.items", $"{1 + i % 30}"))));
        Assert.Equal(("cart.items", "value", 1.0), (number.Key, number.Measure, number.Effect));
        Assert.Null(number.ARatio);
    }

    [Fact]
    public void What_the_sides_were_told_apart_by_is_no_difference() =>
        Assert.Empty(Of(i => Span(i, 1, ("s:tenant.id", "acme")), i => Span(i, 1, ("s:tenant.id", "other")), "tenant.id"));

    private static List<Difference> Of(Func<int, ComparedSpan> a, Func<int, ComparedSpan> b, params string[] chosen) =>
        new AttributeDifferences(Resources, "a", "b").Of([.. Enumerable.Range(0, 100).Select(a)], [.. Enumerable.Range(0, 200).Select(b)], withPlace: true, chosen.ToHashSet());

    private static ComparedSpan Span(int trace, ulong resource, params (string, string)[] attributes) =>
        new(TraceId.TryParse(trace.ToString("x32", System.Globalization.CultureInfo.InvariantCulture), out var id) ? id : default, 0, 1, false, "orders", "POST /orders", SpanKind.Server, resource, attributes);
}
