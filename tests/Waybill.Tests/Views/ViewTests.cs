namespace Waybill.Views;

public sealed class ViewTests
{
    [Theory]
    [InlineData("/search?q=%7B%20status%20%3D%20error%20%7D&since=3h")]
    [InlineData("/")]
    [InlineData("/?since=1h")]
    [InlineData("/traces/0af7651916cd43dd8448eb211c80319c?view=flame")]
    [InlineData("/map?at=1764000000000&only=orders")]
    public void An_address_within_the_console_can_be_saved(string address) => Assert.Null(View.Wrong("Failed orders", address));

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData("https://evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\\evil.example")]
    [InlineData("/search?q=<script>")]
    [InlineData("/../api/session")]
    [InlineData("/search?q=1#x\n")]
    [InlineData("search")]
    [InlineData("")]
    [InlineData(null)]
    public void What_leads_anywhere_else_cannot(string? address) => Assert.Equal("address", View.Wrong("x", address)?.Parameter);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(null)]
    public void A_view_has_a_name(string? name)
    {
        Assert.Equal("name", View.Wrong(name, "/")?.Parameter);
        Assert.Equal("name", View.Wrong(new string('x', View.NameCharsMax + 1), "/")?.Parameter);
    }

    [Fact]
    public void A_view_is_seen_by_who_saved_it_and_a_shared_one_by_all_of_its_tenant()
    {
        var mine = new View("view-1", "acme", "x", "/", "ada", Shared: false, 0);
        Assert.Equal([true, false, false], [mine.IsSeenBy("acme", "ada"), mine.IsSeenBy("acme", "bob"), mine.IsSeenBy("other", "ada")]);
        var shared = mine with { Shared = true };
        Assert.Equal([true, false], [shared.IsSeenBy("acme", "bob"), shared.IsSeenBy("other", "bob")]);
    }
}
