namespace Waybill.Engine;

public sealed class EngineAddressTests
{
    [Fact]
    public void Reads_credentials_and_database_and_never_shows_the_password()
    {
        var address = EngineAddress.Parse("https://way%40bill:p%3A%2Fss@clickhouse.example:8443/traces");
        Assert.Equal(("way@bill", "p:/ss", "traces", "https://clickhouse.example:8443/"), (address.User, address.Password, address.Database, address.Endpoint.ToString()));
        Assert.Equal("https://clickhouse.example:8443/traces", address.ToString());
    }

    [Theory]
    [InlineData("clickhouse:8443")]
    [InlineData("ftp://clickhouse/")]
    [InlineData("https://user:secret@host/a/b")]
    [InlineData("https://user:secret@host/?password=secret")]
    [InlineData("http://user:secret@host.example:8123/")]
    public void Refuses_what_it_cannot_use_without_showing_the_password(string url)
    {
        var error = Assert.Throws<FormatException>(() => EngineAddress.Parse(url));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_in_clear_is_accepted_on_loopback() => Assert.Equal("u", EngineAddress.Parse("http://u:p@127.0.0.1:8123").User);
}
